/*
 * Page tables: the four-level format of SDM 3A 4.5, and the kernel's own tables.
 *
 * Tables are reached through the direct map, so a walk is four loads. Execution is forbidden in
 * leaf entries only; tables above carry every right, so a leaf alone decides.
 */
#include "arch/mmu.h"
#include "abi/errno.h"
#include "arch/x86/mmio.h"
#include "arch/x86/x86.h"
#include "lib/assert.h"
#include "lib/string.h"

#define PTE_WRITE BIT(1)
#define PTE_USER  BIT(2)
#define PTE_LARGE BIT(7)

#define ENTRIES            512
#define LEVEL_SHIFT(level) (PAGE_SHIFT + 9 * (level)) /* level 0: 4 KiB leaves ... 3: the root */
#define LEVEL_BYTES(level) BIT(LEVEL_SHIFT(level))
#define FIXMAP_PAGES       ENTRIES

static paddr_t kernel_root;
/* Which of its upper entries are there: every root has the same. [I] once the kernel's tables are
 * made */
static uint16_t kernel_entries[ENTRIES / 2];
static unsigned kernel_entry_count;

struct pte_features pte_features;

/* The tables of the window for arch_map_mmio, and how much of it is given out. */
static struct {
	uint64_t directory[ENTRIES] __aligned(PAGE_SIZE);
	uint64_t table[FIXMAP_PAGES] __aligned(PAGE_SIZE);
	unsigned used;
} fixmap;

static inline unsigned index_at(uint64_t vaddr, unsigned level)
{
	return vaddr >> LEVEL_SHIFT(level) & (ENTRIES - 1);
}

static inline uint64_t *table_at(uint64_t entry)
{
	return phys_to_virt(entry & PTE_ADDRESS);
}

/* The table that `*entry` points to, made if there is none and there is a source. *table is NULL
 * where there is none. */
static int table_get(uint64_t *entry, struct page_source *source, uint64_t **table)
{
	if (*entry & PTE_PRESENT) {
		if (*entry & PTE_LARGE)
			return -EEXIST;
		*table = table_at(*entry);
		return 0;
	}
	*table = NULL;
	if (!source)
		return 0;
	paddr_t page;
	int err = source->alloc(source, &page);
	if (err)
		return err;
	*entry = page | PTE_PRESENT | PTE_WRITE | PTE_USER;
	*table = phys_to_virt(page);
	return 0;
}

/* The table of `level` that covers vaddr. */
static int walk(
	paddr_t root, uint64_t vaddr, unsigned level, struct page_source *source, uint64_t **table)
{
	*table = phys_to_virt(root);
	for (unsigned at = 3; at > level; at--) {
		int err = table_get(&(*table)[index_at(vaddr, at)], source, table);
		if (err || !*table)
			return err;
	}
	return 0;
}

int mmu_slot(paddr_t root, uint64_t vaddr, struct page_source *source, struct pte **slot)
{
	uint64_t *table;
	int err = walk(root, vaddr, 0, source, &table);
	*slot = !err && table ? (struct pte *)&table[index_at(vaddr, 0)] : NULL;
	return err;
}

struct pte *mmu_slots(paddr_t root, uint64_t *vaddr, uint64_t end, unsigned *count)
{
	uint64_t at = *vaddr;

	while (at < end) {
		uint64_t *table = phys_to_virt(root);
		unsigned level = 3;

		while (level > 0 && (table[index_at(at, level)] & PTE_PRESENT))
			table = table_at(table[index_at(at, level--)]);
		if (level == 0) {
			unsigned index = index_at(at, 0);

			*vaddr = at;
			*count = (unsigned)min((uint64_t)ENTRIES - index, (end - at) >> PAGE_SHIFT);
			return (struct pte *)&table[index];
		}
		/* Nothing here: on to the next entry of this level. */
		at = ALIGN_DOWN(at, LEVEL_BYTES(level)) + LEVEL_BYTES(level);
	}
	return NULL;
}

static unsigned largest_level(uint64_t vaddr, paddr_t paddr, uint64_t bytes, bool large)
{
	for (unsigned level = large ? 2 : 0; level > 0; level--) {
		if (level == 2 && !x86_features.gigabyte_pages)
			continue;
		if (((vaddr | paddr) & (LEVEL_BYTES(level) - 1)) == 0 &&
			bytes >= LEVEL_BYTES(level))
			return level;
	}
	return 0;
}

