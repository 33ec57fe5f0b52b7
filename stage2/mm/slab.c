/*
 * The kernel heap. A cache has slabs: blocks of frames cut into objects of one size. A slab's own
 * record is the frame record of its first frame: the list of free objects (each holds a pointer to
 * the next) and the number in use. Partly used slabs are taken first; one empty slab is kept, as
 * the last of them, others go back.
 *
 * kmalloc is a row of caches of round sizes whose slabs are single frames, so that kfree finds the
 * slab from the address alone; what is larger gets frames of its own.
 *
 * DEBUG=1: each object ends in a word that tells whether it is allocated; freed memory is filled
 * with a pattern, which is checked when the object is given out again.
 */
#include "mm/slab.h"
#include "abi/errno.h"
#include "core/fail.h"
#include "core/panic.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frame.h"

#define OBJECTS_WANTED 8 /* a slab holds at least so many, if SLAB_ORDER_MAX allows */
#define SLAB_ORDER_MAX 3

static struct {
	struct spinlock lock; /* RANK_SLAB_LIST: the list of caches, and setting one up */
	struct list_head all;
} caches = { .lock = SPINLOCK_INIT("slab-caches", RANK_SLAB_LIST), .all = LIST_INIT(caches.all) };

/* ---- what DEBUG adds to an object ------------------------------------------------------------ */

#ifdef DEBUG
#define POISON         0x6b
#define TAIL_ALLOCATED 0xa110ca7edull
#define TAIL_FREE      0xf4eef4eeull
#define TAIL_BYTES     8

static uint64_t *object_tail(const struct slab_cache *cache, void *object)
{
	return (uint64_t *)((char *)object + cache->stride - TAIL_BYTES);
}

static void debug_alloc(const struct slab_cache *cache, void *object)
{
	const uint8_t *bytes = object;
	if (*object_tail(cache, object) != TAIL_FREE)
		panic("slab %s: object %p was overrun or is not free", cache->name, object);
	for (size_t i = sizeof(void *); i < cache->stride - TAIL_BYTES; i++)
		if (bytes[i] != POISON)
			panic("slab %s: freed object %p was written at offset %zu", cache->name,
				object, i);
	memset(object, 0xaa, cache->stride - TAIL_BYTES);
	*object_tail(cache, object) = TAIL_ALLOCATED;
}

static void debug_free(const struct slab_cache *cache, void *object, bool fresh)
{
	if (!fresh && *object_tail(cache, object) == TAIL_FREE)
		panic("slab %s: object %p freed twice", cache->name, object);
	if (!fresh && *object_tail(cache, object) != TAIL_ALLOCATED)
		panic("slab %s: object %p was overrun", cache->name, object);
	memset(object, POISON, cache->stride - TAIL_BYTES);
	*object_tail(cache, object) = TAIL_FREE;
}
#else
#define TAIL_BYTES 0
static void debug_alloc(const struct slab_cache *cache, void *object)
{
}
static void debug_free(const struct slab_cache *cache, void *object, bool fresh)
{
}
#endif

/* ---- caches ---------------------------------------------------------------------------------- */

static unsigned order_for(uint32_t stride)
{
	unsigned order = 0;
	while (order < SLAB_ORDER_MAX && ((uint64_t)PAGE_SIZE << order) / stride < OBJECTS_WANTED)
		order++;
	return order;
}

static void cache_set_up(struct slab_cache *cache, bool single_frames)
{
	uint64_t flags = spin_lock_irqsave(&caches.lock);
	if (cache->per_slab == 0) {
		uint32_t align = max(cache->align, (uint32_t)sizeof(void *));
		spin_init(&cache->lock, cache->name, RANK_SLAB);
		list_init(&cache->partial);
		cache->stride = ALIGN_UP(
			max(cache->object_bytes, (uint32_t)sizeof(void *)) + TAIL_BYTES, align);
		cache->order = single_frames ? 0 : order_for(cache->stride);
		uint32_t per_slab = (PAGE_SIZE << cache->order) / cache->stride;
		assert(per_slab > 0);
		list_add_tail(&cache->link, &caches.all);
		__atomic_store_n(&cache->per_slab, per_slab, __ATOMIC_RELEASE);
	}
	spin_unlock_irqrestore(&caches.lock, flags);
}

