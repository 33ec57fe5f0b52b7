/*
 * What a disk has done, as text: its figures in diskstats and in /sys/block/DISK/stat.
 */
#include "core/clock.h"
#include "fs/dev/block.h"
#include "fs/synth/synth.h"

static const uint64_t ms_ns = NS_PER_MS;

static void stats_print(struct synth_text *text, const struct blk_stats *stats)
{
	synth_print(text, " %lu %lu %lu %lu", stats->requests, stats->merges, stats->sectors,
		stats->ns / ms_ns);
}

void block_stats_print(struct synth_text *text, struct blk_device *disk)
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
