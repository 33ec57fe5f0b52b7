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
	struct poll_table *entering; /* on the first look, until something is ready */
	struct fdtable *files;
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
/* The next look, if there is none, is to come: true. False: there is nothing more to wait for; err
 * says why. */
bool poller_sleep(struct poller *poller);
void poller_leave(struct poller *poller);

/* Which of the wanted events (and POLLERR, POLLHUP, POLLNVAL) hold of a descriptor. */
static inline uint32_t poller_ask(struct poller *poller, int fd, uint32_t wanted)
{
	struct fd_ref ref = fd_borrow(poller->files, fd);
	uint32_t events = POLLNVAL;

	wanted |= POLLERR | POLLHUP;
	if (likely(ref.file && !(ref.file->flags & O_PATH))) {
		if (poller->entering) {
			poller->asked = ref;
			poller->wanted = wanted;
		}
		events = file_poll(ref.file, poller->entering) & wanted;
	}
	fd_return(ref);
	if (events)
		poller->entering = NULL; /* it will not sleep */
	return events;
}

#endif
