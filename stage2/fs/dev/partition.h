#ifndef FS_DEV_PARTITION_H
#define FS_DEV_PARTITION_H
/*
 * Partition tables: the PC's (MBR, with extended partitions) and GPT (UEFI 2.10, 5). What there is
 * counts as on Linux: numbers 1 to 4 are the MBR's primary ones, 5 and above the logical ones; of a
 * GPT the number is the entry's.
 */
#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"

/* In sectors of 512 bytes. */
struct partition {
	uint64_t start, sectors; /* sectors 0: there is none of this number */
};

/* The disk. Sectors are of 512 bytes; block_bytes is the unit that tables count in. */
struct partition_source {
	/* Read whole sectors. -EIO. */
	int (*read)(struct partition_source *source, uint64_t sector, void *buf, size_t bytes);
	uint64_t sectors;
	uint32_t block_bytes; /* a power of two, 512 to 4096 */
};

/* Fill found[0 .. max): partition N is found[N - 1]. A disk without a table, or with one that is
 * damaged, has none. -EIO: it cannot be read; -ENOMEM. Sleeps. */
__must_check int partitions_find(
	struct partition_source *source, struct partition *found, unsigned max);

#endif
