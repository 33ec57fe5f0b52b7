/*
 * The buddy allocator.
 *
 * A block of 2^n frames begins at a multiple of its size. Free blocks are listed by order. To
 * allocate, a larger block is halved until it fits; when a block is freed and its other half (its
 * "buddy", found by flipping one address bit) is free too, the two become one again.
 *
 * In front of the lists each CPU keeps a few single frames, so that most allocations take no lock.
 * Owner counts are kept by each CPU for itself and summed when somebody asks.
 */
#include "mm/frame.h"
#include "abi/errno.h"
#include "arch/cpu.h"
#include "arch/page.h"
#include "core/fail.h"
#include "core/spinlock.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frame_internal.h"

#define CACHE_FRAMES      64
#define CACHE_BATCH_ORDER 4
#define CACHE_BATCH       (1u << CACHE_BATCH_ORDER)
#define CACHE_ZEROED      32
#define POISON            0x6b

#define FRAME_RESERVE_MAX 1024

struct frame_cache {
	unsigned count, zeroed_count;
	struct frame *frames[CACHE_FRAMES];
	struct frame *zeroed[CACHE_ZEROED]; /* full of zeros: page tables that were given back */
	int64_t counts[FRAME_OWNERS];       /* what this CPU added and removed, by owner */
};

static struct {
	struct spinlock lock;
	struct list_head free[FRAME_ORDER_MAX + 1]; /* [lock] */
	int64_t counts[FRAME_OWNERS];               /* [lock] what no CPU's own counts hold */
	uint64_t listed;                            /* [lock] frames in free[] */
	uint64_t total;                             /* [I] */
	uint64_t reserve;                           /* [I] so many should be listed */
} frames = { .lock = SPINLOCK_INIT("frames", RANK_FRAMES) };

static struct frame_cache caches[CPU_MAX]; /* each its CPU's, interrupts off */
uint32_t frame_low;                        /* [frames.lock; read without] */

static struct frame_cache *own_cache(void)
{
	return &caches[this_cpu()->id];
}

static void frames_lock(void)
{
	spin_lock(&frames.lock);
}

static void frames_unlock(void)
{
	WRITE_ONCE(frame_low, frames.listed < frames.reserve && !frames.counts[FRAME_UNTOUCHED]);
	spin_unlock(&frames.lock);
}

static void block_link_locked(struct frame *frame, unsigned order)
{
	spin_assert_held(&frames.lock);
	frame->owner = FRAME_FREE;
	frame->order = (uint8_t)order;
	list_add(&frame->link, &frames.free[order]);
	frames.listed += 1ull << order;
}

static void block_unlink_locked(struct frame *frame, unsigned order)
{
	list_del(&frame->link);
	frames.listed -= 1ull << order;
}

static void block_free_locked(paddr_t block, unsigned order)
{
	spin_assert_held(&frames.lock);
	while (order < FRAME_ORDER_MAX) {
		struct frame *buddy = frame_at(block ^ BLOCK_BYTES(order));
		if (buddy->owner != FRAME_FREE || buddy->order != order)
			break;
		block_unlink_locked(buddy, order);
		buddy->owner = FRAME_RESERVED;
		block &= ~BLOCK_BYTES(order);
		order++;
	}
	block_link_locked(frame_at(block), order);
}

static void range_free_locked(paddr_t start, paddr_t end)
{
	while (start < end) {
		unsigned order = FRAME_ORDER_MAX;
		while ((start & (BLOCK_BYTES(order) - 1)) || start + BLOCK_BYTES(order) > end)
			order--;
		block_free_locked(start, order);
		frames.counts[FRAME_FREE] += (int64_t)1 << order;
		start += BLOCK_BYTES(order);
	}
}

static int grow_locked(void)
{
	paddr_t start, end;
	int err = section_take(&start, &end, frames.counts);
	if (!err)
		range_free_locked(start, end);
	return err;
}

static int block_alloc_locked(unsigned order, struct frame **result)
{
	unsigned at;
	spin_assert_held(&frames.lock);
	for (;;) {
		for (at = order; at <= FRAME_ORDER_MAX && list_empty(&frames.free[at]); at++)
			;
		if (at <= FRAME_ORDER_MAX)
			break;
		int err = grow_locked();
		if (err)
			return err;
	}

	struct frame *frame = list_first(&frames.free[at], struct frame, link);
	block_unlink_locked(frame, at);
	while (at > order) {
		at--;
		block_link_locked(frame_at(frame_paddr(frame) + BLOCK_BYTES(at)), at);
	}
	frame->owner = FRAME_RESERVED;
	*result = frame;
	return 0;
}

/* One block cut into all its frames, or, where there is none so large, frame by frame. Frames
 * inside a block are nobody's (FRAME_RESERVED) already. */
