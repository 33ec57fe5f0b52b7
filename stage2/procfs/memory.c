/*
 * Who has the machine's memory: meminfo, vmstat, slabinfo as on Linux, and frames, which is ours:
 * the owner counters of mm/frame.h, a line each and all of memory last.
 *
 * In meminfo stands what the kernel knows to be so; the fields of Linux that are not there are of
 * things that Cor does not count.
 */
#include "arch/memory_map.h"
#include "dev/blk.h"
#include "fs/dev/block.h"
#include "fs/page_cache.h"
#include "fs/writeback.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "procfs/files.h"

#define KIB_PER_PAGE (PAGE_SIZE / 1024)

static uint64_t free_of(const uint64_t counts[FRAME_OWNERS])
{
	return counts[FRAME_FREE] + counts[FRAME_CACHED] + counts[FRAME_UNTOUCHED];
}

static void line(struct synth_text *text, const char *label, uint64_t pages)
{
	synth_print(text, "%-15s %8lu kB\n", label, pages * KIB_PER_PAGE);
}

/* What is in the page cache: of block devices; clean; all. Pages of files in memory, which cannot
 * be dropped, are never clean. */
struct cached {
	uint64_t buffers, clean, all;
};

static struct cached cached_now(const uint64_t counts[FRAME_OWNERS])
{
	struct cached cached = { .all = counts[FRAME_PAGE_CACHE] };

	cached.buffers = min(block_cached_pages(), cached.all);
	cached.clean = min(page_cache_clean_pages(), cached.all);
	return cached;
}

/* As on Linux, "active" is what is not the next to go when memory is short; here that is all but
 * the clean pages of files. */
int meminfo_read(const struct synth_key *key, struct synth_text *text)
{
	uint64_t counts[FRAME_OWNERS], dirty = writeback_dirty_pages();
	struct cached cached;

	frame_counts(counts);
	cached = cached_now(counts);
	line(text, "MemTotal:", frame_total());
	line(text, "MemFree:", free_of(counts));
	line(text, "MemAvailable:", free_of(counts) + cached.clean);
	line(text, "Buffers:", cached.buffers);
	line(text, "Cached:", cached.all - cached.buffers);
	line(text, "SwapCached:", 0);
	line(text, "Active:", counts[FRAME_ANON] + cached.all - cached.clean);
	line(text, "Inactive:", cached.clean);
	line(text, "Active(anon):", counts[FRAME_ANON]);
	line(text, "Inactive(anon):", 0);
	line(text, "Active(file):", cached.all - cached.clean);
	line(text, "Inactive(file):", cached.clean);
	line(text, "SwapTotal:", 0);
	line(text, "SwapFree:", 0);
	line(text, "Dirty:", dirty);
	line(text, "Writeback:", writeback_writing_pages());
	line(text, "AnonPages:", counts[FRAME_ANON]);
	line(text, "Shmem:", cached.all - cached.clean - min(dirty, cached.all - cached.clean));
	line(text, "KReclaimable:", 0);
	line(text, "Slab:", counts[FRAME_SLAB]);
	line(text, "SReclaimable:", 0);
	line(text, "SUnreclaim:", counts[FRAME_SLAB]);
	line(text, "KernelStack:", counts[FRAME_STACK]);
	line(text, "PageTables:", counts[FRAME_TABLES]);
	synth_print(text, "HugePages_Total:   %5u\nHugePages_Free:    %5u\n", 0, 0);
	synth_print(text, "Hugepagesize:       2048 kB\n");
	return 0;
}

/* What block devices have moved, in KiB. */
static uint64_t moved_kib(enum blk_op op)
{
	struct blk_device *disk;
	struct blk_figures figures;
	uint64_t sectors = 0;

	for (unsigned i = 0; (disk = blk_at(i)) != NULL; i++) {
		blk_figures(disk, &figures);
		sectors += figures.stats[op].sectors;
	}
	return sectors * BLK_SECTOR_BYTES / 1024;
}

int vmstat_read(const struct synth_key *key, struct synth_text *text)
{
	uint64_t counts[FRAME_OWNERS];
	struct cached cached;

	frame_counts(counts);
	cached = cached_now(counts);
	synth_print(text,
		"nr_free_pages %lu\nnr_anon_pages %lu\nnr_file_pages %lu\nnr_dirty %lu\n"
		"nr_writeback %lu\n",
		free_of(counts), counts[FRAME_ANON], cached.all, writeback_dirty_pages(),
		writeback_writing_pages());
	synth_print(text,
		"nr_slab_reclaimable 0\nnr_slab_unreclaimable %lu\nnr_page_table_pages %lu\n",
		counts[FRAME_SLAB], counts[FRAME_TABLES]);
	synth_print(text, "pgpgin %lu\npgpgout %lu\npswpin 0\npswpout 0\n", moved_kib(BLK_READ),
		moved_kib(BLK_WRITE));
	return 0;
}

int frames_read(const struct synth_key *key, struct synth_text *text)
{
	uint64_t counts[FRAME_OWNERS];

	frame_counts(counts);
	for (unsigned owner = FRAME_RESERVED + 1; owner < FRAME_OWNERS; owner++)
		synth_print(text, "%s %lu\n", frame_owner_name(owner), counts[owner]);
	synth_print(text, "total %lu\n", frame_total());
	return 0;
}

/* Objects that the frames have room for, by their size alone. */
static uint64_t objects_in(uint64_t frames, uint64_t object_bytes)
{
	return frames * PAGE_SIZE / object_bytes;
}

int slabinfo_read(const struct synth_key *key, struct synth_text *text)
{
	uint64_t in_use, bytes, frames;
	const char *name;

	synth_print(text,
		"slabinfo - version: 2.1\n"
		"# name            <active_objs> <num_objs> <objsize> <objperslab> "
		"<pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata "
		"<active_slabs> <num_slabs> <sharedavail>\n");
	for (unsigned i = 0; slab_info(i, &name, &in_use, &bytes, &frames); i++)
		synth_print(text,
			"%-17s %6lu %6lu %6lu %4lu %4u : tunables    0    0    0 : slabdata %6lu "
			"%6lu      0\n",
			name, in_use, objects_in(frames, bytes), bytes, objects_in(1, bytes), 1,
			frames, frames);
	return 0;
}
