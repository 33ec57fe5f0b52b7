/*
 * Where the frame allocator's memory comes from: the machine's usable ranges, taken in piece by
 * piece.
 *
 * A section is a piece of a range between two multiples of 32 MiB. Taking one in means: map it in
 * the direct map (below 4 GiB that is done at boot), map its frame records, and hand the rest to
 * the buddy lists. The pages for that come from the section itself: they are carved off its start.
 * So neither the time to boot nor the memory that records take grows with memory that nobody uses.
 *
 * The allocator looks at the record of a block's buddy, which may lie outside the section, but
 * never outside the aligned block of the largest order; so records are mapped for whole such
 * blocks. A record nobody has written is zero: FRAME_RESERVED.
 */
#include "abi/errno.h"
#include "arch/e820.h"
#include "arch/mmu.h"
#include "arch/page.h"
#include "core/log.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frame_internal.h"

#define DIRECT_AT_BOOT ((paddr_t)4 << 30)
#define DIRECT_STEP    ((paddr_t)1 << 30)
#define BOOT_MAPPED    ((paddr_t)1 << 30) /* by the boot code's tables */
#define RECORDS_A_PAGE (PAGE_SIZE / FRAME_RECORD_BYTES)
#define SPARE_PAGES    4 /* enough tables to map one more step of the direct map */
#define RANGES_MAX     (BOOT_MEM_MAX + 4)
#define FIRMWARE_MAX                                                                               \
	((paddr_t)64 << 20) /* a larger reserved range is no table of the firmware's               \
	                     */

struct range {
	paddr_t start, end;
	paddr_t mapped; /* the direct map has [start, mapped) */
};

/* Pages off the start of the section that is being taken in. */
struct carve {
	paddr_t next, end;
};

/* A page source that also counts what it gave. */
struct counting_source {
	struct page_source source;
	struct carve *carve;
	int64_t taken;
};

static struct {
	struct range ranges[RANGES_MAX];
	unsigned count;
	unsigned current; /* range that the next section is in */
	paddr_t next;     /* where it begins */
	paddr_t spare[SPARE_PAGES];
	unsigned spare_count;
} memory;

static int carve_alloc(struct page_source *source, paddr_t *page)
{
	struct counting_source *from = container_of(source, struct counting_source, source);
	if (from->carve->next == from->carve->end)
		return -ENOMEM;
	*page = from->carve->next;
	from->carve->next += PAGE_SIZE;
	from->taken++;
	page_zero(phys_to_virt(*page));
	return 0;
}

static int spare_alloc(struct page_source *source, paddr_t *page)
{
	if (memory.spare_count == 0)
		return -ENOMEM;
	*page = memory.spare[--memory.spare_count];
	return 0;
}

/* ---- the machine's memory ------------------------------------------------------------------- */

static void range_add(paddr_t start, paddr_t end)
{
	if (start >= end)
		return;
	assert(memory.count < RANGES_MAX);
	memory.ranges[memory.count++] =
		(struct range){ .start = start, .end = end, .mapped = start };
}

/* The ranges without [start, end). */
static void range_remove(paddr_t start, paddr_t end)
{
	for (unsigned i = 0; i < memory.count; i++) {
		struct range *range = &memory.ranges[i];
		if (end <= range->start || start >= range->end)
			continue;
		paddr_t old_end = range->end;
		range->end = max(min(start, range->end), range->start);
		if (end >= old_end)
			continue;
		/* Keep the order: the piece behind follows its front. */
		assert(memory.count < RANGES_MAX);
		memmove(range + 2, range + 1, (memory.count - i - 1) * sizeof(*range));
		range[1] = (struct range){ .start = end, .end = old_end, .mapped = end };
		memory.count++;
	}
}

