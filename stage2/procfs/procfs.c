/*
 * /proc itself: the table of its root, and mounting it.
 */
#include "procfs/procfs.h"

#include "abi/statfs.h"
#include "fs/root.h"
#include "procfs/files.h"

static const struct synth_entry root_entries[] = {
	FILE_ENTRY("frames", 0444, frames_read),
	FILE_ENTRY("meminfo", 0444, meminfo_read),
	FILE_ENTRY("slabinfo", 0400, slabinfo_read),
	DIR_ENTRY("sys", sysctl_entries),
	{ .name = NULL },
};

static const struct synth_fs procfs = {
	.name = "proc",
	.magic = PROC_MAGIC,
	.root = DIR_ENTRY("proc", root_entries),
};

int procfs_mount(void)
{
	struct superblock *sb;
	int err = synth_create(&procfs, &sb);

	if (err)
		return err;
	err = root_mount_upon("proc", sb, "proc");
	if (err)
		superblock_put(sb);
	return err;
}