static inline void cache_ready(struct slab_cache *cache, bool single_frames)
{
	if (unlikely(__atomic_load_n(&cache->per_slab, __ATOMIC_ACQUIRE) == 0))
		cache_set_up(cache, single_frames);
}

/* Out of line, as what is seldom. */
static __noinline int slab_add_locked(struct slab_cache *cache)
{
	spin_assert_held(&cache->lock);
	struct frame *slab;
	int err = frame_alloc(cache->order, FRAME_SLAB, &slab);
	if (err)
		return err;
	slab->slab.cache = cache;
	slab->slab.in_use = 0;
	slab->slab.free_list = NULL;
	char *base = frame_virt(slab);
	for (uint32_t i = cache->per_slab; i-- > 0;) {
		void *object = base + (size_t)i * cache->stride;
		debug_free(cache, object, true);
		*(void **)object = slab->slab.free_list;
		slab->slab.free_list = object;
	}
	list_add(&slab->link, &cache->partial);
	cache->slabs++;
	return 0;
}

static struct frame *slab_with_room_locked(struct slab_cache *cache)
{
	spin_assert_held(&cache->lock);
	if (list_empty(&cache->partial) && slab_add_locked(cache))
		return NULL;
	return list_first(&cache->partial, struct frame, link);
}

static void *cache_alloc(struct slab_cache *cache)
{
	void *object = NULL;
	if (fail_now())
		return NULL;
	uint64_t flags = spin_lock_irqsave(&cache->lock);
	struct frame *slab = slab_with_room_locked(cache);
	if (slab) {
		object = slab->slab.free_list;
		slab->slab.free_list = *(void **)object;
		slab->slab.in_use++;
		cache->in_use++;
		if (cache->empty == slab)
			cache->empty = NULL;
		if (!slab->slab.free_list)
			list_del(&slab->link);
		debug_alloc(cache, object);
	}
	spin_unlock_irqrestore(&cache->lock, flags);
	return object;
}

static void slab_emptied_locked(struct slab_cache *cache, struct frame *slab)
{
	spin_assert_held(&cache->lock);
	if (cache->empty) {
		list_del(&slab->link);
		cache->slabs--;
		frame_put(slab);
		return;
	}
	cache->empty = slab;
	if (cache->partial.prev != &slab->link) {
		list_del(&slab->link);
		list_add_tail(&slab->link, &cache->partial);
	}
}

static void cache_free(struct slab_cache *cache, struct frame *slab, void *object)
{
	assert(slab->owner == FRAME_SLAB && slab->slab.cache == cache);
	uint64_t flags = spin_lock_irqsave(&cache->lock);
	debug_free(cache, object, false);
	if (!slab->slab.free_list)
		list_add(&slab->link, &cache->partial);
	*(void **)object = slab->slab.free_list;
	slab->slab.free_list = object;
	cache->in_use--;
	if (--slab->slab.in_use == 0)
		slab_emptied_locked(cache, slab);
	spin_unlock_irqrestore(&cache->lock, flags);
}

void *slab_alloc(struct slab_cache *cache)
{
	cache_ready(cache, false);
	return cache_alloc(cache);
}

void *slab_zalloc(struct slab_cache *cache)
{
	void *object = slab_alloc(cache);
	if (object)
		memset(object, 0, cache->object_bytes);
	return object;
}

void slab_free(struct slab_cache *cache, void *object)
{
	/* A block of frames begins at a multiple of its size. */
	uint64_t block = (uint64_t)PAGE_SIZE << cache->order;
	cache_free(cache, frame_at(ALIGN_DOWN(virt_to_phys(object), block)), object);
}

