/*
 * Block devices: partitions, diskstats. What a partition has moved is not told apart from the whole
 * disk's: diskstats has disks alone.
 */
#include "abi/stat.h"
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

int diskstats_read(const struct synth_key *key, struct synth_text *text)
{
	struct blk_device *disk;

	for (unsigned i = 0; (disk = blk_at(i)) != NULL; i++) {
		synth_print(text, "%4u %7u %s", rdev_major(disk->rdev), rdev_minor(disk->rdev),
			disk->name);
		block_stats_print(text, disk);
	}
	return 0;
}
