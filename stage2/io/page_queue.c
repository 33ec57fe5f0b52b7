/*
 * Queues of bytes in pages: a ring.
 *
 * A byte's place is its number modulo the ring; numbers begin again when the queue has become
 * empty, so that short messages stay in the first page.
 */
#include "io/page_queue.h"

#include "abi/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

#define PAGES_FIRST 16u /* a queue that grows begins with so many */

/* Pages in all queues. No process has them, and to end one would not give them back: so they may
 * be half of memory and no more. [a] */
static uint64_t pages_held;

static void page_give(struct frame *page)
{
	frame_put(page);
	__atomic_sub_fetch(&pages_held, 1, __ATOMIC_RELAXED);
}

static int page_take(struct frame **page)
{
	int err = -ENOMEM;

	if (__atomic_add_fetch(&pages_held, 1, __ATOMIC_RELAXED) <= frame_total() / 2)
		err = frame_alloc(0, FRAME_BUFFER, page);
	if (err)
		__atomic_sub_fetch(&pages_held, 1, __ATOMIC_RELAXED);
	return err;
}

static struct frame **slot_of(const struct page_queue *queue, uint64_t at)
{
	return &queue->pages[at / PAGE_SIZE & (queue->page_count - 1)];
}

static int slot_fill(struct page_queue *queue, struct frame **slot)
{
	return *slot ? 0 : page_take(slot);
}

/* There is nothing in the page any more. */
static void slot_empty(struct page_queue *queue, struct frame **slot)
{
	struct frame *frame = *slot;

	*slot = NULL;
	if (queue->keeps_page && queue->used == 0)
		queue->pages[0] = frame;
	else
		page_give(frame);
}

static void array_free(struct page_queue *queue)
{
	if (queue->pages != queue->lent)
		kfree(queue->pages);
}

int page_queue_resize(struct page_queue *queue, uint32_t count)
{
	uint64_t first = queue->tail / PAGE_SIZE;
	uint64_t end = DIV_ROUND_UP(queue->tail + queue->used, PAGE_SIZE);
	struct frame **pages;

	if (end - first > count)
		return -EBUSY;
	pages = kzalloc(count * sizeof(*pages));
	if (!pages)
		return -ENOMEM;
	if (queue->used == 0 && queue->page_count > 0)
		pages[0] = queue->pages[0]; /* one that stays */
	for (uint64_t page = first; page < end; page++)
		pages[page & (count - 1)] = queue->pages[page & (queue->page_count - 1)];
	array_free(queue);
	queue->pages = pages;
	queue->page_count = count;
	return 0;
}

int page_queue_reserve(struct page_queue *queue, size_t bytes)
{
	size_t needed = bytes + queue->used + queue->tail % PAGE_SIZE;
	uint32_t count = max(queue->page_count, PAGES_FIRST);

	if (likely(needed <= (size_t)queue->page_count * PAGE_SIZE))
		return 0;
	while (count <= UINT32_MAX / 2 && (size_t)count * PAGE_SIZE < needed)
		count *= 2;
	return page_queue_resize(queue, count);
}

void page_queue_clear(struct page_queue *queue)
{
	if (queue->used)
		page_queue_drop(queue, queue->used);
	if (queue->page_count > 0 && queue->pages[0])
		page_give(queue->pages[0]);
	if (queue->page_count > 0)
		queue->pages[0] = NULL;
}

void page_queue_destroy(struct page_queue *queue)
{
	if (queue->page_count == 0)
		return;
	page_queue_clear(queue);
	array_free(queue);
	queue->pages = queue->lent = NULL;
	queue->page_count = 0;
}

/* As far as the page at the end goes. */
static inline ssize_t put_in_page(struct page_queue *queue, struct iter *iter, size_t bytes)
{
	uint64_t head = queue->tail + queue->used;
	size_t offset = head % PAGE_SIZE;
	struct frame **slot = slot_of(queue, head);
	ssize_t n = slot_fill(queue, slot);

	if (n)
		return n;
	n = iter_read(iter, (char *)frame_virt(*slot) + offset, min(bytes, PAGE_SIZE - offset));
	if (n > 0)
		WRITE_ONCE(queue->used, queue->used + (size_t)n);
	else if (offset == 0)
		slot_empty(queue, slot);
	return n;
}

static __noinline ssize_t put_rest(
	struct page_queue *queue, struct iter *iter, size_t bytes, size_t done)
{
	ssize_t n = 1;

	while (done < bytes && n > 0) {
		n = put_in_page(queue, iter, bytes - done);
		done += (size_t)max(n, (ssize_t)0);
	}
	return (ssize_t)done;
}

ssize_t page_queue_put(struct page_queue *queue, struct iter *iter, size_t bytes)
{
	ssize_t n = put_in_page(queue, iter, bytes);

	return n <= 0 || (size_t)n == bytes ? n : put_rest(queue, iter, bytes, (size_t)n);
}

void page_queue_cut(struct page_queue *queue, size_t bytes)
{
	while (bytes > 0) {
		uint64_t last = queue->tail + queue->used - 1;
		size_t part = min(bytes, last % PAGE_SIZE + 1);

		WRITE_ONCE(queue->used, queue->used - part);
		bytes -= part;
		if (queue->used == 0 || (queue->tail + queue->used) % PAGE_SIZE == 0)
			slot_empty(queue, slot_of(queue, last));
	}
	if (queue->used == 0)
		queue->tail = 0;
}

static inline ssize_t copy_of_page(
	const struct page_queue *queue, uint64_t at, struct iter *iter, size_t bytes)
{
	const char *page = frame_virt(*slot_of(queue, at));
	size_t offset = at % PAGE_SIZE;

	return iter_write(iter, page + offset, min(bytes, PAGE_SIZE - offset));
}

static __noinline ssize_t copy_rest(
	const struct page_queue *queue, uint64_t at, struct iter *iter, size_t bytes, size_t done)
{
	ssize_t n = 1;

	while (done < bytes && n > 0) {
		n = copy_of_page(queue, at + done, iter, bytes - done);
		done += (size_t)max(n, (ssize_t)0);
	}
	return (ssize_t)done;
}

ssize_t page_queue_copy(
	const struct page_queue *queue, size_t skip, struct iter *iter, size_t bytes)
{
	uint64_t at = queue->tail + skip;
	ssize_t n = copy_of_page(queue, at, iter, bytes);

	return n <= 0 || (size_t)n == bytes ? n : copy_rest(queue, at, iter, bytes, (size_t)n);
}

void page_queue_drop(struct page_queue *queue, size_t bytes)
{
	while (bytes > 0) {
		struct frame **slot = slot_of(queue, queue->tail);
		size_t part = min(bytes, PAGE_SIZE - queue->tail % PAGE_SIZE);

		queue->tail += part;
		WRITE_ONCE(queue->used, queue->used - part);
		bytes -= part;
		if (queue->used == 0 || queue->tail % PAGE_SIZE == 0)
			slot_empty(queue, slot);
	}
	if (queue->used == 0)
		queue->tail = 0;
}
