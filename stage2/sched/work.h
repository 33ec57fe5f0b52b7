#ifndef SCHED_WORK_H
#define SCHED_WORK_H
/*
 * Deferred work: what an interrupt handler must not do itself. Runs in a kernel thread, in the
 * order queued, interrupts on; may sleep, but then delays what is queued behind it.
 */
#include <stdbool.h>

#include "lib/compiler.h"
#include "lib/list.h"

struct work {
	struct list_head link;
	void (*fn)(struct work *work);
	bool queued; /* [work lock] */
};

#define WORK_INIT(function)                                                                        \
	{                                                                                          \
		.fn = (function)                                                                   \
	}

__must_check int work_init(void);
/* Queue; no effect if it is queued already. Any context. */
void work_queue(struct work *work);
/* Wait until everything queued before has run. Threads only. */
void work_flush(void);

#endif
