#ifndef SYS_POLLER_H
#define SYS_POLLER_H
/*
 * Waiting for several descriptors at once: what poll(2) and select(2) have in common.
 *
 *	struct poller poller;
 *	poller_init(&poller, deadline_ns);
 *	do
 *		ready = ... poller_ask(&poller, fd, events) for each descriptor ...
 *	while (ready == 0 && poller_sleep(&poller));
 *	poller_leave(&poller);
 */
#include <stdbool.h>
#include <stdint.h>

#include "abi/poll.h"
#include "io/fdtable.h"
#include "io/poll.h"

#define POLLER_FIRST 8 /* wait queues, before memory is asked for */

/* Our place in a wait queue. It stays there until the end. */
struct poller_entry {
	struct wait_entry wait;
	struct wait_queue *queue;
	struct file *file; /* the queue's; reference held; NULL: nobody else could close it */
	uint32_t wanted;   /* POLLIN ... */
};

struct poller {
	struct poll_table table;
	struct poll_table *entering; /* on the second look; else NULL */
	bool entered;                /* the second look has begun */
	struct fdtable *files;
	struct file **own; /* those of a table that is nobody else's, */
	size_t own_count;  /* so many; 0 where it is not, and on the second look */
	uint64_t deadline_ns;
	int err;                         /* what ended the sleep: -ETIMEDOUT, -EINTR, -ENOMEM */
	struct fd_ref asked;             /* while its queues are entered */
	uint32_t wanted;                 /* of it */
	struct poller_entry *free, *end; /* the next that is free, and where they end */
	struct poller_piece *pieces;     /* further entries, the newest first */
	struct poller_entry first[POLLER_FIRST];
};

/* deadline_ns 0: do not wait. */
void poller_init(struct poller *poller, uint64_t deadline_ns);
/* Another look is to come: true. False: there is nothing more to wait for; err says why. */
bool poller_sleep(struct poller *poller);
void poller_leave(struct poller *poller);

#define POLL_UNASKED (POLLERR | POLLHUP | POLLNVAL) /* always wanted */

/* poller_ask for what it does not find itself; any events. */
uint32_t poller_ask_other(struct poller *poller, int fd, uint32_t wanted);

/* Which of the wanted events (and POLL_UNASKED) hold of a descriptor; of a negative
 * one, none. */
static inline uint32_t poller_ask(struct poller *poller, int fd, uint32_t wanted)
{
	unsigned at = (unsigned)fd;
	struct file *file = at < poller->own_count ? poller->own[at] : NULL;
	uint32_t events;

	events = likely(file) ? file_poll(file, NULL) : poller_ask_other(poller, fd, wanted);
	return events & (wanted | POLL_UNASKED);
}

#endif
