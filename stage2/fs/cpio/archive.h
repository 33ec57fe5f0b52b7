#ifndef FS_CPIO_ARCHIVE_H
#define FS_CPIO_ARCHIVE_H
/*
 * Where the root archive's bytes are: in memory, where the loader or the hypervisor put them, or on
 * a disk.
 */
#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

struct blk_device;
struct frame;

struct archive {
	uint64_t bytes;          /* [I] */
	paddr_t memory;          /* [I] in memory: where; 0: on the disk */
	struct blk_device *disk; /* [I] NULL: in memory */
	uint64_t disk_offset;    /* [I] bytes, a multiple of the sector */
};

/* Copy out; [offset, offset + bytes) must lie in the archive (-EINVAL). -EIO, -ENOMEM. Sleeps. */
__must_check int archive_read(
	const struct archive *archive, uint64_t offset, void *buf, size_t bytes);

/* Fill frames with `bytes` from `offset` on, and with zeros behind them. -EIO, -ENOMEM, -EINVAL.
 * Sleeps. */
__must_check int archive_read_frames(const struct archive *archive, uint64_t offset,
	struct frame **frames, unsigned count, uint64_t bytes);

/* The frame in which a whole page of the archive lies; NULL: not in memory, or not aligned. */
struct frame *archive_frame(const struct archive *archive, uint64_t offset);

#endif
