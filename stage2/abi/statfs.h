#ifndef ABI_STATFS_H
#define ABI_STATFS_H
/*
 * statfs(2) (asm-generic/statfs.h) and the magic numbers of file systems (linux/magic.h).
 */
#include <stdint.h>

#define TMPFS_MAGIC         0x01021994
#define PROC_MAGIC          0x9fa0
#define DEVPTS_MAGIC        0x1cd1
#define SYSFS_MAGIC         0x62656572
#define PIPEFS_MAGIC        0x50495045
#define SOCKFS_MAGIC        0x534f434b
#define ANON_INODE_FS_MAGIC 0x09041934

#define ST_RDONLY      0x0001u
#define ST_NOSUID      0x0002u
#define ST_NODEV       0x0004u
#define ST_NOEXEC      0x0008u
#define ST_SYNCHRONOUS 0x0010u
#define ST_VALID       0x0020u
#define ST_NOATIME     0x0400u
#define ST_NODIRATIME  0x0800u
#define ST_RELATIME    0x1000u
#define ST_NOSYMFOLLOW 0x2000u

struct statfs {
	int64_t f_type;
	int64_t f_bsize;
	uint64_t f_blocks;
	uint64_t f_bfree;
	uint64_t f_bavail;
	uint64_t f_files;
	uint64_t f_ffree;
	int32_t f_fsid[2];
	int64_t f_namelen;
	int64_t f_frsize;
	int64_t f_flags;
	int64_t f_spare[4];
};
_Static_assert(sizeof(struct statfs) == 120, "as Linux has it");

#endif
