/*
 * Queues of bytes in pages, against a plain array: what comes out is what went in, whatever memory
 * and the program's pages do meanwhile; no page is lost.
 *
 * links: stage2/io/page_queue.c
 */
#include "host.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "abi/errno.h"
#include "io/page_queue.h"
#include "lib/compiler.h"
#include "mm/slab.h"

#define FRAMES      256ul
#define MODEL_BYTES (128ul * 4096)
#define STEPS       20000

/* ---- memory ---------------------------------------------------------------------------------- */

static bool used[FRAMES];
static uint64_t frames_used, frames_limit, arrays, frames_total = 2 * FRAMES;

int frame_alloc(unsigned order, enum frame_owner owner, struct frame **result)
{
	uint64_t at = 0;

	assert_int_equal(order, 0);
	assert_int_equal(owner, FRAME_BUFFER);
	if (frames_used >= frames_limit)
		return -ENOMEM;
	while (used[at])
		at++;
	used[at] = true;
	frames_used++;
	*result = frame_at(at * PAGE_SIZE);
	(*result)->refs = 1;
	(*result)->owner = FRAME_BUFFER;
	return 0;
}

uint64_t frame_total(void)
{
	return frames_total;
}

void frame_free(struct frame *frame)
{
	assert_true(used[frame_paddr(frame) / PAGE_SIZE]);
	used[frame_paddr(frame) / PAGE_SIZE] = false;
	frames_used--;
}

void *kzalloc(size_t bytes)
{
	arrays++;
	return calloc(1, bytes);
}

void kfree(void *object)
{
	arrays -= object != NULL;
	free(object);
}

/* ---- the program's memory: the first `valid` bytes of `buffer` can be touched ------------ */

static uint8_t buffer[MODEL_BYTES];
static size_t valid;

static ssize_t iter_copy(struct iter *iter, void *to, const void *from, size_t bytes)
{
	size_t offset = iter->at - (uint64_t)buffer;
	size_t there = valid > offset ? valid - offset : 0;
	size_t part = min(bytes, iter->remaining);

	part = min(part, there);

	if (part == 0)
		return bytes && iter->remaining ? -EFAULT : 0;
	memcpy(to, from, part);
	iter->at += part;
	iter->here -= part;
	iter->remaining -= part;
	return (ssize_t)part;
}

ssize_t iter_read(struct iter *iter, void *dst, size_t bytes)
{
	return iter_copy(iter, dst, (char *)iter->at, bytes);
}

ssize_t iter_write(struct iter *iter, const void *src, size_t bytes)
{
	return iter_copy(iter, (char *)iter->at, src, bytes);
}

static struct iter iter_of(void *base, size_t bytes)
{
	return (struct iter){ .at = (uint64_t)base, .here = bytes, .remaining = bytes };
}

/* ---- the model ------------------------------------------------------------------------------- */

static uint8_t model[MODEL_BYTES];
static size_t model_used;

static void put(struct page_queue *queue)
{
	size_t bytes = host_random_below(3 * PAGE_SIZE);
	struct iter iter = iter_of(buffer, bytes);
	ssize_t done;

	if (model_used + bytes > MODEL_BYTES - PAGE_SIZE)
		return;
	if (page_queue_room(queue) < bytes)
		assert_int_equal(page_queue_reserve(queue, bytes), 0);
	assert_true(page_queue_room(queue) >= bytes);
	for (size_t i = 0; i < bytes; i++)
		buffer[i] = (uint8_t)host_random();
	valid = host_random_below(4) ? MODEL_BYTES : host_random_below(bytes + 1);
	frames_limit = host_random_below(4) ? FRAMES : frames_used + host_random_below(2);
	done = page_queue_put(queue, &iter, bytes);
	if (done < 0) {
		assert_true(done == -EFAULT || done == -ENOMEM);
		done = 0;
	} else if (valid >= bytes && frames_limit == FRAMES) {
		assert_int_equal(done, bytes);
	}
	memcpy(model + model_used, buffer, (size_t)done);
	model_used += (size_t)done;
}

static void cut(struct page_queue *queue)
{
	size_t bytes = min(host_random_below(2 * PAGE_SIZE), model_used);

	page_queue_cut(queue, bytes);
	model_used -= bytes;
}

static void look(struct page_queue *queue)
{
	size_t skip = host_random_below(model_used + 1);
	size_t bytes = host_random_below(model_used - skip + 1);
	struct iter iter = iter_of(buffer, bytes);

	valid = MODEL_BYTES;
	assert_int_equal(page_queue_copy(queue, skip, &iter, bytes), bytes);
	assert_memory_equal(buffer, model + skip, bytes);
}

