#ifndef PROCFS_FILES_H
#define PROCFS_FILES_H
/*
 * The tables of /proc's parts, for the table of the root; and what their files share.
 */
#include <stdint.h>

#include "fs/synth/synth.h"
#include "lib/compiler.h"

struct aspace;
struct proc;

typedef int procfs_read(const struct synth_key *key, struct synth_text *text);

/* system.c */
procfs_read version_read, cmdline_of_kernel_read, filesystems_read, kmsg_read, uptime_read,
	swaps_read, modules_read, loadavg_read, stat_of_system_read, cpuinfo_read, interrupts_read,
	ioports_read, iomem_read, devices_read;
/* process.c: the directories of processes */
extern const struct synth_children process_children;
procfs_read self_read, thread_self_read;
/* status.c */
procfs_read stat_read, status_read, comm_read, limits_read;
int comm_write(const struct synth_key *key, const char *text, size_t bytes);
/* space.c */
procfs_read maps_read, statm_read, cmdline_read, environ_read, auxv_read;
#define NAME_COLUMN 73 /* of maps: where names begin */
/* The line of an area in maps and smaps; path: PATH_MAX bytes of room. The aspace's lock is held.
 */
struct vm_area;
void area_print(const struct vm_area *area, char *path, struct synth_text *text);
/* Its address space with a reference; *aspace NULL: it has none any more. -ESRCH. */
__must_check int space_get(const struct synth_key *key, struct aspace **aspace);
/* smaps.c */
procfs_read smaps_read, smaps_rollup_read;
/* memory_file.c: mem */
ssize_t mem_read_at(const struct synth_key *key, struct iter *iter, uint64_t *pos);
ssize_t mem_write_at(const struct synth_key *key, struct iter *iter, uint64_t *pos);
/* oom.c */
procfs_read oom_score_read, oom_score_adj_read;
int oom_score_adj_write(const struct synth_key *key, const char *text, size_t bytes);
/* descriptors.c */
extern const struct synth_children descriptor_children, descriptor_info_children;
/* mounts.c */
procfs_read mounts_read, mountinfo_read, mountstats_read;
/* disks.c */
procfs_read partitions_read, diskstats_read;
/* memory.c */
procfs_read meminfo_read, vmstat_read, frames_read, slabinfo_read;
/* sysvipc.c: /proc/sysvipc */
extern const struct synth_entry sysvipc_entries[];
/* net.c: /proc/net */
extern const struct synth_entry net_entries[];
/* sysctl.c: /proc/sys */
extern const struct synth_entry sysctl_entries[];

/* Pages of an address space. */
struct space_sizes {
	uint64_t total, locked, resident, anonymous, resident_peak;
	uint64_t stack, data, code, libraries;
};
/* -ESRCH: the process has none any more; all are 0 then. Sleeps. */
int space_sizes(struct proc *proc, struct space_sizes *sizes);

/* A decimal number, blanks and a newline around it allowed. -EINVAL. */
__must_check int number_from_text(const char *text, uint64_t *number);

#endif
