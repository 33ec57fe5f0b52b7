/*
 * Finding cycles, by trial: take away from each suspect the references that suspects' own messages
 * explain. Where some are left somebody else holds it, and it is alive with all that it leads to.
 *
 * A suspect is a node that nothing but messages refers to. Only suspects' messages are counted
 * away: others may be received from at any moment, between one pass and the next, and what is in
 * nobody's queue just then must count as held. Nobody can receive from a suspect before cycles_find
 * has ended, if the caller sees to it that a reference leaves a message, or is copied out of one,
 * only under its lock. References may be added meanwhile: they make things more alive.
 */
#include "net/unix/cycles.h"

#include "lib/assert.h"

static void move_tail(struct cycle_node *node, struct list_head *to)
{
	list_del(&node->link);
	list_add_tail(&node->link, to);
}

static void explain(struct cycle_node *to, void *unused)
{
	if (!to->suspect)
		return;
	assert(to->unexplained > 0);
	to->unexplained--;
}

static void acquit(struct cycle_node *to, void *acquitted)
{
	if (!to->suspect)
		return;
	to->suspect = false;
	move_tail(to, acquitted);
}

void cycles_find(struct list_head *all, const struct cycle_ops *ops, struct list_head *garbage)
{
	struct cycle_node *node, *following;
	struct list_head acquitted;

	list_init(&acquitted);
	list_for_each_safe(node, following, all, link) {
		node->unexplained = node->in_flight;
		node->suspect = ops->references(node) == node->in_flight;
		if (node->suspect)
			move_tail(node, garbage);
	}
	list_for_each(node, garbage, link)
		ops->for_each(node, explain, NULL);
	list_for_each_safe(node, following, garbage, link)
		if (node->unexplained > 0)
			acquit(node, &acquitted);
	while ((node = list_first(&acquitted, struct cycle_node, link))) {
		move_tail(node, all);
		ops->for_each(node, acquit, &acquitted);
	}
}