int mmu_map(paddr_t root, uint64_t vaddr, paddr_t paddr, uint64_t bytes, unsigned prot, bool large,
	struct page_source *source)
{
	assert(source);
	while (bytes > 0) {
		unsigned level = largest_level(vaddr, paddr, bytes, large);
		unsigned index = index_at(vaddr, level);
		uint64_t *table;
		int err = walk(root, vaddr, level, source, &table);
		if (err)
			return err;
		/* As many entries of this table as there are pages of this size before the next
		 * place where a larger one may fit: where the next table begins. */
		uint64_t count = min((uint64_t)ENTRIES - index, bytes >> LEVEL_SHIFT(level));
		uint64_t made = pte_make(paddr, prot).value | (level > 0 ? PTE_LARGE : 0);
		for (uint64_t i = 0; i < count; i++) {
			if (table[index + i])
				return -EEXIST;
			table[index + i] = made + (i << LEVEL_SHIFT(level));
		}
		vaddr += count << LEVEL_SHIFT(level);
		paddr += count << LEVEL_SHIFT(level);
		bytes -= count << LEVEL_SHIFT(level);
	}
	return 0;
}

/* What mmu_free_tables is asked for. */
struct free_span {
	uint64_t start, end, floor, ceiling;
	struct page_source *source;
};

static void free_below(uint64_t *table, unsigned level, uint64_t base, const struct free_span *span)
{
	uint64_t i = span->start > base ? (span->start - base) >> LEVEL_SHIFT(level) : 0;
	uint64_t at = base + (i << LEVEL_SHIFT(level));

	for (; i < ENTRIES && at < span->end; i++, at += LEVEL_BYTES(level)) {
		if (!(table[i] & PTE_PRESENT))
			continue;
		if (level > 1)
			free_below(table_at(table[i]), level - 1, at, span);
		if (at >= span->floor && at + LEVEL_BYTES(level) <= span->ceiling) {
			paddr_t page = table[i] & PTE_ADDRESS;
			table[i] = 0;
			span->source->free(span->source, page);
		}
	}
}

void mmu_free_tables(paddr_t root, uint64_t start, uint64_t end, uint64_t floor, uint64_t ceiling,
	struct page_source *source)
{
	const struct free_span span = { start, end, floor, ceiling, source };
	uint64_t lowest = max(ALIGN_DOWN(start, MMU_TABLE_BYTES), ALIGN_UP(floor, MMU_TABLE_BYTES));

	if (lowest + MMU_TABLE_BYTES > ceiling)
		return; /* not even the smallest table has nothing but the gap in it */
	free_below(phys_to_virt(root), 3, 0, &span);
}

int mmu_root_create(struct page_source *source, paddr_t *root)
{
	int err = source->alloc(source, root);
	if (err)
		return err;
	uint64_t *table = phys_to_virt(*root);
	const uint64_t *kernel = phys_to_virt(kernel_root);

	for (unsigned i = 0; i < kernel_entry_count; i++)
		table[kernel_entries[i]] = kernel[kernel_entries[i]];
	return 0;
}

void mmu_root_destroy(paddr_t root, struct page_source *source)
{
	uint64_t *table = phys_to_virt(root);

	for (unsigned i = 0; i < kernel_entry_count; i++)
		table[kernel_entries[i]] = 0;
	source->free(source, root);
}

void mmu_flush_user(void)
{
	x86_write_cr3(x86_read_cr3());
}

void mmu_flush_all(void)
{
	uint64_t cr4 = x86_read_cr4();
	if (cr4 & CR4_PGE) { /* SDM 3A 4.10.4.1: changing PGE drops global entries too */
		x86_write_cr4(cr4 & ~CR4_PGE);
		x86_write_cr4(cr4);
	} else {
		mmu_flush_user();
	}
}

void mmu_switch(paddr_t root)
{
	x86_write_cr3(root);
}

paddr_t mmu_kernel_root(void)
{
	return kernel_root;
}

const void *mmu_kernel_end(void)
{
	return __kernel_end;
}

/* One part of the image, at KERNEL_BASE. */
static int map_image_part(char *start, char *end, unsigned prot, struct page_source *source)
{
	uint64_t bytes = ALIGN_UP((uint64_t)end, PAGE_SIZE) - (uint64_t)start;
	if (bytes == 0)
		return 0;
	return mmu_map(kernel_root, (uint64_t)start, kernel_to_phys(start), bytes,
		prot | MMU_READ | MMU_GLOBAL, false, source);
}

