/*
 * AF_UNIX: descriptors of sockets that are on their way in messages, and what becomes of those that
 * nobody can receive any more (cycles.h says when that is).
 *
 * The lock is taken to send and to receive descriptors of sockets, and by nothing else on the way
 * of a message. Looking is deferred work, asked for whenever a socket is closed while others are in
 * flight, and when many have been sent since the last time: a cycle may close without any socket's
 * being closed.
 */
#include "net/unix/garbage.h"

#include "net/unix/queue.h"
#include "sched/mutex.h"
#include "sched/work.h"

#define LOOK_AFTER 256 /* descriptors of sockets sent */

static void collect(struct work *work);

static struct {
	struct mutex lock;      /* RANK_GARBAGE */
	struct list_head nodes; /* [lock] struct unix_socket.in_flight */
	uint32_t sent;          /* [lock] descriptors since the last look */
	struct work work;
} flights = {
	.lock = MUTEX_INIT(flights.lock, "unix-garbage", RANK_GARBAGE),
	.nodes = LIST_INIT(flights.nodes),
	.work = WORK_INIT(collect),
};

void garbage_take_off(struct unix_socket *socket)
{
	struct cycle_node *node = &socket->in_flight;
	bool look;

	mutex_lock(&flights.lock);
	if (node->in_flight++ == 0)
		list_add_tail(&node->link, &flights.nodes);
	look = ++flights.sent >= LOOK_AFTER;
	mutex_unlock(&flights.lock);
	if (look)
		work_queue(&flights.work);
}

void garbage_land(struct unix_socket *socket)
{
	struct cycle_node *node = &socket->in_flight;

	mutex_lock(&flights.lock);
	if (--node->in_flight == 0)
		list_del(&node->link);
	mutex_unlock(&flights.lock);
}

void garbage_wait(void)
{
	mutex_lock(&flights.lock);
	mutex_unlock(&flights.lock);
}

void unix_garbage_look(void)
{
	if (READ_ONCE(flights.nodes.next) != &flights.nodes)
		work_queue(&flights.work);
}

/* ---- the graph ------------------------------------------------------------------------------- */

static struct unix_socket *socket_of_node(struct cycle_node *node)
{
	return container_of(node, struct unix_socket, in_flight);
}

static uint32_t node_references(struct cycle_node *node)
{
	return READ_ONCE(socket_of_node(node)->socket.file->refs);
}

typedef void record_fn(struct unix_record *record, void *data);

/* Call fn for each record with rights that waits at the socket, or at one that it has not accepted
 * yet. Under both locks: an embryo never takes its listener's. */
static void for_each_record(struct unix_socket *socket, record_fn *fn, void *data)
{
	struct unix_socket *embryo;
	struct unix_record *record;

	mutex_lock(&socket->lock);
	list_for_each(record, &socket->records, link)
		if (record->rights)
			fn(record, data);
	list_for_each(embryo, &socket->pending, pending_link) {
		mutex_lock_second(&embryo->lock);
		list_for_each(record, &embryo->records, link)
			if (record->rights)
				fn(record, data);
		mutex_unlock(&embryo->lock);
	}
	mutex_unlock(&socket->lock);
}

struct visit {
	void (*fn)(struct cycle_node *to, void *data);
	void *data;
};

static void visit_record(struct unix_record *record, void *data)
{
	const struct visit *visit = data;

	for (uint32_t i = 0; i < record->rights->count; i++) {
		struct unix_socket *to = unix_of_file(record->rights->files[i]);

		if (to)
			visit->fn(&to->in_flight, visit->data);
	}
}

static void node_for_each(
	struct cycle_node *node, void (*fn)(struct cycle_node *to, void *data), void *data)
{
	struct visit visit = { fn, data };

	for_each_record(socket_of_node(node), visit_record, &visit);
}

static const struct cycle_ops graph = {
	.references = node_references,
	.for_each = node_for_each,
};

/* ---- collecting ------------------------------------------------------------------------------ */

static void take_rights(struct unix_record *record, void *all)
{
	list_add_tail(&record->rights->link, all);
	record->rights = NULL;
}

/* What garbage holds of each other is let go; so the last reference to each goes, and with it all
 * that it has. */
static void collect(struct work *work)
{
	struct list_head garbage, rights;
	struct cycle_node *node;
	struct socket_rights *one;

	list_init(&garbage);
	list_init(&rights);
	mutex_lock(&flights.lock);
	flights.sent = 0;
	cycles_find(&flights.nodes, &graph, &garbage);
	list_for_each(node, &garbage, link)
		for_each_record(socket_of_node(node), take_rights, &rights);
	list_splice_tail(&garbage, &flights.nodes);
	mutex_unlock(&flights.lock);
	while ((one = list_first(&rights, struct socket_rights, link))) {
		list_del(&one->link);
		rights_land(one);
		rights_destroy(one);
	}
}
