#ifndef PROC_IO_CONTEXT_H
#define PROC_IO_CONTEXT_H
/*
 * How threads stand with disks: one context for all that CLONE_IO made. It holds what ioprio_set(2)
 * has said, for who asks. A thread of which nothing was said has none, and shares none.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/compiler.h"

struct io_context;

/* The functions take NULL for none. */
uint16_t io_context_priority(const struct io_context *context);
/* Makes one where there is none. -ENOMEM. Does not sleep. */
__must_check int io_context_set(struct io_context **context, uint16_t priority);
/* For a new thread: the maker's, or (not shared) one like it. -ENOMEM. */
__must_check int io_context_inherit(
	struct io_context *from, bool shared, struct io_context **context);
void io_context_put(struct io_context *context);

#endif
