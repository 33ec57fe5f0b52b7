#ifndef IO_POLL_H
#define IO_POLL_H
/*
 * Waiting for several files at once. A file's poll operation calls poll_wait for each of its wait
 * queues; who waits (poll, select, epoll) supplies the table.
 */
#include <stdint.h>

#include "sched/wait.h"

struct poll_table {
	void (*enter)(struct poll_table *table, struct wait_queue *queue);
};

static inline void poll_wait(struct poll_table *table, struct wait_queue *queue)
{
	if (table)
		table->enter(table, queue);
}

#endif
