/*
 * Who has the machine's memory: meminfo, slabinfo as on Linux, and frames, which is ours: the
 * owner counters of mm/frame.h, a line each and all of memory last.
 *
 * In meminfo stands what the kernel knows to be so; the fields of Linux that are not there are of
 * things that Cor does not count.
 */
#include "arch/memory_map.h"
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

int meminfo_read(const struct synth_key *key, struct synth_text *text)
{
	uint64_t counts[FRAME_OWNERS], clean = page_cache_clean_pages();
	uint64_t cached, available;

	frame_counts(counts);
	cached = counts[FRAME_PAGE_CACHE];
	available = free_of(counts) + min(clean, cached);
	line(text, "MemTotal:", frame_total());
	line(text, "MemFree:", free_of(counts));
	line(text, "MemAvailable:", available);
	line(text, "Buffers:", 0);
	line(text, "Cached:", cached);
	line(text, "SwapCached:", 0);
	line(text, "SwapTotal:", 0);
	line(text, "SwapFree:", 0);
	line(text, "Dirty:", writeback_dirty_pages());
	line(text, "Writeback:", writeback_writing_pages());
	line(text, "AnonPages:", counts[FRAME_ANON]);
	line(text, "Shmem:", cached - min(clean, cached));
	line(text, "Slab:", counts[FRAME_SLAB]);
	line(text, "KernelStack:", counts[FRAME_STACK]);
	line(text, "PageTables:", counts[FRAME_TABLES]);
	synth_print(text, "HugePages_Total:   %5u\nHugePages_Free:    %5u\n", 0, 0);
	synth_print(text, "Hugepagesize:       2048 kB\n");
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
