#ifndef MM_FRAME_H
#define MM_FRAME_H
/*
 * Page frames: a buddy allocator over all usable memory, with a small cache on each CPU.
 *
 * A frame record describes one frame of 4 KiB. Memory is taken in by sections of 32 MiB, when the
 * sections before are used up, so boot does not grow with memory. A section's records lie in its
 * own first frames. Only the record of a block's first frame is meaningful.
 *
 * Each frame has exactly one owner; a counter for each owner says how many frames it has, and the
 * sum is all of memory. Nothing here sleeps; any context.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/boot_info.h"
#include "arch/memory_map.h"
#include "arch/mmu.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

#define FRAME_ORDER_MAX 10 /* blocks of up to 4 MiB */

enum frame_owner {
	FRAME_RESERVED,   /* not the allocator's: counts as FRAME_IMAGE, or is no memory at all; get
	                   * and   put do nothing */
	FRAME_FREE,       /* in the buddy lists */
	FRAME_CACHED,     /* free, in a CPU's cache */
	FRAME_UNTOUCHED,  /* free, in a section not yet taken in */
	FRAME_IMAGE,      /* kernel image, boot data, the archive where the loader put it */
	FRAME_RECORDS,    /* frame records themselves */
	FRAME_TABLES,     /* page tables */
	FRAME_STACK,      /* kernel stacks */
	FRAME_SLAB,       /* slab allocator (per cache: slab_info) */
	FRAME_ANON,       /* anonymous memory of programs */
	FRAME_PAGE_CACHE, /* pages of files */
	FRAME_BUFFER,     /* bytes in pipes and sockets */
	FRAME_DMA,        /* rings and buffers of devices */
	FRAME_OWNERS
};

struct frame {
	/* [a] references; the last frame_put frees the block. */
	uint32_t refs;
	uint8_t owner;         /* enum frame_owner */
	uint8_t order;         /* of the block that begins here */
	uint16_t flags;        /* for the owner: page cache states */
	struct list_head link; /* buddy list while free; for the owner afterwards */
	union {
		struct { /* FRAME_SLAB: mm/slab.c */
			struct slab_cache *cache;
			void *free_list;
			uint32_t in_use;
		} slab;
		struct { /* FRAME_PAGE_CACHE: fs/page_cache.c; lock: the mapping's */
			void *mapping;
			uint64_t index;  /* page number in the file */
			uint32_t mapped; /* [a] user mappings */
		} cache;
		struct {              /* FRAME_ANON: vm */
			void *region; /* reverse mapping */
			uint64_t index;
			uint32_t mapped; /* [a] user mappings: 1 = may be written in place on a COW
			                    fault */
		} anon;
	};
};
_Static_assert(sizeof(struct frame) <= 64, "one cache line a frame");

#define FRAME_RECORD_BYTES 64

static inline struct frame *frame_at(paddr_t paddr)
{
	return (struct frame *)(FRAME_MAP_BASE + (paddr >> PAGE_SHIFT) * FRAME_RECORD_BYTES);
}
static inline paddr_t frame_paddr(const struct frame *frame)
{
	return ((uint64_t)frame - FRAME_MAP_BASE) / FRAME_RECORD_BYTES << PAGE_SHIFT;
}
static inline void *frame_virt(const struct frame *frame)
{
	return phys_to_virt(frame_paddr(frame));
}

/* Find the machine's memory and leave the boot code's page tables for the kernel's own. The
 * archive, if the loader placed one, is counted as FRAME_IMAGE. -ENOMEM: too little memory. */
__must_check int frame_init(const struct boot_info *info);

/* A block of 2^order frames, not zeroed, refs 1. -ENOMEM. */
__must_check int frame_alloc(unsigned order, enum frame_owner owner, struct frame **frame);
/* One frame filled with zeros. */
__must_check int frame_alloc_zeroed(enum frame_owner owner, struct frame **frame);

static inline void frame_get(struct frame *frame)
{
	if (frame->owner != FRAME_RESERVED)
		__atomic_fetch_add(&frame->refs, 1, __ATOMIC_RELAXED);
}
/* The last reference has gone. */
void frame_free(struct frame *frame);
/* Drop a reference; frees the block with the last one. */
static inline void frame_put(struct frame *frame)
{
	if (frame->owner != FRAME_RESERVED &&
		__atomic_sub_fetch(&frame->refs, 1, __ATOMIC_ACQ_REL) == 0)
		frame_free(frame);
}
/* Frames that each owner has; fills counts[FRAME_OWNERS]. Exact when the system is quiet: their sum
 * is frame_total then. */
void frame_counts(uint64_t counts[FRAME_OWNERS]);
uint64_t frame_total(void);
uint64_t frame_free_count(void);
/* So many are to stay free for those that cannot wait. */
uint64_t frame_reserve_count(void);
/* Not 0: so few are free that what cannot wait for memory may soon find none. [a] */
extern uint32_t frame_low;
/* Give the CPUs' caches back to the buddy lists (this CPU's; others by their next call). */
void frame_drain(void);
const char *frame_owner_name(enum frame_owner owner);

/* A source of page-table pages for arch/mmu.h. */
struct page_source *frame_table_source(void);

/* Something that can give memory back (fs: clean cache pages). Called by frame_reclaim, which a
 * caller that may sleep uses before it reports -ENOMEM. */
struct shrinker {
	struct list_head link;
	const char *name;
	/* Free up to `target` frames; returns how many were freed. May sleep. */
	uint64_t (*shrink)(uint64_t target);
};
void shrinker_add(struct shrinker *shrinker);
/* Ask the shrinkers for memory; returns frames freed. May sleep, no locks held. */
uint64_t frame_reclaim(uint64_t target);
/* Called now and then by whoever may use up memory (system calls, faults): if little is free, some
 * is reclaimed, so that those who cannot wait for it (the kernel heap, page tables, stacks) find
 * some. May sleep, no locks held. */
void frame_keep_reserve(void);
/* Something that has changed nothing has failed with `err`: is it worth another try? True if that
 * was -ENOMEM and some memory has been had. May sleep, no locks held. */
bool frame_reclaim_for(int err);

#endif
