#ifndef NET_UNIX_CYCLES_H
#define NET_UNIX_CYCLES_H
/*
 * Finding what only refers to itself: a socket whose every descriptor is in messages that wait at
 * such sockets can never be received from again. No reference count sees that, so it must be looked
 * for.
 *
 * Nothing here locks or sleeps by itself; the caller's lock keeps `in_flight` and the list.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/list.h"

struct cycle_node {
	struct list_head link; /* in the list of all that messages refer to */
	uint32_t in_flight;    /* references by messages; more than 0 in that list */
	/* Of cycles_find alone. */
	uint32_t unexplained; /* references by messages that wait at no suspect */
	bool suspect;         /* perhaps garbage */
};

struct cycle_ops {
	/* All references to it, those by messages and by anything else. */
	uint32_t (*references)(struct cycle_node *node);
	/* Call fn for each reference in the messages that wait at the node. */
	void (*for_each)(
		struct cycle_node *node, void (*fn)(struct cycle_node *to, void *data), void *data);
};

/* Moves the nodes that are garbage from `all` to `garbage`, an empty list. */
void cycles_find(struct list_head *all, const struct cycle_ops *ops, struct list_head *garbage);

#endif
