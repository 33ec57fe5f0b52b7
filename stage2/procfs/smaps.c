/*
 * What each mapping of a process has in memory: smaps; and all of it together: smaps_rollup.
 */
#include "abi/errno.h"
#include "abi/mman.h"
#include "arch/memory_map.h"
#include "fs/vnode.h"
#include "mm/slab.h"
#include "procfs/files.h"
#include "vm/aspace.h"

#define KIB 1024

static void line(struct synth_text *text, const char *label, uint64_t bytes)
{
	synth_print(text, "%-16s%8lu kB\n", label, bytes / KIB);
}

static void pages(struct synth_text *text, const char *label, uint64_t count)
{
	line(text, label, count * PAGE_SIZE);
}

/* There are no large pages, nothing is swapped out, and MADV_FREE frees at once. */
static void usage_print(const struct area_usage *usage, uint64_t locked, struct synth_text *text)
{
	static const char *const never[] = { "LazyFree:", "AnonHugePages:", "ShmemPmdMapped:",
		"FilePmdMapped:", "Shared_Hugetlb:", "Private_Hugetlb:", "Swap:", "SwapPss:" };

	pages(text, "Rss:", usage->resident);
	line(text, "Pss:", usage->share);
	line(text, "Pss_Dirty:", usage->share_dirty);
	pages(text, "Shared_Clean:", usage->shared_clean);
	pages(text, "Shared_Dirty:", usage->shared_dirty);
	pages(text, "Private_Clean:", usage->private_clean);
	pages(text, "Private_Dirty:", usage->private_dirty);
	pages(text, "Referenced:", usage->referenced);
	pages(text, "Anonymous:", usage->anonymous);
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		line(text, never[i], 0);
	line(text, "Locked:", locked);
}

static void flags_print(const struct vm_area *area, struct synth_text *text)
{
	const struct {
		bool has;
		const char *name;
	} flags[] = {
		{ area->prot & PROT_READ, "rd" },
		{ area->prot & PROT_WRITE, "wr" },
		{ area->prot & PROT_EXEC, "ex" },
		{ area->flags & MAP_SHARED, "sh" },
		{ area->max_prot & PROT_READ, "mr" },
		{ area->max_prot & PROT_WRITE, "mw" },
		{ area->max_prot & PROT_EXEC, "me" },
		{ area->flags & MAP_SHARED, "ms" },
		{ area->flags & MAP_GROWSDOWN, "gd" },
		{ area->flags & MAP_LOCKED, "lo" },
		{ area->flags & AREA_DONTFORK, "dc" },
		{ area->flags & AREA_WIPEONFORK, "wf" },
	};

	synth_print(text, "VmFlags: ");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].has)
			synth_print(text, "%s ", flags[i].name);
	synth_print(text, "\n");
}

static void smap_print(const struct vm_area *area, char *path, struct synth_text *text)
{
	struct area_usage usage = { 0 };

	area_add_usage(area, &usage);
	area_print(area, path, text);
	line(text, "Size:", area->end - area->start);
	line(text, "KernelPageSize:", PAGE_SIZE);
	line(text, "MMUPageSize:", PAGE_SIZE);
	usage_print(&usage, area->flags & MAP_LOCKED ? usage.share : 0, text);
	synth_print(text, "THPeligible:    0\n");
	flags_print(area, text);
}

int smaps_read(const struct synth_key *key, struct synth_text *text)
{
	struct aspace *aspace;
	struct vm_area *area;
	char *path;
	int err = space_get(key, &aspace);

	if (err || !aspace)
		return err;
	path = kmalloc(PATH_MAX);
	if (path) {
		mutex_lock(&aspace->lock);
		for (area = areas_first(&aspace->areas); area; area = areas_next(area))
			smap_print(area, path, text);
		mutex_unlock(&aspace->lock);
		kfree(path);
	}
	aspace_put(aspace);
	return path ? 0 : -ENOMEM;
}

int smaps_rollup_read(const struct synth_key *key, struct synth_text *text)
{
	struct area_usage sum = { 0 };
	uptr_t start = 0, end = 0;
	uint64_t locked = 0;
	struct aspace *aspace;
	struct vm_area *area;
	size_t bytes;
	int err = space_get(key, &aspace);

	if (err || !aspace)
		return err;
	mutex_lock(&aspace->lock);
	for (area = areas_first(&aspace->areas); area; area = areas_next(area)) {
		uint64_t before = sum.share;

		area_add_usage(area, &sum);
		if (area->flags & MAP_LOCKED)
			locked += sum.share - before;
		start = start ? start : area->start;
		end = area->end;
	}
	mutex_unlock(&aspace->lock);
	aspace_put(aspace);
	bytes = text->bytes;
	synth_print(text, "%08lx-%08lx ---p 00000000 00:00 0 ", start, end);
	synth_print(text, "%*s[rollup]\n", (int)(NAME_COLUMN - (text->bytes - bytes)), "");
	usage_print(&sum, locked, text);
	return 0;
}
