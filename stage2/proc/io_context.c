/* What threads share by CLONE_IO. A thread's pointer to it is set once, under its process's lock,
 * and stays: so the thread itself reads it without. */
#include "proc/io_context.h"

#include "abi/errno.h"
#include "mm/slab.h"

struct io_context {
	uint32_t refs;     /* [a] */
	uint16_t priority; /* [a] */
};

static struct slab_cache context_cache = SLAB_CACHE("io_context", struct io_context);

uint16_t io_context_priority(const struct io_context *context)
{
	return context ? READ_ONCE(context->priority) : 0;
}

int io_context_set(struct io_context **context, uint16_t priority)
{
	if (!*context) {
		*context = slab_alloc(&context_cache);
		if (!*context)
			return -ENOMEM;
		(*context)->refs = 1;
	}
	WRITE_ONCE((*context)->priority, priority);
	return 0;
}

int io_context_inherit(struct io_context *from, bool shared, struct io_context **context)
{
	if (!from)
		return 0;
	if (!shared)
		return io_context_set(context, io_context_priority(from));
	__atomic_fetch_add(&from->refs, 1, __ATOMIC_RELAXED);
	*context = from;
	return 0;
}

void io_context_put(struct io_context *context)
{
	if (context && __atomic_sub_fetch(&context->refs, 1, __ATOMIC_ACQ_REL) == 0)
		slab_free(&context_cache, context);
}
