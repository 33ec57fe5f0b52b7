#ifndef FS_DEV_BLOCK_H
#define FS_DEV_BLOCK_H
/*
 * Block devices as files: each disk, and each partition of one, is an object with a page cache of
 * its own. What goes through one of them is seen through another only once it was written, and read
 * anew: with the last one who has it open, a device is written back and forgotten.
 *
 * Partitions are looked for when a disk is first asked for, and again by BLKRRPART.
 */
#include <stdbool.h>
#include <stdint.h>

#include "dev/blk.h"
#include "fs/page_cache.h"
#include "fs/vnode.h"
#include "lib/compiler.h"

struct block {
	struct vnode vnode; /* not of any tree: its pages and their lock */
	struct page_cache pages;
	struct blk_device *disk; /* [I] */
	uint64_t rdev;           /* [I] */
	unsigned number;         /* [I] of the partition; 0: the whole disk */
	uint64_t start, sectors; /* [I] of 512 bytes */
	char name[24];           /* [I] "vda1" */
	bool guarded;            /* [a] BLKROSET: nobody may write to it */
	struct list_head link;   /* [blocks' lock] all, by disk and number */
	unsigned opens;          /* [blocks' lock] */
	struct file *claim;      /* [blocks' lock] who opened it with O_EXCL; NULL: nobody */
};

/* By device number, by index; with a reference to its vnode; NULL: there is none. Disks that have
 * come are looked for partitions. Sleep. */
struct block *block_find(uint64_t rdev);
struct block *block_at(unsigned index);

/* Nobody may write to it, be it so itself or the whole disk. */
bool block_read_only(const struct block *block);

/* Operations of an open block device; a file with them is being opened: -ENXIO, -EBUSY (O_EXCL). */
extern const struct file_ops block_file_ops;
__must_check int block_open(struct file *file);
/* The file's device is open once less. */
void block_close(struct file *file);

static inline struct block *block_of(struct file *file)
{
	return file->data;
}

/* Write what is dirty and flush the device's cache. What could not be written is in pages.errors;
 * -EIO: the flush failed. Sleeps. */
int block_sync(struct block *block, uint64_t first, uint64_t last);
/* All block devices: sync(2). */
void block_sync_all(void);
/* The figures of a line of diskstats, without its device. */
struct synth_text;
void block_stats_print(struct synth_text *text, struct blk_device *disk);
/* Pages that they have in memory. Sleeps. */
uint64_t block_cached_pages(void);
/* Read the partition table again; its device is a whole disk's. -EBUSY: a partition is in use;
 * -EIO, -EINVAL. Sleeps. */
__must_check int block_scan_again(struct block *block);

#endif
