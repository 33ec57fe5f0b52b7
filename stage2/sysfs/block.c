/*
 * Block devices. All lie below devices/virtual/block, a partition within its disk; a key's object
 * is the device's number.
 */
#include "fs/dev/block.h"
#include "abi/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "sysfs/files.h"

#define PLACE "devices/virtual/block/"

/* With a reference to its vnode. -ENODEV: it has gone. */
static int block_of_key(const struct synth_key *key, struct block **block)
{
	*block = block_find(key->object);
	return *block ? 0 : -ENODEV;
}

/* A file that is a value of `block`, or of its disk. */
#define BLOCK_VALUE(what, format, value)                                                           \
	static int what(const struct synth_key *key, struct synth_text *text)                      \
	{                                                                                          \
		struct block *block;                                                               \
		int err = block_of_key(key, &block);                                               \
                                                                                                   \
		if (err)                                                                           \
			return err;                                                                \
		synth_print(text, format "\n", value);                                             \
		vnode_put(&block->vnode);                                                          \
		return 0;                                                                          \
	}
BLOCK_VALUE(size_read, "%lu", block->sectors)
BLOCK_VALUE(start_read, "%lu", block->start)
BLOCK_VALUE(partition_read, "%u", block->number)
BLOCK_VALUE(ro_read, "%d", block_read_only(block))
BLOCK_VALUE(block_bytes_read, "%u", block->disk->block_bytes)
BLOCK_VALUE(segments_read, "%u", block->disk->max_segments)
BLOCK_VALUE(request_kib_read, "%lu", block->disk->max_bytes / 1024)
BLOCK_VALUE(discard_max_read, "%lu", block->disk->discard_max *BLK_SECTOR_BYTES)
BLOCK_VALUE(discard_unit_read, "%u", block->disk->discard_max ? block->disk->block_bytes : 0)
BLOCK_VALUE(cache_read, "%s", block->disk->cached ? "write back" : "write through")
BLOCK_VALUE(read_ahead_read, "%d", PAGE_CACHE_BATCH *PAGE_SIZE / 1024)
SYSFS_VALUE(none_read, "%d", 0)
SYSFS_VALUE(rotational_read, "%d", 1) /* nobody says that it is not */
SYSFS_VALUE(scheduler_read, "%s", "[none]")
SYSFS_VALUE(zoned_read, "%s", "none")

static int number_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "%u:%u\n", rdev_major(key->object), rdev_minor(key->object));
	return 0;
}

static int block_stat_read(const struct synth_key *key, struct synth_text *text)
{
	struct block *block;
	int err = block_of_key(key, &block);

	if (err)
		return err;
	block_stats_print(text, block->disk);
	vnode_put(&block->vnode);
	return 0;
}

static int uevent_read(const struct synth_key *key, struct synth_text *text)
{
	struct block *block;
	int err = block_of_key(key, &block);

	if (err)
		return err;
	synth_print(text, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVTYPE=%s\n", rdev_major(block->rdev),
		rdev_minor(block->rdev), block->name, block->number ? "partition" : "disk");
	if (block->number)
		synth_print(text, "PARTN=%u\n", block->number);
	vnode_put(&block->vnode);
	return 0;
}

/* ---- the things ----------------------------------------------------------------------------- */

#define COMMON_ENTRIES                                                                             \
	FILE_ENTRY("alignment_offset", 0444, none_read), FILE_ENTRY("dev", 0444, number_read),     \
		FILE_ENTRY("ro", 0444, ro_read), FILE_ENTRY("size", 0444, size_read),              \
		FILE_ENTRY("uevent", 0444, uevent_read)

static int subsystem_of_partition_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "../../../../../class/block");
	return 0;
}

static int subsystem_of_disk_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "../../../../class/block");
	return 0;
}

static const struct synth_entry partition_entries[] = {
	COMMON_ENTRIES,
	FILE_ENTRY("partition", 0444, partition_read),
	FILE_ENTRY("start", 0444, start_read),
	LINK_ENTRY("subsystem", subsystem_of_partition_read),
	{ .name = NULL },
};
static const struct synth_entry partition_directory = DIR_ENTRY("vdaN", partition_entries);

