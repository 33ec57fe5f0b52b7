/*
 * Disks and their partitions: the objects, how their pages are read and written, and who has them
 * open.
 *
 * Disks come and stay; the objects of partitions go when the table is read again. One mutex guards
 * the list; it is held while a table is read, but not while pages are written.
 */
#include "fs/dev/block.h"

#include "abi/errno.h"
#include "abi/fcntl.h"
#include "arch/memory_map.h"
#include "core/log.h"
#include "fs/dev/device.h"
#include "fs/dev/partition.h"
#include "fs/superblock.h"
#include "fs/vnode_file.h"
#include "fs/writeback.h"
#include "lib/errseq.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"

#define PARTITIONS_MAX   15
#define SCATTERED_PAGES  4
#define SECTORS_PER_PAGE (PAGE_SIZE / BLK_SECTOR_BYTES)
#define READ_REQUESTS    4

static struct {
	struct mutex lock;    /* RANK_FS_DEVICE */
	struct list_head all; /* [lock] struct block.link; a reference each */
	unsigned disks;       /* [lock; read without] so many of the registry's are in it */
	struct superblock sb; /* whose vnodes they are: mounted nowhere */
} blocks = {
	.lock = MUTEX_INIT(blocks.lock, "block devices", RANK_FS_DEVICE),
	.all = LIST_INIT(blocks.all),
};

static struct block *block_of_cache(struct page_cache *cache)
{
	return container_of(cache, struct block, pages);
}

/* ---- pages ---------------------------------------------------------------------------------- */

static uint64_t block_stored(struct page_cache *cache, uint64_t index)
{
	return DIV_ROUND_UP(block_of_cache(cache)->sectors, SECTORS_PER_PAGE) - index;
}

/* A page's part of the device, which may end within it. */
static void batch_add_page(struct blk_batch *batch, const struct block *block,
	const struct frame *frame, uint64_t index)
{
	uint64_t sector = index * SECTORS_PER_PAGE;
	uint64_t sectors = min(block->sectors - sector, (uint64_t)SECTORS_PER_PAGE);

	blk_batch_add(batch, block->start + sector, frame, (uint32_t)sectors << BLK_SECTOR_SHIFT);
}

static int block_read_pages(
	struct page_cache *cache, uint64_t index, struct frame **frames, unsigned count)
{
	struct block *block = block_of_cache(cache);
	struct blk_batch *batch = blk_batch_create(READ_REQUESTS, PAGE_CACHE_BATCH);
	size_t tail = (block->sectors << BLK_SECTOR_SHIFT) % PAGE_SIZE;
	int err;

	if (!batch)
		return -ENOMEM;
	blk_batch_begin(batch, block->disk, BLK_READ);
	for (unsigned i = 0; i < count; i++) {
		if (block_stored(cache, index + i) == 1 && tail)
			memset((char *)frame_virt(frames[i]) + tail, 0, PAGE_SIZE - tail);
		batch_add_page(batch, block, frames[i], index + i);
	}
	err = blk_batch_end(batch);
	kfree(batch);
	return err ? -EIO : 0;
}

static int block_write_pages(
	struct page_cache *cache, struct frame **frames, unsigned count, struct blk_batch *io)
{
	struct block *block = block_of_cache(cache);

	blk_batch_begin(io, block->disk, BLK_WRITE);
	for (unsigned i = 0; i < count; i++)
		batch_add_page(io, block, frames[i], frames[i]->cache.index);
	return blk_batch_end(io) ? -EIO : 0;
}

static const struct page_cache_ops block_cache_ops = {
	.stored = block_stored,
	.read = block_read_pages,
	.write = block_write_pages,
	.scattered_batch = SCATTERED_PAGES,
};

int block_sync(struct block *block, uint64_t first, uint64_t last)
{
	writeback_range(&block->pages, first, last);
	return blk_flush(block->disk) ? -EIO : 0;
}

/* ---- objects -------------------------------------------------------------------------------- */

static void block_destroy(struct vnode *vnode)
{
	page_cache_destroy(vnode->pages);
	kfree(container_of(vnode, struct block, vnode));
}

static const struct vnode_ops block_vnode_ops = { .destroy = block_destroy };

static void sb_destroy(struct superblock *sb)
{
}

static const struct superblock_ops sb_ops = { .destroy = sb_destroy };

/* A partition's name is its disk's and the number, with a p between two digits. */
static void block_name(struct block *block)
{
	const char *disk = block->disk->name;
	char last = disk[strlen(disk) - 1];

	if (block->number == 0)
		strlcpy(block->name, disk, sizeof(block->name));
	else
		snprintf(block->name, sizeof(block->name), "%s%s%u", disk,
			last >= '0' && last <= '9' ? "p" : "", block->number);
}

static int block_create(struct blk_device *disk, unsigned number, uint64_t start, uint64_t sectors)
{
	const struct node_spec spec = { .mode = S_IFBLK | 0600 };
	struct block *block = kzalloc(sizeof(*block));

	if (!block)
		return -ENOMEM;
	vnode_init(&block->vnode, &block_vnode_ops, &blocks.sb, &spec, disk->rdev + number);
	page_cache_init(&block->pages, &block_cache_ops, &block->vnode);
	block->vnode.pages = &block->pages;
	block->vnode.size = sectors << BLK_SECTOR_SHIFT;
	block->disk = disk;
	block->number = number;
	block->rdev = disk->rdev + number;
	block->start = start;
	block->sectors = sectors;
	block_name(block);
	list_add_tail(&block->link, &blocks.all);
	return 0;
}

struct disk_source {
	struct partition_source source;
	struct blk_device *disk;
};

