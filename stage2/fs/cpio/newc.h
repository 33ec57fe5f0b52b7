#ifndef FS_CPIO_NEWC_H
#define FS_CPIO_NEWC_H
/*
 * Walking a cpio archive in the "newc" format (cpio(5), Linux's initramfs buffer format): one part
 * or several, each ended by TRAILER!!! and followed by zeros. Pure but for the reader; nothing
 * allocated.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fs/cpio/index.h"
#include "lib/compiler.h"

#define NEWC_HEADER_BYTES 110
#define NEWC_PATH_MAX     4096 /* a name with its NUL and padding */

struct newc_member {
	uint64_t part; /* counts from 0: inode numbers are one part's own */
	uint32_t ino;
	uint32_t mode, uid, gid, nlink;
	int64_t mtime;
	uint64_t size;
	uint64_t data_offset; /* in the archive */
	uint32_t dev_major, dev_minor;
	uint32_t rdev_major, rdev_minor;
	char path[NEWC_PATH_MAX]; /* NUL-terminated, without leading "/" and "./"; "" is the root */
};

struct newc_walk {
	/* Copy [offset, offset + bytes), which lies within the archive. -errno ends the walk. */
	int (*read)(struct newc_walk *walk, uint64_t offset, void *buf, size_t bytes);
	uint64_t bytes;  /* of the archive */
	uint64_t offset; /* of the next header */
	uint64_t number; /* of the next member */
	uint64_t part;
	bool in_part; /* its TRAILER!!! is still to come */
};

/* The next member. 0; 1 at the end of the archive; -EINVAL with *error filled; the reader's error.
 */
__must_check int newc_next(
	struct newc_walk *walk, struct newc_member *member, struct archive_error *error);

/* The first component of a path, without leading slashes; what follows it through *rest. bytes 0:
 * none. False where it is ".." or too long. */
bool newc_component(const char *path, const char **start, size_t *bytes, const char **rest);

#endif
