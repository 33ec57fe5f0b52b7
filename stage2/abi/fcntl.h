#ifndef ABI_FCNTL_H
#define ABI_FCNTL_H
/*
 * open(2), the *at calls, fcntl(2), lseek(2), rename(2), access(2), fallocate(2): flags as Linux
 * has them on x86-64 (asm-generic/fcntl.h, linux/fcntl.h, linux/fs.h).
 */
#include <stdint.h>

#define O_ACCMODE     00000003u
#define O_RDONLY      00000000u
#define O_WRONLY      00000001u
#define O_RDWR        00000002u
#define O_CREAT       00000100u
#define O_EXCL        00000200u
#define O_NOCTTY      00000400u
#define O_TRUNC       00001000u
#define O_APPEND      00002000u
#define O_NONBLOCK    00004000u
#define O_DSYNC       00010000u
#define O_ASYNC       00020000u
#define O_DIRECT      00040000u
#define O_LARGEFILE   00100000u
#define O_DIRECTORY   00200000u
#define O_NOFOLLOW    00400000u
#define O_NOATIME     01000000u
#define O_CLOEXEC     02000000u
#define O_SYNC        04010000u
#define O_PATH        010000000u
#define O_TMPFILE     020200000u
#define O_TMPFILE_BIT 020000000u

/* openat2(2), linux/openat2.h */
#define RESOLVE_NO_XDEV       0x01u
#define RESOLVE_NO_MAGICLINKS 0x02u
#define RESOLVE_NO_SYMLINKS   0x04u
#define RESOLVE_BENEATH       0x08u
#define RESOLVE_IN_ROOT       0x10u
#define RESOLVE_CACHED        0x20u

#define OPEN_HOW_BYTES_MIN 24
struct open_how {
	uint64_t flags, mode, resolve;
};

#define AT_FDCWD            (-100)
#define AT_SYMLINK_NOFOLLOW 0x100u
#define AT_REMOVEDIR        0x200u
#define AT_EACCESS          0x200u
#define AT_SYMLINK_FOLLOW   0x400u
#define AT_NO_AUTOMOUNT     0x800u
#define AT_EMPTY_PATH       0x1000u
#define AT_STATX_SYNC_TYPE  0x6000u

#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4

#define RENAME_NOREPLACE 1u
#define RENAME_EXCHANGE  2u
#define RENAME_WHITEOUT  4u

#define SEEK_SET  0
#define SEEK_CUR  1
#define SEEK_END  2
#define SEEK_DATA 3
#define SEEK_HOLE 4

#define FALLOC_FL_KEEP_SIZE      0x01
#define FALLOC_FL_PUNCH_HOLE     0x02
#define FALLOC_FL_COLLAPSE_RANGE 0x08
#define FALLOC_FL_ZERO_RANGE     0x10
#define FALLOC_FL_INSERT_RANGE   0x20
#define FALLOC_FL_UNSHARE_RANGE  0x40

#define SYNC_FILE_RANGE_WAIT_BEFORE 1u
#define SYNC_FILE_RANGE_WRITE       2u
#define SYNC_FILE_RANGE_WAIT_AFTER  4u

#define F_DUPFD         0
#define F_GETFD         1
#define F_SETFD         2
#define F_GETFL         3
#define F_SETFL         4
#define F_GETLK         5
#define F_SETLK         6
#define F_SETLKW        7
#define F_SETOWN        8
#define F_GETOWN        9
#define F_OFD_GETLK     36
#define F_OFD_SETLK     37
#define F_OFD_SETLKW    38
#define F_DUPFD_CLOEXEC 1030
#define F_SETPIPE_SZ    1031
#define F_GETPIPE_SZ    1032
#define F_ADD_SEALS     1033
#define F_GET_SEALS     1034
#define FD_CLOEXEC      1

#define F_SEAL_SEAL         1u
#define F_SEAL_SHRINK       2u
#define F_SEAL_GROW         4u
#define F_SEAL_WRITE        8u
#define F_SEAL_FUTURE_WRITE 16u

#define MFD_CLOEXEC       1u
#define MFD_ALLOW_SEALING 2u

#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2

struct flock {
	int16_t l_type;
	int16_t l_whence;
	int64_t l_start;
	int64_t l_len;
	int32_t l_pid;
};
_Static_assert(sizeof(struct flock) == 32, "as Linux has it");

#define LOCK_SH 1
#define LOCK_EX 2
#define LOCK_NB 4
#define LOCK_UN 8

#endif