static void find_ranges(const struct boot_info *info, int64_t counts[FRAME_OWNERS])
{
	struct mem_range usable[BOOT_MEM_MAX];
	size_t n = e820_usable(info->mem, info->mem_count, usable);
	for (size_t i = 0; i < n; i++)
		range_add(max(usable[i].start, (paddr_t)LOW_MEMORY_END), usable[i].end);

	paddr_t kernel_end = ALIGN_UP(kernel_to_phys(mmu_kernel_end()), PAGE_SIZE);
	range_remove(KERNEL_PADDR, kernel_end);
	counts[FRAME_IMAGE] += (int64_t)((kernel_end - KERNEL_PADDR) / PAGE_SIZE);
	if (info->archive_bytes) {
		paddr_t start = ALIGN_DOWN(info->archive, (paddr_t)PAGE_SIZE);
		paddr_t end = ALIGN_UP(info->archive + info->archive_bytes, (paddr_t)PAGE_SIZE);
		range_remove(start, end);
		counts[FRAME_IMAGE] += (int64_t)((end - start) / PAGE_SIZE);
	}
	for (unsigned i = 0; i < memory.count; i++)
		counts[FRAME_UNTOUCHED] +=
			(int64_t)((memory.ranges[i].end - memory.ranges[i].start) / PAGE_SIZE);
}

/* ---- the direct map ------------------------------------------------------------------------- */

static int map_usable(const struct mem_range *usable, size_t n, struct page_source *source)
{
	for (size_t i = 0; i < n; i++) {
		paddr_t start = max(usable[i].start, (paddr_t)LOW_MEMORY_END);
		paddr_t end = min(usable[i].end, (paddr_t)DIRECT_AT_BOOT);
		int err = start < end ? mmu_map_direct(start, end, source) : 0;
		if (err)
			return err;
	}
	for (unsigned i = 0; i < memory.count; i++)
		memory.ranges[i].mapped = min(
			memory.ranges[i].end, max(memory.ranges[i].start, (paddr_t)DIRECT_AT_BOOT));
	return 0;
}

/* Firmware tables: what is named so, and small reserved ranges right behind usable memory, where
 * some firmware keeps them. Device memory is not mapped here. */
static bool is_firmware(const struct boot_info *info, const struct boot_mem *mem)
{
	if (mem->base < LOW_MEMORY_END || mem->bytes > FIRMWARE_MAX)
		return false;
	if (mem->type == BOOT_MEM_ACPI || mem->type == BOOT_MEM_NVS)
		return true;
	if (mem->type != BOOT_MEM_RESERVED)
		return false;
	for (uint32_t i = 0; i < info->mem_count; i++)
		if (info->mem[i].type == BOOT_MEM_USABLE &&
			info->mem[i].base + info->mem[i].bytes == mem->base)
			return true;
	return false;
}

static int map_firmware(const struct boot_info *info, struct page_source *source)
{
	for (uint32_t i = 0; i < info->mem_count; i++) {
		const struct boot_mem *mem = &info->mem[i];
		if (!is_firmware(info, mem))
			continue;
		/* Page by page: entries may overlap each other and partly usable pages. */
		paddr_t end = mem->base + mem->bytes;
		for (paddr_t at = ALIGN_DOWN(mem->base, (paddr_t)PAGE_SIZE); at < end;
			at += PAGE_SIZE) {
			int err = mmu_map_direct(at, at + PAGE_SIZE, source);
			if (err && err != -EEXIST)
				return err;
		}
	}
	return 0;
}

/* The boot code's tables have served; from here on the kernel's own. */
static int make_direct_map(const struct boot_info *info, struct page_source *source)
{
	struct mem_range usable[BOOT_MEM_MAX];
	size_t n = e820_usable(info->mem, info->mem_count, usable);

	int err = mmu_init_kernel(n ? usable[n - 1].end : 0, source);
	if (!err)
		err = mmu_map_direct(0, 0xa0000, source);
	if (!err)
		err = mmu_map_direct(0xc0000, LOW_MEMORY_END, source); /* not the VGA's memory */
	if (!err)
		err = map_usable(usable, n, source);
	if (!err)
		err = map_firmware(info, source);
	if (!err)
		mmu_switch(mmu_kernel_root());
	return err;
}

/* ---- records -------------------------------------------------------------------------------- */

/* Map zeroed records for the frames of [start, end), in whole blocks of the largest order. */
static int map_records(
	paddr_t start, paddr_t end, struct page_source *tables, struct page_source *pages)
{
	uint64_t block = BLOCK_BYTES(FRAME_ORDER_MAX);
	uint64_t at = (uint64_t)frame_at(ALIGN_DOWN(start, block));
	uint64_t last = (uint64_t)frame_at(ALIGN_UP(end, block));
	for (; at < last; at += PAGE_SIZE) {
		struct pte *slot;
		paddr_t page;
		int err = mmu_slot(mmu_kernel_root(), at, tables, &slot);
		if (!err && !pte_empty(*slot))
			continue;
		if (!err)
			err = pages->alloc(pages, &page);
		if (err)
			return err;
		*slot = pte_make(page, MMU_READ | MMU_WRITE | MMU_GLOBAL);
	}
	return 0;
}

