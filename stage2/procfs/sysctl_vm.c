/*
 * /proc/sys/vm: memory, and writing files back.
 */
#include "arch/memory_map.h"
#include "fs/fs.h"
#include "fs/writeback.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/slab.h"
#include "net/unix/unix.h"
#include "procfs/sysctl.h"
#include "sched/thread.h"
#include "sched/work.h"
#include "vm/aspace.h"

#define DROP_PAGES 1
#define DROP_NAMES 2

static int drop_caches_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "0\n");
	return 0;
}

/* As on Linux 1 is pages of files, 2 names, 3 both. Here it is also what the dead have not yet
 * given back, and all else that the kernel keeps to be quick: what is counted as used afterwards is
 * used. */
static int drop_caches_write(const struct synth_key *key, const char *text, size_t bytes)
{
	uint64_t what;

	if (number_from_text(text, &what) || what < DROP_PAGES || what > (DROP_PAGES | DROP_NAMES))
		return -EINVAL;
	int err = thread_flush();
	if (err)
		return err;
	unix_garbage_look();
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

/* There is nowhere to swap to, so it is kept and changes nothing. */
static uint32_t swappiness = 60; /* [a] */

/* 0: promised freely, but for what could never be kept; 1: promised always. Strict accounting (2)
 * is not there. */
NUMBER_UP_TO(overcommit, aspace_overcommit, 1)
NUMBER_UP_TO(swappiness, swappiness, 200)
FIXED(max_map_count, "%d", AREAS_MAX)
FIXED(min_free, "%lu", frame_reserve_count() * (PAGE_SIZE / 1024))
FIXED(mmap_min, "%d", USER_BASE)

/* Settings of writing files back. */
#define WRITEBACK_FILE(what, setting)                                                              \
	FIXED(what, "%lu", writeback_setting(setting))                                             \
	static int what##_write(const struct synth_key *key, const char *text, size_t bytes)       \
	{                                                                                          \
		uint64_t value;                                                                    \
                                                                                                   \
		if (number_from_text(text, &value))                                                \
			return -EINVAL;                                                            \
		return writeback_set(setting, value);                                              \
	}
WRITEBACK_FILE(background_ratio, WRITEBACK_BACKGROUND)
WRITEBACK_FILE(dirty_ratio, WRITEBACK_LIMIT)
WRITEBACK_FILE(dirty_expire, WRITEBACK_EXPIRE)

const struct synth_entry sysctl_vm_entries[] = {
	NUMBER_ENTRY("dirty_background_ratio", background_ratio),
	NUMBER_ENTRY("dirty_expire_centisecs", dirty_expire),
	NUMBER_ENTRY("dirty_ratio", dirty_ratio),
	NUMBER_ENTRY("drop_caches", drop_caches),
	FIXED_ENTRY("max_map_count", max_map_count),
	FIXED_ENTRY("min_free_kbytes", min_free),
	FIXED_ENTRY("mmap_min_addr", mmap_min),
	NUMBER_ENTRY("overcommit_memory", overcommit),
	NUMBER_ENTRY("swappiness", swappiness),
	{ .name = NULL },
};
