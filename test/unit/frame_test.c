/*
 * The frame allocator on machines of every shape: sections, records, buddy lists, counters.
 *
 * The direct map and the frame records are real (sparse) memory of this program; page tables are a
 * table of entries by address.
 *
 * links: stage2/mm/frame.c stage2/mm/section.c stage2/arch/x86/e820.c
 */
#include "host.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/errno.h"
#include "arch/mmu.h"
#include "mm/frame.h"

#define MIB          (1ull << 20)
#define GIB          (1ull << 30)
#define DIRECT_BYTES (64 * GIB)

/* ---- a machine ------------------------------------------------------------------------------- */

static struct pte entries[1 << 16]; /* of the record area: by page */

static void *reserve(uint64_t base, uint64_t bytes)
{
	void *at = mmap((void *)base, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	assert_true(at == (void *)base);
	return at;
}

int mmu_init_kernel(paddr_t memory_end, struct page_source *source)
{
	return 0;
}
int mmu_map_direct(paddr_t start, paddr_t end, struct page_source *source)
{
	paddr_t table;
	assert_true(start < end && end <= DIRECT_BYTES);
	return source->alloc(source, &table); /* as if each call needed one table */
}
void mmu_switch(paddr_t root)
{
}
paddr_t mmu_kernel_root(void)
{
	return 0;
}
const void *mmu_kernel_end(void)
{
	return (const void *)(KERNEL_BASE + KERNEL_PADDR + 3 * MIB / 4);
}
int mmu_slot(paddr_t root, uint64_t vaddr, struct page_source *source, struct pte **slot)
{
	uint64_t page = (vaddr - FRAME_MAP_BASE) / PAGE_SIZE;
	assert_true(page < ARRAY_SIZE(entries));
	*slot = &entries[page];
	return 0;
}
struct pte_features pte_features;

/* ---- tests ----------------------------------------------------------------------------------- */

static void add(struct boot_info *info, uint64_t base, uint64_t bytes, uint32_t type)
{
	info->mem[info->mem_count++] = (struct boot_mem){ base, bytes, type, BOOT_MEM_ENABLED };
}

/* A PC of `bytes` memory, as SeaBIOS describes it. */
static void pc(struct boot_info *info, uint64_t bytes)
{
	uint64_t low = bytes < 3 * GIB ? bytes : 3 * GIB;
	memset(info, 0, sizeof(*info));
	add(info, 0, 0x9fc00, BOOT_MEM_USABLE);
	add(info, 0x9fc00, 0x400, BOOT_MEM_RESERVED);
	add(info, 0xf0000, 0x10000, BOOT_MEM_RESERVED);
	add(info, MIB, low - MIB - 0x20000, BOOT_MEM_USABLE);
	add(info, low - 0x20000, 0x20000, BOOT_MEM_RESERVED);
	if (bytes > low)
		add(info, 4 * GIB, bytes - low, BOOT_MEM_USABLE);
}

static uint64_t sum(void)
{
	uint64_t counts[FRAME_OWNERS], all = 0;
	frame_counts(counts);
	for (unsigned i = 0; i < FRAME_OWNERS; i++)
		all += counts[i];
	return all;
}

/* The allocator is one for the whole program, so each machine is a child process; a failed check
 * ends it. Without a test the machine must have too little memory. */
#define check(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static void on_machine(const struct boot_info *info, void (*test)(void))
{
	pid_t child = fork();
	if (child == 0) {
		reserve(DIRECT_MAP_BASE, DIRECT_BYTES);
		reserve(FRAME_MAP_BASE, DIRECT_BYTES / PAGE_SIZE * FRAME_RECORD_BYTES);
		int err = frame_init(info);
		if (!test)
			_exit(err == -ENOMEM ? 0 : 1);
		check(err == 0);
		check(sum() == frame_total());
		test();
		check(sum() == frame_total());
		_exit(0);
	}
	int status;
	assert_true(waitpid(child, &status, 0) == child);
	assert_int_equal(status, 0);
}

/* Every frame can be had, none twice, and giving all back makes whole blocks of the largest
 * order. */
static void take_all(void)
{
	struct list_head all = LIST_INIT(all);
	uint64_t got = 0, before = frame_free_count();
	struct frame *frame;
	while (frame_alloc(0, FRAME_ANON, &frame) == 0) {
		check(*(uint64_t *)frame_virt(frame) == 0); /* ours alone: nobody has marked it */
		*(uint64_t *)frame_virt(frame) = 1;
		list_add(&frame->link, &all);
		got++;
	}
	/* Untouched memory pays for its records; nothing else is lost. */
	uint64_t counts[FRAME_OWNERS];
	frame_counts(counts);
	check(counts[FRAME_ANON] == got);
	check(counts[FRAME_FREE] + counts[FRAME_CACHED] + counts[FRAME_UNTOUCHED] == 0);
	check(got > before - before / 32);

	while (!list_empty(&all)) {
		frame = list_first(&all, struct frame, link);
		list_del(&frame->link);
		*(uint64_t *)frame_virt(frame) = 0;
		frame_put(frame);
	}
	frame_drain();
	check(frame_free_count() == got);
	check(frame_alloc(FRAME_ORDER_MAX, FRAME_ANON, &frame) == 0);
	frame_put(frame);
}

static void test_sizes(void **state)
{
	static const uint64_t sizes[] = { 16 * MIB, 32 * MIB, 33 * MIB, 256 * MIB, 5 * GIB };
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct boot_info info;
		pc(&info, sizes[i]);
		on_machine(&info, take_all);
	}
}