static int record_alloc(struct page_source *source, paddr_t *page)
{
	struct frame *frame;
	int err = frame_alloc_zeroed(FRAME_RECORDS, &frame);
	if (!err)
		*page = frame_paddr(frame);
	return err;
}

int section_map_reserved(paddr_t start, paddr_t end)
{
	struct page_source pages = { .alloc = record_alloc };
	return map_records(start, end, frame_table_source(), &pages);
}

/* ---- sections ------------------------------------------------------------------------------- */

static bool next_section(struct carve *section)
{
	while (memory.current < memory.count) {
		struct range *range = &memory.ranges[memory.current];
		section->next = max(memory.next, range->start);
		section->end =
			min(range->end, ALIGN_DOWN(section->next, SECTION_BYTES) + SECTION_BYTES);
		if (section->next < section->end) {
			memory.next = section->end;
			return true;
		}
		memory.current++;
		memory.next = 0;
	}
	return false;
}

/* The part of the current range that the section lies in, if the direct map does not have it yet.
 */
static int map_section(const struct carve *section)
{
	struct range *range = &memory.ranges[memory.current];
	if (section->end <= range->mapped)
		return 0;
	struct page_source source = { .alloc = spare_alloc };
	paddr_t end = min(range->end, ALIGN_UP(section->end, DIRECT_STEP));
	int err = mmu_map_direct(range->mapped, end, &source);
	if (!err)
		range->mapped = end;
	return err;
}

/* Records and spare tables out of the section; what is left is free memory. */
static int carve_section(struct carve *section, int64_t counts[FRAME_OWNERS])
{
	paddr_t start = section->next;
	struct counting_source tables = { .source.alloc = carve_alloc, .carve = section };
	struct counting_source records = tables;
	int err = map_records(start, section->end, &tables.source, &records.source);
	while (!err && memory.spare_count < SPARE_PAGES) {
		err = carve_alloc(&tables.source, &memory.spare[memory.spare_count]);
		if (!err)
			memory.spare_count++;
	}
	counts[FRAME_RECORDS] += records.taken;
	counts[FRAME_TABLES] += tables.taken;
	counts[FRAME_UNTOUCHED] -= records.taken + tables.taken;
	return err;
}

int section_take(paddr_t *start, paddr_t *end, int64_t counts[FRAME_OWNERS])
{
	struct carve section;
	while (next_section(&section)) {
		int err = map_section(&section);
		if (!err)
			err = carve_section(&section, counts);
		int64_t left = (int64_t)((section.end - section.next) / PAGE_SIZE);
		counts[FRAME_UNTOUCHED] -= left;
		if (!err) {
			*start = section.next;
			*end = section.end;
			return 0;
		}
		counts[FRAME_IMAGE] += left; /* too small for its own records: nobody's */
	}
	return -ENOMEM;
}

int section_init(const struct boot_info *info, int64_t counts[FRAME_OWNERS])
{
	find_ranges(info, counts);

	/* Tables of the direct map: off the start of the largest range the boot tables reach. */
	unsigned best = 0;
	uint64_t best_bytes = 0;
	for (unsigned i = 0; i < memory.count; i++) {
		paddr_t end = min(memory.ranges[i].end, (paddr_t)BOOT_MAPPED);
		if (end > memory.ranges[i].start && end - memory.ranges[i].start > best_bytes) {
			best = i;
			best_bytes = end - memory.ranges[i].start;
		}
	}
	if (best_bytes == 0)
		return -ENOMEM;
	struct range *range = &memory.ranges[best];
	struct carve carve = { range->start, range->start + best_bytes };
	struct counting_source tables = { .source.alloc = carve_alloc, .carve = &carve };
	int err = make_direct_map(info, &tables.source);
	range->start = carve.next;
	counts[FRAME_TABLES] += tables.taken;
	counts[FRAME_UNTOUCHED] -= tables.taken;
	return err;
}
