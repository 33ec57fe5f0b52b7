#ifndef VM_ITER_H
#define VM_ITER_H
/*
 * The memory of a read or write: one or several pieces, of the running program or of the kernel. It
 * moves on as bytes are copied, so read, readv, pread, splice and exec's own reads are one code
 * path.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

struct iter_piece {
	uint64_t base; /* uptr_t, or a kernel pointer */
	uint64_t bytes;
};

struct iter {
	uint64_t at;                   /* where it stands, as in a piece */
	size_t here;                   /* bytes left in this piece: not 0 while there are any */
	size_t remaining;              /* bytes left in all pieces */
	const struct iter_piece *next; /* the pieces behind this; array owned by the caller */
	bool kernel;                   /* pieces are kernel memory */
};

/* Memory of the program, which lies in its half of the addresses (user_range_ok). */
static inline void iter_user(struct iter *iter, uptr_t base, size_t bytes)
{
	*iter = (struct iter){ .at = base, .here = bytes, .remaining = bytes };
}

static inline void iter_kernel(struct iter *iter, void *base, size_t bytes)
{
	*iter = (struct iter){
		.at = (uint64_t)base, .here = bytes, .remaining = bytes, .kernel = true
	};
}

/* From user pieces that were copied in, and checked: each for itself, and their total to be at most
 * SSIZE_MAX. */
void iter_user_pieces(struct iter *iter, const struct iter_piece *pieces, size_t count);

/* At most `bytes` of it count for now: what does not is given back, to be added to `remaining`
 * afterwards. */
static inline size_t iter_cut(struct iter *iter, size_t bytes)
{
	size_t beyond = iter->remaining > bytes ? iter->remaining - bytes : 0;

	iter->remaining -= beyond;
	return beyond;
}

/* Copy up to `bytes` between a kernel buffer and the iter, moving it on; returns bytes copied:
 * fewer only where the iter ends or user memory is not there (-EFAULT if that happens at once and
 * bytes > 0 and iter->remaining > 0). */
ssize_t iter_write(struct iter *iter, const void *src, size_t bytes); /* into the iter: for read */
ssize_t iter_read(struct iter *iter, void *dst, size_t bytes); /* out of the iter: for write */
ssize_t iter_zero(struct iter *iter, size_t bytes);

#endif