/* Ranges of a few pages, odd borders, holes. */
static void test_ragged(void **state)
{
	host_random_seed(1);
	for (unsigned round = 0; round < 20; round++) {
		struct boot_info info = { 0 };
		uint64_t at = 16 * MIB;
		add(&info, 0, at, BOOT_MEM_USABLE);
		while (info.mem_count < 60) {
			uint64_t bytes = host_random_below(4 * MIB);
			add(&info, at, bytes,
				host_random_below(4) ? BOOT_MEM_USABLE : BOOT_MEM_RESERVED);
			at += bytes + host_random_below(300000);
		}
		on_machine(&info, take_all);
	}
}

/* Blocks of all orders, at random, against a map of who has what. */
static void random_blocks(void)
{
	enum { HELD = 300 };
	static struct frame *held[HELD];
	host_random_seed(2);
	uint64_t before = frame_free_count();
	for (unsigned step = 0; step < 50000; step++) {
		unsigned i = (unsigned)host_random_below(HELD);
		if (held[i]) {
			check(*(uint64_t *)frame_virt(held[i]) == i + 1);
			frame_put(held[i]);
			held[i] = NULL;
			continue;
		}
		unsigned order = (unsigned)host_random_below(FRAME_ORDER_MAX + 1);
		if (frame_alloc(order, FRAME_SLAB, &held[i])) {
			held[i] = NULL;
			continue;
		}
		check(frame_paddr(held[i]) % (PAGE_SIZE << order) == 0);
		*(uint64_t *)frame_virt(held[i]) = i + 1;
	}
	for (unsigned i = 0; i < HELD; i++)
		if (held[i])
			frame_put(held[i]);
	frame_drain();
	uint64_t counts[FRAME_OWNERS];
	frame_counts(counts);
	check(counts[FRAME_SLAB] == 0);
	check(frame_free_count() <= before && frame_free_count() > before - before / 32);
}

static void test_random_blocks(void **state)
{
	struct boot_info info;
	pc(&info, 64 * MIB);
	on_machine(&info, random_blocks);
}

static void references(void)
{
	struct frame *frame;
	uint64_t counts[FRAME_OWNERS];
	check(frame_alloc(0, FRAME_ANON, &frame) == 0);
	frame_get(frame);
	frame_put(frame);
	frame_counts(counts);
	check(counts[FRAME_ANON] == 1);
	frame_put(frame);
	frame_counts(counts);
	check(counts[FRAME_ANON] == 0);
}

static void test_references(void **state)
{
	struct boot_info info;
	pc(&info, 64 * MIB);
	on_machine(&info, references);
}

/* The archive's frames are nobody's to give: they have records, and references do nothing. */
static void archive(void)
{
	struct frame *frame = frame_at(512 * MIB);
	check(frame->owner == FRAME_RESERVED);
	frame_get(frame);
	frame_put(frame);
	frame_put(frame);
	take_all();
	check(*(uint64_t *)phys_to_virt(512 * MIB) == 0);
}

static void test_archive(void **state)
{
	struct boot_info info;
	pc(&info, GIB);
	info.archive = 512 * MIB;
	info.archive_bytes = 20 * MIB + 5;
	on_machine(&info, archive);
}

static void test_no_memory(void **state)
{
	struct boot_info info = { 0 };
	add(&info, 0, MIB + 4 * PAGE_SIZE, BOOT_MEM_USABLE);
	on_machine(&info, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_ragged),
		cmocka_unit_test(test_random_blocks),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_archive),
		cmocka_unit_test(test_no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
