/*
 * The books of memory, for tests: sync(2) closes them when the kernel's command line says
 * "account". A program that ends must leave every count as it was; so a test calls sync before and
 * after one and compares the lines in the log.
 *
 * "free" is all that nobody uses: in the buddy lists, in CPUs' caches, and not yet taken in.
 */
#include "sys/account.h"

#include "core/cmdline.h"
#include "core/log.h"
#include "fs/fs.h"
#include "lib/compiler.h"
#include "lib/format.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/slab.h"
#include "sched/work.h"

static void make_quiet(void)
{
	work_flush();
	fs_drop_caches();
	kstack_drain();
	slab_drain();
	frame_drain();
}

void account_log(void)
{
	static const enum frame_owner shown[] = { FRAME_IMAGE, FRAME_RECORDS, FRAME_TABLES,
		FRAME_STACK, FRAME_SLAB, FRAME_ANON, FRAME_PAGE_CACHE, FRAME_DMA };
	uint64_t counts[FRAME_OWNERS];
	char line[LOG_LINE_BYTES], word[2];
	size_t used;

	if (!cmdline_get("account", word, sizeof(word)))
		return;
	make_quiet();
	frame_check();
	frame_counts(counts);
	used = (size_t)snprintf(line, sizeof(line), "account: free=%lu",
		counts[FRAME_FREE] + counts[FRAME_CACHED] + counts[FRAME_UNTOUCHED]);
	for (unsigned i = 0; i < ARRAY_SIZE(shown); i++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, " %s=%lu",
			frame_owner_name(shown[i]), counts[shown[i]]);
	log_info("%s", line);
}