static const struct synth_entry queue_entries[] = {
	FILE_ENTRY("discard_granularity", 0444, discard_unit_read),
	FILE_ENTRY("discard_max_bytes", 0444, discard_max_read),
	FILE_ENTRY("hw_sector_size", 0444, block_bytes_read),
	FILE_ENTRY("logical_block_size", 0444, block_bytes_read),
	FILE_ENTRY("max_sectors_kb", 0444, request_kib_read),
	FILE_ENTRY("max_segments", 0444, segments_read),
	FILE_ENTRY("minimum_io_size", 0444, block_bytes_read),
	FILE_ENTRY("optimal_io_size", 0444, none_read),
	FILE_ENTRY("physical_block_size", 0444, block_bytes_read),
	FILE_ENTRY("read_ahead_kb", 0444, read_ahead_read),
	FILE_ENTRY("rotational", 0444, rotational_read),
	FILE_ENTRY("scheduler", 0444, scheduler_read),
	FILE_ENTRY("write_cache", 0444, cache_read),
	FILE_ENTRY("zoned", 0444, zoned_read),
	{ .name = NULL },
};
static const struct synth_entry no_entries[] = { { .name = NULL } };

/* The index-th of those that are wanted, with a reference: of a disk's partitions; of disks (disk
 * NULL). */
static struct block *choose(const struct blk_device *disk, unsigned index)
{
	struct block *block;

	for (unsigned i = 0; (block = block_at(i)) != NULL; i++) {
		bool wanted = disk ? block->disk == disk && block->number : !block->number;

		if (wanted && index-- == 0)
			return block;
		vnode_put(&block->vnode);
	}
	return NULL;
}

/* Takes over the reference. False: NULL. */
static bool tell(struct block *block, char *name, struct synth_key *key)
{
	if (!block)
		return false;
	strlcpy(name, block->name, sizeof(block->name));
	*key = (struct synth_key){ .object = block->rdev };
	vnode_put(&block->vnode);
	return true;
}

static bool partition_at(
	const struct synth_key *dir, unsigned index, char *name, struct synth_key *key)
{
	struct block *block, *partition;

	if (block_of_key(dir, &block))
		return false;
	partition = choose(block->disk, index);
	vnode_put(&block->vnode);
	return tell(partition, name, key);
}

static bool disk_at(const struct synth_key *dir, unsigned index, char *name, struct synth_key *key)
{
	return tell(choose(NULL, index), name, key);
}

SYSFS_LIST(partitions, partition_at, &partition_directory)
static const struct synth_children partitions = SYSFS_CHILDREN(partitions);

static const struct synth_entry disk_entries[] = {
	COMMON_ENTRIES,
	FILE_ENTRY("hidden", 0444, none_read),
	DIR_ENTRY("holders", no_entries),
	DIR_ENTRY("queue", queue_entries),
	FILE_ENTRY("removable", 0444, none_read),
	DIR_ENTRY("slaves", no_entries),
	FILE_ENTRY("stat", 0444, block_stat_read),
	LINK_ENTRY("subsystem", subsystem_of_disk_read),
	{ .name = NULL },
};
static const struct synth_entry disk_directory = {
	.name = "vdX",
	.mode = S_IFDIR | 0555,
	.children = disk_entries,
	.generated = &partitions,
};

SYSFS_LIST(block_disks, disk_at, &disk_directory)
const struct synth_children block_disks = SYSFS_CHILDREN(block_disks);

/* ---- links to them -------------------------------------------------------------------------- */

static int link_print(const struct synth_key *key, const char *up, struct synth_text *text)
{
	struct block *block;
	int err = block_of_key(key, &block);

	if (err)
		return err;
	synth_print(text, "%s" PLACE "%s", up, block->disk->name);
	if (block->number)
		synth_print(text, "/%s", block->name);
	vnode_put(&block->vnode);
	return 0;
}

static int near_link_read(const struct synth_key *key, struct synth_text *text)
{
	return link_print(key, "../", text);
}

static int far_link_read(const struct synth_key *key, struct synth_text *text)
{
	return link_print(key, "../../", text);
}

static const struct synth_entry near_link = LINK_ENTRY("vdX", near_link_read);
static const struct synth_entry far_link = LINK_ENTRY("vdX", far_link_read);

static bool any_at(const struct synth_key *dir, unsigned index, char *name, struct synth_key *key)
{
	return tell(block_at(index), name, key);
}

static bool number_at(
	const struct synth_key *dir, unsigned index, char *name, struct synth_key *key)
{
	if (!tell(block_at(index), name, key))
		return false;
	snprintf(name, sizeof(((struct synth_child *)0)->name), "%u:%u", rdev_major(key->object),
		rdev_minor(key->object));
	return true;
}

SYSFS_LIST(block_links, disk_at, &near_link)
const struct synth_children block_links = SYSFS_CHILDREN(block_links);
SYSFS_LIST(block_class_links, any_at, &far_link)
const struct synth_children block_class_links = SYSFS_CHILDREN(block_class_links);
SYSFS_LIST(block_number_links, number_at, &far_link)
const struct synth_children block_number_links = SYSFS_CHILDREN(block_number_links);