static int make_top_entry(uint64_t vaddr, struct page_source *source)
{
	uint64_t *table;

	return walk(kernel_root, vaddr, 2, source, &table);
}

/* Kernel memory of all tables: the upper half's top-level entries exist from now on, so that a copy
 * of them in an address space never misses one. */
static int make_top_entries(paddr_t memory_end, struct page_source *source)
{
	int err = make_top_entry(FRAME_MAP_BASE, source);

	if (!err)
		err = make_top_entry(KMAP_BASE, source);
	for (paddr_t at = 0; at < memory_end && !err; at += LEVEL_BYTES(3))
		err = make_top_entry(DIRECT_MAP_BASE + at, source);
	return err;
}

static void note_top_entries(void)
{
	const uint64_t *table = phys_to_virt(kernel_root);

	for (uint16_t i = ENTRIES / 2; i < ENTRIES; i++)
		if (table[i])
			kernel_entries[kernel_entry_count++] = i;
}

static int link_fixmap(struct page_source *source)
{
	uint64_t *table;
	int err = walk(kernel_root, FIXMAP_BASE, 2, source, &table);
	if (err)
		return err;
	table[index_at(FIXMAP_BASE, 2)] =
		kernel_to_phys(fixmap.directory) | PTE_PRESENT | PTE_WRITE;
	fixmap.directory[0] = kernel_to_phys(fixmap.table) | PTE_PRESENT | PTE_WRITE;
	return 0;
}

int mmu_init_kernel(paddr_t memory_end, struct page_source *source)
{
	int err = source->alloc(source, &kernel_root);
	if (!err)
		err = map_image_part(__text_start, __text_end, MMU_EXEC, source);
	if (!err)
		err = map_image_part(__rodata_start, __rodata_end, 0, source);
	if (!err)
		err = map_image_part(__data_start, __kernel_end, MMU_WRITE, source);
	if (!err)
		err = make_top_entries(memory_end, source);
	if (!err)
		err = link_fixmap(source);
	if (err)
		return err;
	note_top_entries();

	/* The boot stack's lowest page catches an overflow. */
	struct pte *guard;
	err = mmu_slot(kernel_root, (uint64_t)__boot_stack_guard, NULL, &guard);
	if (err)
		return err;
	assert(guard);
	guard->value = 0;
	return 0;
}

static int map_direct_part(paddr_t start, paddr_t end, unsigned prot, struct page_source *source)
{
	if (start >= end)
		return 0;
	return mmu_map(kernel_root, DIRECT_MAP_BASE + start, start, end - start,
		prot | MMU_READ | MMU_GLOBAL, true, source);
}

/* The image's alias in the direct map has the image's own limits: text and read-only data cannot be
 * written there either, and nothing in the direct map is executable. */
int mmu_map_direct(paddr_t start, paddr_t end, struct page_source *source)
{
	paddr_t fixed_start = KERNEL_PADDR;
	paddr_t fixed_end = kernel_to_phys(__data_start);

	int err = map_direct_part(start, end < fixed_start ? end : fixed_start, MMU_WRITE, source);
	if (!err)
		err = map_direct_part(start > fixed_start ? start : fixed_start,
			end < fixed_end ? end : fixed_end, 0, source);
	if (!err)
		err = map_direct_part(
			start > fixed_end ? start : fixed_end, end, MMU_WRITE, source);
	return err;
}

volatile void *arch_map_mmio(paddr_t paddr, size_t bytes)
{
	paddr_t first = ALIGN_DOWN(paddr, (paddr_t)PAGE_SIZE);
	unsigned pages = (unsigned)(DIV_ROUND_UP(paddr + bytes - first, PAGE_SIZE));
	if (bytes == 0 || pages > FIXMAP_PAGES - fixmap.used)
		return NULL;
	uint64_t vaddr = FIXMAP_BASE + (uint64_t)fixmap.used * PAGE_SIZE;
	for (unsigned i = 0; i < pages; i++)
		fixmap.table[fixmap.used++] = pte_make(first + (paddr_t)i * PAGE_SIZE,
			MMU_READ | MMU_WRITE | MMU_UNCACHED | MMU_GLOBAL)
		                                      .value;
	return (volatile void *)(vaddr + (paddr - first));
}