/* ---- kmalloc --------------------------------------------------------------------------------- */

#define KMALLOC_OBJECT_MAX 2032

#define KMALLOC_CACHE(size)                                                                        \
	{                                                                                          \
		.name = "kmalloc-" #size, .object_bytes = size, .align = 16                        \
	}

static struct slab_cache kmalloc_caches[] = {
	KMALLOC_CACHE(16),
	KMALLOC_CACHE(32),
	KMALLOC_CACHE(64),
	KMALLOC_CACHE(96),
	KMALLOC_CACHE(128),
	KMALLOC_CACHE(192),
	KMALLOC_CACHE(256),
	KMALLOC_CACHE(512),
	KMALLOC_CACHE(1024),
	KMALLOC_CACHE(2032),
};

static struct slab_cache *kmalloc_cache(size_t bytes)
{
	if (bytes > KMALLOC_OBJECT_MAX) /* the buffer of each path: not found by asking all */
		return NULL;
	for (unsigned i = 0; i < ARRAY_SIZE(kmalloc_caches); i++)
		if (bytes <= kmalloc_caches[i].object_bytes)
			return &kmalloc_caches[i];
	return NULL;
}

static void *kmalloc_frames(size_t bytes)
{
	unsigned order = 0;
	while (order <= FRAME_ORDER_MAX && ((size_t)PAGE_SIZE << order) < bytes)
		order++;
	struct frame *frame;
	if (order > FRAME_ORDER_MAX || frame_alloc(order, FRAME_SLAB, &frame))
		return NULL;
	frame->slab.cache = NULL;
	return frame_virt(frame);
}

void *kmalloc(size_t bytes)
{
	assert(bytes > 0);
	struct slab_cache *cache = kmalloc_cache(bytes);
	if (!cache)
		return kmalloc_frames(bytes);
	cache_ready(cache, true);
	return cache_alloc(cache);
}

void *kzalloc(size_t bytes)
{
	void *object = kmalloc(bytes);
	if (object)
		memset(object, 0, bytes);
	return object;
}

void kfree(void *object)
{
	if (!object)
		return;
	struct frame *frame = frame_at(ALIGN_DOWN(virt_to_phys(object), (paddr_t)PAGE_SIZE));
	assert(frame->owner == FRAME_SLAB);
	if (frame->slab.cache)
		cache_free(frame->slab.cache, frame, object);
	else
		frame_put(frame);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static uint64_t cache_drain(struct slab_cache *cache)
{
	uint64_t freed = 0;
	uint64_t flags = spin_lock_irqsave(&cache->lock);
	struct frame *slab = cache->empty;
	if (slab) {
		list_del(&slab->link);
		cache->slabs--;
		freed = 1ull << slab->order;
		cache->empty = NULL;
		frame_put(slab);
	}
	spin_unlock_irqrestore(&cache->lock, flags);
	return freed;
}

uint64_t slab_drain(void)
{
	uint64_t freed = 0;
	struct slab_cache *cache;
	uint64_t flags = spin_lock_irqsave(&caches.lock);
	list_for_each(cache, &caches.all, link)
		freed += cache_drain(cache);
	spin_unlock_irqrestore(&caches.lock, flags);
	return freed;
}

bool slab_info(unsigned index, const char **name, uint64_t *in_use, uint64_t *object_bytes,
	uint64_t *frames)
{
	bool found = false;
	struct slab_cache *cache;
	uint64_t flags = spin_lock_irqsave(&caches.lock);
	list_for_each(cache, &caches.all, link) {
		if (index-- > 0)
			continue;
		*name = cache->name;
		*in_use = cache->in_use;
		*object_bytes = cache->object_bytes;
		*frames = cache->slabs << cache->order;
		found = true;
		break;
	}
	spin_unlock_irqrestore(&caches.lock, flags);
	return found;
}