static void cache_fill(struct frame_cache *cache)
{
	struct frame *block;

	frames_lock();
	if (!block_alloc_locked(CACHE_BATCH_ORDER, &block))
		for (unsigned i = CACHE_BATCH; i-- > 0;)
			cache->frames[cache->count++] =
				frame_at(frame_paddr(block) + i * PAGE_SIZE);
	while (cache->count < CACHE_BATCH && !block_alloc_locked(0, &cache->frames[cache->count]))
		cache->count++;
	frames_unlock();
	cache->counts[FRAME_FREE] -= cache->count;
	cache->counts[FRAME_CACHED] += cache->count;
}

static void cache_spill(struct frame_cache *cache, unsigned keep)
{
	frames_lock();
	while (cache->count > keep) {
		block_free_locked(frame_paddr(cache->frames[--cache->count]), 0);
		cache->counts[FRAME_CACHED]--;
		cache->counts[FRAME_FREE]++;
	}
	frames_unlock();
}

/* One that is full of zeros. */
static int zeroed_alloc(struct frame_cache *cache, struct frame **frame)
{
	if (cache->zeroed_count == 0)
		return -ENOMEM;
	*frame = cache->zeroed[--cache->zeroed_count];
	cache->counts[FRAME_CACHED]--;
	return 0;
}

/* Out of line, as what is seldom: each allocation would pay for its registers. */
static __noinline int cache_refill(struct frame_cache *cache)
{
	cache_fill(cache);
	if (cache->count == 0 && cache->zeroed_count > 0)
		cache->frames[cache->count++] = cache->zeroed[--cache->zeroed_count];
	return cache->count > 0 ? 0 : -ENOMEM;
}

static int single_alloc(struct frame_cache *cache, struct frame **frame)
{
	if (unlikely(cache->count == 0) && cache_refill(cache))
		return -ENOMEM;
	*frame = cache->frames[--cache->count];
	cache->counts[FRAME_CACHED]--;
	return 0;
}

/* A block has an owner. Interrupts off. */
static void frame_give(
	struct frame_cache *cache, struct frame *frame, unsigned order, enum frame_owner owner)
{
	cache->counts[owner] += (int64_t)1 << order;
	frame->refs = 1;
	frame->owner = (uint8_t)owner;
	frame->order = (uint8_t)order;
	frame->flags = 0;
	list_init(&frame->link);
}

static __noinline int large_alloc(unsigned order, enum frame_owner owner, struct frame **frame)
{
	assert(order <= FRAME_ORDER_MAX);
	uint64_t flags = irq_save();
	frames_lock();
	int err = block_alloc_locked(order, frame);
	if (!err)
		frames.counts[FRAME_FREE] -= (int64_t)1 << order;
	frames_unlock();
	if (!err)
		frame_give(own_cache(), *frame, order, owner);
	irq_restore(flags);
	return err;
}

int frame_alloc(unsigned order, enum frame_owner owner, struct frame **frame)
{
	if (fail_now())
		return -ENOMEM;
	if (unlikely(order > 0))
		return large_alloc(order, owner, frame);
	uint64_t flags = irq_save();
	struct frame_cache *cache = own_cache();
	int err = single_alloc(cache, frame);
	if (likely(!err))
		frame_give(cache, *frame, 0, owner);
	irq_restore(flags);
	return err;
}

int frame_alloc_zeroed(enum frame_owner owner, struct frame **frame)
{
	int err = frame_alloc(0, owner, frame);
	if (!err)
		page_zero(frame_virt(*frame));
	return err;
}

static int frame_alloc_table(struct frame **frame)
{
	if (fail_now())
		return -ENOMEM;
	uint64_t flags = irq_save();
	struct frame_cache *cache = own_cache();
	int err = zeroed_alloc(cache, frame);
	if (!err)
		frame_give(cache, *frame, 0, FRAME_TABLES);
	irq_restore(flags);
	return err ? frame_alloc_zeroed(FRAME_TABLES, frame) : 0;
}

void frame_free(struct frame *frame)
{
	unsigned order = frame->order;
#ifdef DEBUG
	memset(frame_virt(frame), POISON, BLOCK_BYTES(order));
#endif
	uint64_t flags = irq_save();
	struct frame_cache *cache = own_cache();
	cache->counts[frame->owner] -= (int64_t)1 << order;
	frame->owner = FRAME_RESERVED;
	if (order > 0) {
		frames_lock();
		block_free_locked(frame_paddr(frame), order);
		frames.counts[FRAME_FREE] += (int64_t)1 << order;
		frames_unlock();
	} else {
		if (cache->count == CACHE_FRAMES)
			cache_spill(cache, CACHE_FRAMES - CACHE_BATCH);
		cache->frames[cache->count++] = frame;
		cache->counts[FRAME_CACHED]++;
	}
	irq_restore(flags);
}