static void drop(struct page_queue *queue)
{
	size_t bytes = host_random_below(4) ? min(host_random_below(3 * PAGE_SIZE), model_used)
	                                    : model_used;

	page_queue_drop(queue, bytes);
	model_used -= bytes;
	memmove(model, model + bytes, model_used);
}

static void resize(struct page_queue *queue)
{
	uint32_t count = 1u << host_random_below(8);
	int err = page_queue_resize(queue, count);

	if (err)
		assert_true(err == -EBUSY && model_used > (count - 1) * (size_t)PAGE_SIZE);
	else
		assert_int_equal(queue->page_count, count);
}

static void step(struct page_queue *queue)
{
	switch (host_random_below(8)) {
	case 0:
	case 1:
	case 2:
		put(queue);
		break;
	case 3:
		cut(queue);
		break;
	case 4:
		look(queue);
		break;
	case 5:
		resize(queue);
		break;
	default:
		drop(queue);
	}
	assert_int_equal(queue->used, model_used);
	/* Bytes that begin and end anywhere in their pages, and the page that is kept. */
	assert_true(frames_used <= DIV_ROUND_UP(model_used, PAGE_SIZE) + 1 + queue->keeps_page);
}

/* As a pipe's does, a queue that keeps a page begins with a lent array. */
static void run(bool keeps_page)
{
	struct page_queue queue = { .keeps_page = keeps_page };
	struct frame *lent[4] = { NULL };

	if (keeps_page)
		page_queue_lend(&queue, lent, 4);
	host_random_seed(7);
	model_used = 0;
	for (int i = 0; i < STEPS; i++)
		step(&queue);
	page_queue_destroy(&queue);
	assert_int_equal(frames_used, 0);
	assert_int_equal(arrays, 0);
}

static void test_against_model(void **state)
{
	run(false);
}

static void test_that_keeps_a_page(void **state)
{
	run(true);
}

static void test_short_messages_use_one_page(void **state)
{
	struct page_queue queue = { .keeps_page = true };
	struct frame *lent[2] = { NULL };
	struct iter iter;

	frames_limit = 1;
	valid = MODEL_BYTES;
	page_queue_lend(&queue, lent, 2);
	assert_int_equal(page_queue_reserve(&queue, 1), 0);
	assert_int_equal(arrays, 0);
	for (int i = 0; i < 3 * PAGE_SIZE; i++) {
		iter = iter_of(buffer, 1);
		assert_int_equal(page_queue_put(&queue, &iter, 1), 1);
		page_queue_drop(&queue, 1);
		assert_int_equal(frames_used, 1);
	}
	page_queue_destroy(&queue);
	assert_int_equal(frames_used, 0);
}

static void test_half_of_memory_and_no_more(void **state)
{
	struct page_queue queues[2] = { { .keeps_page = true } };
	struct iter iter;

	frames_limit = FRAMES;
	frames_total = 10;
	valid = MODEL_BYTES;
	for (int i = 0; i < 2; i++)
		assert_int_equal(page_queue_reserve(&queues[i], 4 * PAGE_SIZE), 0);
	iter = iter_of(buffer, 4 * PAGE_SIZE);
	assert_int_equal(page_queue_put(&queues[0], &iter, 4 * PAGE_SIZE), 4 * PAGE_SIZE);
	iter = iter_of(buffer, 4 * PAGE_SIZE);
	assert_int_equal(page_queue_put(&queues[1], &iter, 4 * PAGE_SIZE), PAGE_SIZE);
	iter = iter_of(buffer, PAGE_SIZE);
	assert_int_equal(page_queue_put(&queues[1], &iter, PAGE_SIZE), -ENOMEM);
	page_queue_drop(&queues[0], 3 * PAGE_SIZE);
	assert_int_equal(page_queue_put(&queues[1], &iter, PAGE_SIZE), PAGE_SIZE);
	for (int i = 0; i < 2; i++)
		page_queue_destroy(&queues[i]);
	frames_total = 2 * FRAMES;
	assert_int_equal(frames_used, 0);
}

static bool reserve(uint64_t base, size_t bytes)
{
	return mmap((void *)base, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == (void *)base;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_model),
		cmocka_unit_test(test_that_keeps_a_page),
		cmocka_unit_test(test_short_messages_use_one_page),
		cmocka_unit_test(test_half_of_memory_and_no_more),
	};

	if (!reserve(DIRECT_MAP_BASE, FRAMES * PAGE_SIZE) ||
		!reserve(FRAME_MAP_BASE, FRAMES * FRAME_RECORD_BYTES))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
