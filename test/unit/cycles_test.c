/*
 * Finding cycles, against plain reachability: nodes are alive that something outside refers to, and
 * what they lead to.
 *
 * links: stage2/net/unix/cycles.c
 */
#include "host.h"

#include "lib/compiler.h"
#include "lib/list.h"
#include "net/unix/cycles.h"

#define NODES 40
#define EDGES 200

struct vertex {
	struct cycle_node node;
	uint32_t outside; /* references by descriptors */
	bool alive;       /* by the model */
};

static struct {
	struct vertex vertices[NODES];
	struct {
		unsigned from, to;
	} edges[EDGES];
	unsigned vertex_count, edge_count;
	uint32_t elsewhere[NODES]; /* references by messages that are in nobody's queue just now */
} graph;

static struct vertex *vertex_of(struct cycle_node *node)
{
	return container_of(node, struct vertex, node);
}

static uint32_t references(struct cycle_node *node)
{
	return vertex_of(node)->outside + node->in_flight;
}

static void for_each(
	struct cycle_node *node, void (*fn)(struct cycle_node *to, void *data), void *data)
{
	unsigned self = (unsigned)(vertex_of(node) - graph.vertices);

	for (unsigned i = 0; i < graph.edge_count; i++)
		if (graph.edges[i].from == self)
			fn(&graph.vertices[graph.edges[i].to].node, data);
}

static const struct cycle_ops ops = { .references = references, .for_each = for_each };

static void add_edge(unsigned from, unsigned to)
{
	graph.edges[graph.edge_count].from = from;
	graph.edges[graph.edge_count++].to = to;
	graph.vertices[to].node.in_flight++;
}

static void begin(unsigned vertices)
{
	memset(&graph, 0, sizeof(graph));
	graph.vertex_count = vertices;
	for (unsigned i = 0; i < vertices; i++)
		list_init(&graph.vertices[i].node.link);
}

static void mark_alive(unsigned vertex)
{
	if (graph.vertices[vertex].alive)
		return;
	graph.vertices[vertex].alive = true;
	for (unsigned i = 0; i < graph.edge_count; i++)
		if (graph.edges[i].from == vertex)
			mark_alive(graph.edges[i].to);
}

/* Runs it; each node that is in flight must be in the list that the model says. */
static unsigned check(void)
{
	struct list_head all, garbage;
	struct cycle_node *node;
	unsigned count = 0, in_flight = 0, found = 0;

	list_init(&all);
	list_init(&garbage);
	for (unsigned i = 0; i < graph.vertex_count; i++) {
		if (graph.vertices[i].outside || graph.elsewhere[i])
			mark_alive(i);
		if (graph.vertices[i].node.in_flight == 0)
			continue;
		in_flight++;
		list_add_tail(&graph.vertices[i].node.link, &all);
	}
	/* What nobody refers to at all has gone with what it holds: it is not in these graphs. */
	cycles_find(&all, &ops, &garbage);
	list_for_each(node, &all, link) {
		assert_true(vertex_of(node)->alive);
		found++;
	}
	list_for_each(node, &garbage, link) {
		assert_false(vertex_of(node)->alive);
		count++;
	}
	assert_int_equal(found + count, in_flight);
	return count;
}

static void test_itself(void **state)
{
	begin(1);
	add_edge(0, 0);
	assert_int_equal(check(), 1);
	begin(1);
	add_edge(0, 0);
	graph.vertices[0].outside = 1;
	assert_int_equal(check(), 0);
}

static void test_pair(void **state)
{
	begin(2);
	add_edge(0, 1);
	add_edge(1, 0);
	assert_int_equal(check(), 2);
	begin(3);
	add_edge(0, 1);
	add_edge(1, 0);
	add_edge(1, 2);
	graph.vertices[2].outside = 1;
	assert_int_equal(check(), 2);
}

/* A long way from what is held to what is only reached through it. */
static void test_chain(void **state)
{
	begin(NODES);
	for (unsigned i = 0; i < NODES; i++)
		add_edge(i, (i + 1) % NODES);
	assert_int_equal(check(), NODES);
	begin(NODES);
	for (unsigned i = 0; i < NODES; i++)
		add_edge(i, (i + 1) % NODES);
	graph.vertices[7].outside = 1;
	assert_int_equal(check(), 0);
}

/* A message that somebody has just taken out of a queue is in none, but counts. */
static void test_taken_out(void **state)
{
	begin(2);
	add_edge(0, 1);
	add_edge(1, 0);
	graph.vertices[0].node.in_flight++;
	graph.elsewhere[0] = 1;
	assert_int_equal(check(), 0);
}

/* Two messages with the same descriptor, one message with it twice. */
static void test_twice(void **state)
{
	begin(2);
	add_edge(0, 1);
	add_edge(0, 1);
	add_edge(1, 0);
	add_edge(1, 1);
	assert_int_equal(check(), 2);
}

static void test_random(void **state)
{
	unsigned garbage = 0;

	for (uint64_t seed = 1; seed <= 3000; seed++) {
		host_random_seed(seed);
		begin(2 + (unsigned)host_random_below(NODES - 2));
		/* Each is referred to once at least. */
		for (unsigned i = 0; i < graph.vertex_count; i++)
			add_edge((unsigned)host_random_below(graph.vertex_count), i);
		for (uint64_t more = host_random_below(60); more > 0; more--)
			add_edge((unsigned)host_random_below(graph.vertex_count),
				(unsigned)host_random_below(graph.vertex_count));
		for (uint64_t held = host_random_below(4); held > 0; held--)
			graph.vertices[host_random_below(graph.vertex_count)].outside = 1;
		if (host_random_below(3) == 0) {
			unsigned taken = (unsigned)host_random_below(graph.vertex_count);

			graph.vertices[taken].node.in_flight++;
			graph.elsewhere[taken]++;
		}
		garbage += check();
	}
	assert_true(garbage > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_itself),
		cmocka_unit_test(test_pair),
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_taken_out),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
