/*
 * Iterators over the memory of a read or write.
 *
 * Main idea: one loop over the pieces, for all three directions; what is done with a stretch of one
 * piece is a function. A stretch that comes back short ends the copy. Mostly there is one piece
 * only, and no loop. That user memory lies in the user half was checked when the iter was made.
 */
#include "vm/iter.h"

#include "abi/errno.h"
#include "arch/uaccess.h"
#include "core/spinlock.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "vm/uaccess.h"

/* To the next piece that has bytes, if there is one. */
static void iter_settle(struct iter *iter)
{
	while (iter->here == 0 && iter->remaining > 0) {
		iter->at = iter->next->base;
		iter->here = iter->next->bytes;
		iter->next++;
	}
}

void iter_user_pieces(struct iter *iter, const struct iter_piece *pieces, size_t count)
{
	*iter = (struct iter){ .next = pieces };
	for (size_t i = 0; i < count; i++)
		iter->remaining += pieces[i].bytes;
	iter_settle(iter);
}

/* Do something with `bytes` at `address` and at `buf`; returns how many were not done. */
typedef size_t stretch_fn(const struct iter *iter, uint64_t address, void *buf, size_t bytes);

static inline size_t stretch_write(
	const struct iter *iter, uint64_t address, void *buf, size_t bytes)
{
	if (likely(!iter->kernel))
		return arch_copy_user((void *)address, buf, bytes);
	memcpy((void *)address, buf, bytes);
	return 0;
}

static inline size_t stretch_read(
	const struct iter *iter, uint64_t address, void *buf, size_t bytes)
{
	if (likely(!iter->kernel))
		return arch_copy_user(buf, (const void *)address, bytes);
	memcpy(buf, (const void *)address, bytes);
	return 0;
}

static inline size_t stretch_zero(
	const struct iter *iter, uint64_t address, void *buf, size_t bytes)
{
	if (likely(!iter->kernel))
		return arch_zero_user((void *)address, bytes);
	memset((void *)address, 0, bytes);
	return 0;
}

static inline void iter_advance(struct iter *iter, size_t bytes)
{
	iter->at += bytes;
	iter->remaining -= bytes;
	iter->here -= bytes;
	if (iter->here == 0 && unlikely(iter->remaining > 0))
		iter_settle(iter);
}

/* The rest of what was to be done is not there. */
static __noinline ssize_t iter_short(struct iter *iter, size_t done)
{
	iter_advance(iter, done);
	return done ? (ssize_t)done : -EFAULT;
}

static __noinline ssize_t iter_walk(struct iter *iter, stretch_fn *stretch, char *buf, size_t bytes)
{
	size_t done = 0, want, got;

	do {
		want = min(bytes - done, iter->here);
		got = want - stretch(iter, iter->at, buf ? buf + done : NULL, want);
		iter_advance(iter, got);
		done += got;
	} while (got == want && done < bytes);
	return done ? (ssize_t)done : -EFAULT;
}

static inline ssize_t iter_do(struct iter *iter, stretch_fn *stretch, void *buf, size_t bytes)
{
	size_t left;

	bytes = min(bytes, iter->remaining);
	if (!iter->kernel) {
		assert_may_sleep();
		debug_assert(user_range_ok(iter->at, iter->here));
	}
	if (unlikely(bytes > iter->here))
		return iter_walk(iter, stretch, buf, bytes);
	left = stretch(iter, iter->at, buf, bytes);
	if (unlikely(left > 0))
		return iter_short(iter, bytes - left);
	iter_advance(iter, bytes);
	return (ssize_t)bytes;
}

ssize_t iter_write(struct iter *iter, const void *src, size_t bytes)
{
	return iter_do(iter, stretch_write, (char *)src, bytes);
}

ssize_t iter_read(struct iter *iter, void *dst, size_t bytes)
{
	return iter_do(iter, stretch_read, dst, bytes);
}

ssize_t iter_zero(struct iter *iter, size_t bytes)
{
	return iter_do(iter, stretch_zero, NULL, bytes);
}