static __unused bool is_zeroed(const struct frame *frame)
{
	const uint64_t *words = frame_virt(frame);

	for (unsigned i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		if (words[i])
			return false;
	return true;
}

/* It is full of zeros; so the next table is made of it. */
static void frame_free_table(struct frame *frame)
{
	debug_assert(is_zeroed(frame));
	uint64_t flags = irq_save();
	struct frame_cache *cache = own_cache();
	bool kept = cache->zeroed_count < CACHE_ZEROED;

	if (kept) {
		cache->zeroed[cache->zeroed_count++] = frame;
		cache->counts[FRAME_TABLES]--;
		cache->counts[FRAME_CACHED]++;
		frame->owner = FRAME_RESERVED;
	}
	irq_restore(flags);
	if (!kept)
		frame_put(frame);
}

void frame_counts(uint64_t counts[FRAME_OWNERS])
{
	uint64_t flags = spin_lock_irqsave(&frames.lock);
	for (unsigned owner = 0; owner < FRAME_OWNERS; owner++) {
		int64_t sum = frames.counts[owner];
		for (unsigned id = 0; id < cpu_count(); id++)
			sum += READ_ONCE(caches[id].counts[owner]);
		counts[owner] = (uint64_t)max(sum, (int64_t)0);
	}
	spin_unlock_irqrestore(&frames.lock, flags);
}

uint64_t frame_total(void)
{
	return frames.total;
}

uint64_t frame_reserve_count(void)
{
	return frames.reserve;
}

uint64_t frame_free_count(void)
{
	uint64_t counts[FRAME_OWNERS];
	frame_counts(counts);
	return counts[FRAME_FREE] + counts[FRAME_CACHED] + counts[FRAME_UNTOUCHED];
}

void frame_drain(void)
{
	uint64_t flags = irq_save();
	struct frame_cache *cache = own_cache();

	do {
		while (cache->zeroed_count > 0 && cache->count < CACHE_FRAMES)
			cache->frames[cache->count++] = cache->zeroed[--cache->zeroed_count];
		cache_spill(cache, 0);
	} while (cache->zeroed_count > 0);
	irq_restore(flags);
}

const char *frame_owner_name(enum frame_owner owner)
{
	static const char *const names[FRAME_OWNERS] = {
		[FRAME_RESERVED] = "reserved",
		[FRAME_FREE] = "free",
		[FRAME_CACHED] = "cpu-cached",
		[FRAME_UNTOUCHED] = "untouched",
		[FRAME_IMAGE] = "image",
		[FRAME_RECORDS] = "records",
		[FRAME_TABLES] = "tables",
		[FRAME_STACK] = "stacks",
		[FRAME_SLAB] = "slab",
		[FRAME_ANON] = "anon",
		[FRAME_PAGE_CACHE] = "page-cache",
		[FRAME_BUFFER] = "buffers",
		[FRAME_DMA] = "dma",
	};
	return names[owner];
}

/* All memory is somebody's: the invariant that the counters stand for. */
static uint64_t counts_sum(void)
{
	uint64_t counts[FRAME_OWNERS], sum = 0;
	frame_counts(counts);
	for (unsigned owner = 0; owner < FRAME_OWNERS; owner++)
		sum += counts[owner];
	return sum;
}

static int table_alloc(struct page_source *source, paddr_t *page)
{
	struct frame *frame;
	int err = frame_alloc_table(&frame);
	if (!err)
		*page = frame_paddr(frame);
	return err;
}

static void table_free(struct page_source *source, paddr_t page)
{
	frame_free_table(frame_at(page));
}

struct page_source *frame_table_source(void)
{
	static struct page_source source = { .alloc = table_alloc, .free = table_free };
	return &source;
}

int frame_init(const struct boot_info *info)
{
	for (unsigned order = 0; order <= FRAME_ORDER_MAX; order++)
		list_init(&frames.free[order]);
	int err = section_init(info, frames.counts);
	if (err)
		return err;
	uint64_t flags = spin_lock_irqsave(&frames.lock);
	err = grow_locked();
	spin_unlock_irqrestore(&frames.lock, flags);
	frames.total = counts_sum();
	frames.reserve = min(frames.total / 64, (uint64_t)FRAME_RESERVE_MAX);
	/* The image's too: programs map the vDSO, which lies in it. */
	if (!err)
		err = section_map_reserved(KERNEL_PADDR, kernel_to_phys(mmu_kernel_end()));
	if (!err && info->archive_bytes)
		err = section_map_reserved(info->archive, info->archive + info->archive_bytes);
	return err;
}