static int source_read(struct partition_source *source, uint64_t sector, void *buf, size_t bytes)
{
	struct blk_device *disk = container_of(source, struct disk_source, source)->disk;

	return blk_read(disk, sector, buf, bytes) ? -EIO : 0;
}

/* Objects for the partitions, at the end of the list. Lock held. */
static int partitions_add_locked(struct blk_device *disk)
{
	struct disk_source source = {
		.source = { .read = source_read,
			.sectors = disk->sectors,
			.block_bytes = disk->block_bytes },
		.disk = disk,
	};
	struct partition found[PARTITIONS_MAX];
	unsigned max = min(disk->partitions_max, (unsigned)PARTITIONS_MAX);
	int err = partitions_find(&source.source, found, max);

	for (unsigned i = 0; !err && i < max; i++)
		if (found[i].sectors > 0)
			err = block_create(disk, i + 1, found[i].start, found[i].sectors);
	return err;
}

/* Disks that have come since. */
static void disks_add_locked(void)
{
	struct blk_device *disk;

	while ((disk = blk_at(blocks.disks)) != NULL) {
		if (blocks.disks == 0)
			superblock_init(&blocks.sb, &sb_ops, "bdev");
		if (block_create(disk, 0, 0, disk->sectors))
			return; /* the next who asks tries again */
		WRITE_ONCE(blocks.disks, blocks.disks + 1);
		if (partitions_add_locked(disk))
			log_warn("%s: its partition table cannot be read", disk->name);
	}
}

static void blocks_lock(void)
{
	mutex_lock(&blocks.lock);
	disks_add_locked();
}

static void blocks_unlock(void)
{
	mutex_unlock(&blocks.lock);
}

/* By number, or, where that is NULL, by index; without a reference. Lock held. */
static struct block *search_locked(const uint64_t *rdev, unsigned index)
{
	struct block *block;

	list_for_each(block, &blocks.all, link) {
		if (rdev ? block->rdev == *rdev : index-- == 0)
			return block;
	}
	return NULL;
}

static struct block *search(const uint64_t *rdev, unsigned index)
{
	struct block *block;

	blocks_lock();
	block = search_locked(rdev, index);
	if (block)
		vnode_get(&block->vnode);
	blocks_unlock();
	return block;
}

struct block *block_find(uint64_t rdev)
{
	return search(&rdev, 0);
}

struct block *block_at(unsigned index)
{
	return search(NULL, index);
}

uint64_t block_cached_pages(void)
{
	struct block *block;
	uint64_t sum = 0;

	mutex_lock(&blocks.lock); /* disks that nobody has asked for have none */
	list_for_each(block, &blocks.all, link)
		sum += READ_ONCE(block->pages.pages);
	mutex_unlock(&blocks.lock);
	return sum;
}

void block_sync_all(void)
{
	struct block *block;

	for (unsigned i = 0; (block = block_at(i)) != NULL; i++) {
		(void)block_sync(block, 0, UINT64_MAX);
		vnode_put(&block->vnode);
	}
}

/* ---- open and close ---------------------------------------------------------------------- */

int block_open(struct file *file)
{
	struct block *block;
	int err = 0;

	blocks_lock();
	block = search_locked(&file->vnode->rdev, 0);
	if (!block)
		err = -ENXIO;
	else if ((file->flags & O_EXCL) && block->claim)
		err = -EBUSY;
	if (!err) {
		vnode_get(&block->vnode);
		block->opens++;
		if (file->flags & O_EXCL)
			block->claim = file;
		file->data = block;
		file->mark = errseq_mark(&block->pages.errors);
	}
	blocks_unlock();
	return err;
}

void block_close(struct file *file)
{
	struct block *block = block_of(file);

	/* Who comes in between has it open, and nothing is forgotten. */
	if (READ_ONCE(block->opens) == 1)
		writeback_range(&block->pages, 0, UINT64_MAX);
	mutex_lock(&blocks.lock);
	if (block->claim == file)
		block->claim = NULL;
	if (--block->opens == 0)
		page_cache_forget(&block->pages, 0, UINT64_MAX);
	mutex_unlock(&blocks.lock);
	vnode_put(&block->vnode);
}

/* ---- BLKRRPART ------------------------------------------------------------------------------ */

static bool partition_in_use_locked(const struct blk_device *disk)
{
	struct block *block;

	list_for_each(block, &blocks.all, link) {
		if (block->disk == disk && block->number > 0 && block->opens > 0)
			return true;
	}
	return false;
}

/* All partitions of the disk leave the list. */
static void partitions_take_locked(const struct blk_device *disk, struct list_head *taken)
{
	struct block *block, *next;

	list_for_each_safe(block, next, &blocks.all, link) {
		if (block->disk == disk && block->number > 0) {
			list_del(&block->link);
			list_add_tail(&block->link, taken);
		}
	}
}

/* Nodes of those that are not there any more. */
static void nodes_remove(struct list_head *taken)
{
	struct block *block, *next, *now;

	list_for_each_safe(block, next, taken, link) {
		now = block_find(block->rdev);
		if (now)
			vnode_put(&now->vnode);
		else
			devfs_remove(NULL, block->name);
		list_del(&block->link);
		vnode_put(&block->vnode);
	}
}

int block_scan_again(struct block *block)
{
	struct list_head taken = LIST_INIT(taken);
	int err = block_sync(block, 0, UINT64_MAX);

	if (err || block->number > 0)
		return err ? err : -EINVAL;
	blocks_lock();
	if (partition_in_use_locked(block->disk)) {
		err = -EBUSY;
	} else {
		partitions_take_locked(block->disk, &taken);
		err = partitions_add_locked(block->disk);
	}
	blocks_unlock();
	nodes_remove(&taken);
	return err;
}
