#ifndef IO_PAGE_QUEUE_H
#define IO_PAGE_QUEUE_H
/*
 * Queues of bytes in pages: what is in a pipe, or on its way to a socket. Pages come when they are
 * written and go when they have been read.
 *
 * The owner's lock, which may be one that sleepers hold, guards a queue. `used` is one word, and
 * may be read without it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "mm/frame.h"
#include "vm/iter.h"

struct page_queue {
	uint64_t tail;        /* number of the first byte; 0 where the queue is empty */
	size_t used;          /* bytes */
	uint32_t page_count;  /* a power of two, or 0: nothing fits yet */
	bool keeps_page;      /* an empty queue has a page in its first place, for the next byte */
	struct frame **pages; /* page_count of them, NULL where there is none */
	struct frame **lent;  /* the array that it began with and does not free, or NULL */
};

/* An empty queue begins with an array of its owner's, `count` times NULL; count: a power of two. */
static inline void page_queue_lend(struct page_queue *queue, struct frame **pages, uint32_t count)
{
	queue->pages = queue->lent = pages;
	queue->page_count = count;
}

/* As many pages as `count`, a power of two. -EBUSY: more are in use; -ENOMEM. */
__must_check int page_queue_resize(struct page_queue *queue, uint32_t count);
/* Make room for `bytes` more. -ENOMEM. */
__must_check int page_queue_reserve(struct page_queue *queue, size_t bytes);
/* Gives all pages back; the queue is as a zeroed one. */
void page_queue_destroy(struct page_queue *queue);
void page_queue_clear(struct page_queue *queue);

/* The writer never comes round into the page that is being read: a page has bytes of one round
 * only, and can go when it has been read. So a page that was read in part is no room yet, as on
 * Linux. */
static inline size_t page_queue_room(const struct page_queue *queue)
{
	return (size_t)queue->page_count * PAGE_SIZE - queue->used - queue->tail % PAGE_SIZE;
}

/* Up to `bytes`, for which there is room, out of the iter; how many that was, or an error if that
 * is none: -ENOMEM, -EFAULT. */
ssize_t page_queue_put(struct page_queue *queue, struct iter *iter, size_t bytes);
/* Takes the last `bytes` back. */
void page_queue_cut(struct page_queue *queue, size_t bytes);
/* `bytes`, which are in the queue behind the first `skip`, into the iter: as for put. They stay. */
ssize_t page_queue_copy(
	const struct page_queue *queue, size_t skip, struct iter *iter, size_t bytes);
/* Removes the first `bytes`. */
void page_queue_drop(struct page_queue *queue, size_t bytes);

#endif
