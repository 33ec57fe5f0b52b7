/*
 * /proc itself: the table of its root, and mounting it.
 */
#include "procfs/procfs.h"

#include "abi/errno.h"
#include "abi/statfs.h"
#include "fs/root.h"
#include "procfs/files.h"
#include "procfs/subject.h"

static int mounts_link_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "self/mounts");
	return 0;
}

static const struct synth_entry root_entries[] = {
	LINK_ENTRY("self", self_read),
	LINK_ENTRY("thread-self", thread_self_read),
	LINK_ENTRY("mounts", mounts_link_read),
	FILE_ENTRY("cmdline", 0444, cmdline_of_kernel_read),
	FILE_ENTRY("cpuinfo", 0444, cpuinfo_read),
	FILE_ENTRY("devices", 0444, devices_read),
	FILE_ENTRY("diskstats", 0444, diskstats_read),
	FILE_ENTRY("filesystems", 0444, filesystems_read),
	FILE_ENTRY("frames", 0444, frames_read),
	FILE_ENTRY("interrupts", 0444, interrupts_read),
	FILE_ENTRY("iomem", 0400, iomem_read),
	FILE_ENTRY("ioports", 0400, ioports_read),
	FILE_ENTRY("kmsg", 0400, kmsg_read),
	FILE_ENTRY("loadavg", 0444, loadavg_read),
	FILE_ENTRY("meminfo", 0444, meminfo_read),
	FILE_ENTRY("modules", 0444, modules_read),
	FILE_ENTRY("partitions", 0444, partitions_read),
	FILE_ENTRY("slabinfo", 0400, slabinfo_read),
	FILE_ENTRY("stat", 0444, stat_of_system_read),
	FILE_ENTRY("swaps", 0444, swaps_read),
	FILE_ENTRY("uptime", 0444, uptime_read),
	FILE_ENTRY("version", 0444, version_read),
	FILE_ENTRY("vmstat", 0444, vmstat_read),
	DIR_ENTRY("net", net_entries),
	DIR_ENTRY("sys", sysctl_entries),
	DIR_ENTRY("sysvipc", sysvipc_entries),
	{ .name = NULL },
};

static const struct synth_fs procfs = {
	.name = "proc",
	.magic = PROC_MAGIC,
	.root = {
		.name = "proc",
		.mode = S_IFDIR | 0555,
		.children = root_entries,
		.generated = &process_children,
	},
	.owner = subject_owner,
};

/* Each mount is of an instance of its own, as on Linux. */
static int procfs_instance(uint32_t flags, char *options, struct superblock **sb)
{
	int err = options[0] ? -EINVAL : synth_create(&procfs, sb);

	if (!err)
		(*sb)->flags = flags;
	return err;
}

int procfs_mount(void)
{
	static struct fs_type type = { .name = "proc", .instance = procfs_instance };
	struct superblock *sb;
	int err = synth_create(&procfs, &sb);

	if (err)
		return err;
	fs_type_add(&type);
	return root_mount_upon("proc", sb, "proc");
}
