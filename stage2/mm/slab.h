#ifndef MM_SLAB_H
#define MM_SLAB_H
/*
 * The kernel heap: typed caches of equal objects, and kmalloc on top of caches of round sizes.
 * Any context; never sleeps. DEBUG=1 poisons freed objects and checks them when they are given out
 * again, keeps red zones, and catches a double free.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "lib/compiler.h"
#include "lib/list.h"

struct slab_cache {
	const char *name;
	uint32_t object_bytes;
	uint32_t align;
	/* Set up on first use. */
	struct spinlock lock;
	uint32_t stride;          /* [I] bytes from object to object */
	uint32_t order;           /* [I] of a slab's frame block */
	uint32_t per_slab;        /* [I] objects in a slab */
	struct list_head partial; /* [lock] slabs with free objects */
	struct frame *empty;      /* [lock] the last of them, if it has no used ones; or NULL */
	uint64_t in_use;          /* [lock] objects */
	uint64_t slabs;           /* [lock] */
	struct list_head link;    /* in the list of all caches */
};

/* A cache as a static object: static struct slab_cache foo_cache = SLAB_CACHE("foo", struct foo);
 * The name has no blanks: it is a column of /proc/slabinfo. */
#define SLAB_CACHE(cache_name, type)                                                               \
	{                                                                                          \
		.name = (cache_name), .object_bytes = sizeof(type), .align = _Alignof(type)        \
	}

/* An object, not zeroed; NULL: no memory. */
__must_check void *slab_alloc(struct slab_cache *cache);
__must_check void *slab_zalloc(struct slab_cache *cache);
void slab_free(struct slab_cache *cache, void *object);

/* bytes > 0, up to 4 MiB (above 2 KiB whole frames are used). NULL: no memory. */
__must_check void *kmalloc(size_t bytes);
__must_check void *kzalloc(size_t bytes);
/* NULL is allowed. */
void kfree(void *object);

/* Give empty slabs back; frames freed. */
uint64_t slab_drain(void);

/* For /proc/slabinfo: the index-th cache. False past the end. */
bool slab_info(unsigned index, const char **name, uint64_t *in_use, uint64_t *object_bytes,
	uint64_t *frames);

#endif
