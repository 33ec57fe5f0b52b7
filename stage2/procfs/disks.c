/*
 * Block devices: partitions, diskstats. What a partition has moved is not told apart from the whole
 * disk's: diskstats has disks alone.
 */
#include "abi/stat.h"
#include "core/clock.h"
#include "fs/dev/block.h"
#include "procfs/files.h"

int partitions_read(const struct synth_key *key, struct synth_text *text)
{
	struct block *block;

	synth_print(text, "major minor  #blocks  name\n\n");
	for (unsigned i = 0; (block = block_at(i)) != NULL; i++) {
		if (block->sectors > 0)
			synth_print(text, "%4u  %7u %10lu %s\n", rdev_major(block->rdev),
				rdev_minor(block->rdev), block->sectors / 2, block->name);
		vnode_put(&block->vnode);
	}
	return 0;
}

static const uint64_t ms_ns = NS_PER_MS;

static void stats_print(struct synth_text *text, const struct blk_stats *stats)
{
	synth_print(text, " %lu %lu %lu %lu", stats->requests, stats->merges, stats->sectors,
		stats->ns / ms_ns);
}

void disk_stats_print(struct synth_text *text, struct blk_device *disk)
{
	struct blk_figures figures;
	uint64_t all_ns = 0;

	blk_figures(disk, &figures);
	for (unsigned op = 0; op < BLK_OPS; op++)
		all_ns += figures.stats[op].ns;
	stats_print(text, &figures.stats[BLK_READ]);
	stats_print(text, &figures.stats[BLK_WRITE]);
	synth_print(
		text, " %u %lu %lu", figures.in_flight, figures.busy_ns / ms_ns, all_ns / ms_ns);
	stats_print(text, &figures.stats[BLK_DISCARD]);
	synth_print(text, " %lu %lu\n", figures.stats[BLK_FLUSH].requests,
		figures.stats[BLK_FLUSH].ns / ms_ns);
}

int diskstats_read(const struct synth_key *key, struct synth_text *text)
{
	struct blk_device *disk;

	for (unsigned i = 0; (disk = blk_at(i)) != NULL; i++) {
		synth_print(text, "%4u %7u %s", rdev_major(disk->rdev), rdev_minor(disk->rdev),
			disk->name);
		disk_stats_print(text, disk);
	}
	return 0;
}
