/*
 * /proc/sys: settings. Numbers are read and written as text.
 */
#include "abi/errno.h"
#include "fs/fs.h"
#include "io/cred.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/slab.h"
#include "proc/proc.h"
#include "procfs/files.h"
#include "sched/work.h"

int number_from_text(const char *text, uint64_t *number)
{
	char digits[24];
	size_t bytes = 0;

	while (*text == ' ' || *text == '\t')
		text++;
	while (text[bytes] >= '0' && text[bytes] <= '9' && bytes < sizeof(digits) - 1)
		bytes++;
	if (bytes == 0 || strchr(" \t\n", text[bytes]) == NULL)
		return -EINVAL;
	memcpy(digits, text, bytes);
	digits[bytes] = '\0';
	return parse_u64(digits, number);
}

/* ---- vm ------------------------------------------------------------------------------------- */

#define DROP_PAGES 1
#define DROP_NAMES 2

static int drop_caches_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "0\n");
	return 0;
}

/* As on Linux 1 is pages of files, 2 names, 3 both. Here 3 is also all else that the kernel keeps
 * to be quick: what is counted as used afterwards is used. */
static int drop_caches_write(const struct synth_key *key, const char *text, size_t bytes)
{
	uint64_t what;

	if (number_from_text(text, &what) || what < DROP_PAGES || what > (DROP_PAGES | DROP_NAMES))
		return -EINVAL;
	work_flush();
	if (what & DROP_NAMES)
		fs_drop_names();
	if (what & DROP_PAGES)
		fs_drop_pages();
	kstack_drain();
	slab_drain();
	frame_drain();
	return 0;
}

static const struct synth_entry vm_entries[] = {
	{
		.name = "drop_caches",
		.mode = S_IFREG | 0644,
		.read = drop_caches_read,
		.write = drop_caches_write,
	},
	{ .name = NULL },
};

const struct synth_entry sysctl_entries[] = {
	DIR_ENTRY("vm", vm_entries),
	{ .name = NULL },
};
