/*
 * Iterators over the memory of a read or write.
 *
 * Main idea: one loop over the pieces, for all three directions; what is done with a stretch of one
 * piece is a function. A stretch that comes back short ends the copy.
 */
#include "vm/iter.h"

#include "abi/errno.h"
#include "lib/string.h"
#include "vm/uaccess.h"

static void iter_single(struct iter *iter, uint64_t base, size_t bytes, bool kernel)
{
	iter->single = (struct iter_piece){ .base = base, .bytes = bytes };
	iter->piece = &iter->single;
	iter->pieces = 1;
	iter->offset = 0;
	iter->remaining = bytes;
	iter->kernel = kernel;
}

void iter_user(struct iter *iter, uptr_t base, size_t bytes)
{
	iter_single(iter, base, bytes, false);
}

void iter_kernel(struct iter *iter, void *base, size_t bytes)
{
	iter_single(iter, (uint64_t)base, bytes, true);
}

void iter_user_pieces(struct iter *iter, const struct iter_piece *pieces, size_t count)
{
	*iter = (struct iter){ .piece = pieces, .pieces = count };
	for (size_t i = 0; i < count; i++)
		iter->remaining += pieces[i].bytes;
}

/* Do something with `bytes` at `address` and at `buf`; returns how many were done. */
typedef size_t stretch_fn(const struct iter *iter, uint64_t address, void *buf, size_t bytes);

static size_t stretch_write(const struct iter *iter, uint64_t address, void *buf, size_t bytes)
{
	if (!iter->kernel)
		return copy_to_user_partial(address, buf, bytes);
	memcpy((void *)address, buf, bytes);
	return bytes;
}

static size_t stretch_read(const struct iter *iter, uint64_t address, void *buf, size_t bytes)
{
	if (!iter->kernel)
		return copy_from_user_partial(buf, address, bytes);
	memcpy(buf, (const void *)address, bytes);
	return bytes;
}

static size_t stretch_zero(const struct iter *iter, uint64_t address, void *buf, size_t bytes)
{
	if (!iter->kernel)
		return zero_user_partial(address, bytes);
	memset((void *)address, 0, bytes);
	return bytes;
}

static void iter_advance(struct iter *iter, size_t bytes)
{
	iter->offset += bytes;
	iter->remaining -= bytes;
	while (iter->pieces && iter->offset == iter->piece->bytes) {
		iter->offset = 0;
		iter->pieces--;
		iter->piece++;
	}
}

static ssize_t iter_walk(struct iter *iter, stretch_fn *stretch, char *buf, size_t bytes)
{
	size_t total = min(bytes, iter->remaining), done = 0;

	iter_advance(iter, 0); /* over empty pieces */
	while (done < total) {
		const struct iter_piece *piece = iter->piece;
		size_t want = min(total - done, (size_t)(piece->bytes - iter->offset));
		size_t got =
			stretch(iter, piece->base + iter->offset, buf ? buf + done : NULL, want);
		iter_advance(iter, got);
		done += got;
		if (got < want)
			break;
	}
	return done == 0 && total > 0 ? -EFAULT : (ssize_t)done;
}

ssize_t iter_write(struct iter *iter, const void *src, size_t bytes)
{
	return iter_walk(iter, stretch_write, (char *)src, bytes);
}

ssize_t iter_read(struct iter *iter, void *dst, size_t bytes)
{
	return iter_walk(iter, stretch_read, dst, bytes);
}

ssize_t iter_zero(struct iter *iter, size_t bytes)
{
	return iter_walk(iter, stretch_zero, NULL, bytes);
}
