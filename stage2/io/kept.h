#ifndef IO_KEPT_H
#define IO_KEPT_H
/*
 * What is told of a file besides its contents: its changes, and what is kept of a file that is in
 * no file system, a pipe or a socket.
 */
#include <stdint.h>

#include "io/cred.h"

struct stat; /* abi/stat.h */

#define ATTR_MODE  1u
#define ATTR_UID   2u
#define ATTR_GID   4u
#define ATTR_ATIME 8u
#define ATTR_MTIME 16u

struct attributes {
	uint32_t set;  /* ATTR_* */
	uint32_t mode; /* permission bits */
	uint32_t uid, gid;
	int64_t atime_ns, mtime_ns; /* since 1970 */
};

/* Members are read and written each by itself. */
struct kept_attributes {
	uint32_t mode; /* [a] type and permission bits */
	uint32_t uid, gid;
	int64_t atime_ns, mtime_ns, ctime_ns;
};

/* All times are `now_ns`. */
void kept_init(
	struct kept_attributes *kept, uint32_t mode, const struct cred *owner, int64_t now_ns);
/* Already permitted; ctime moves. */
void kept_change(struct kept_attributes *kept, const struct attributes *change);
/* Fills what it has of a stat. */
void kept_stat(const struct kept_attributes *kept, struct stat *stat);
/* Seconds and nanoseconds of a time since 1970; also of one before. */
void time_split(int64_t ns, int64_t *sec, uint64_t *nsec);

#endif
