/*
 * Timers on a clock and a local timer made here: each fires once, in order, not before its time and
 * not much later, whatever is started, moved and stopped meanwhile, and however wrong the local
 * timer's rate was measured.
 *
 * links: stage2/sched/timer.c
 */
#include "host.h"

#include "arch/cpu.h"
#include "arch/interrupt.h"
#include "arch/trap.h"
#include "core/clock.h"
#include "sched/sched_internal.h"

#define TIMERS 200
#define NEVER  UINT64_MAX

/* ---- the machine ---------------------------------------------------------------------------- */

static struct {
	uint64_t now, fires_at; /* fires_at NEVER: the local timer is off */
	int64_t wrong_by;       /* it takes this many thousandths longer than it is told */
	uint64_t interrupts;
	uint64_t slice_end;   /* NEVER: none */
	uint64_t wall_offset; /* wall clock less clock_ns */
} machine;

uint64_t clock_ns(void)
{
	return machine.now;
}

uint64_t clock_from_wall(uint64_t wall_ns)
{
	return wall_ns < machine.wall_offset ? 0 : wall_ns - machine.wall_offset;
}

uint32_t clock_local_ticks(uint64_t ns)
{
	return (uint32_t)(ns / 16 + 1);
}

void local_timer_arm(uint32_t ticks)
{
	uint64_t ns = ticks * 16ull;
	machine.fires_at = machine.now + ns + (uint64_t)((int64_t)ns * machine.wrong_by / 1000);
}

void ipi_send(uint32_t apic_id, unsigned vector)
{
	fail_msg("there is one CPU");
}

/* As sched.c's, for a thread that shares the CPU until slice_end. */
void sched_tick(uint64_t now_ns, bool from_user)
{
	if (now_ns >= machine.slice_end)
		machine.slice_end = NEVER;
	else if (machine.slice_end != NEVER)
		tick_at(machine.slice_end);
}

/* Let time pass, with its interrupts. */
static void pass_until(uint64_t when)
{
	while (machine.fires_at <= when) {
		machine.now = machine.fires_at;
		machine.fires_at = NEVER;
		machine.interrupts++;
		on_tick(false);
	}
	machine.now = when;
}

static struct timer_queue queue;

static int setup(void **state)
{
	timer_queue_init(&queue);
	this_cpu()->timers = &queue;
	machine.now = NS_PER_SEC;
	machine.fires_at = NEVER;
	machine.slice_end = NEVER;
	machine.wall_offset = 1000 * NS_PER_SEC;
	machine.wrong_by = 0;
	machine.interrupts = 0;
	return 0;
}

/* ---- timers --------------------------------------------------------------------------------- */

struct probe {
	struct timer timer;
	uint64_t wanted; /* NEVER: not started */
	uint64_t period; /* > 0: starts itself again */
	unsigned fired;
};

static uint64_t latest; /* how late the latest was */

static void probe_fn(struct timer *timer)
{
	struct probe *probe = container_of(timer, struct probe, timer);
	assert_true(probe->wanted != NEVER && machine.now >= probe->wanted);
	if (machine.now - probe->wanted > latest)
		latest = machine.now - probe->wanted;
	probe->fired++;
	probe->wanted = NEVER;
	if (probe->period) {
		probe->wanted = machine.now + probe->period;
		timer_start(timer, probe->wanted);
	}
}

static void probe_start(struct probe *probe, uint64_t when)
{
	probe->timer.fn = probe_fn;
	probe->wanted = when;
	timer_start(&probe->timer, when);
}

static void test_one(void **state)
{
	struct probe probe = { 0 };
	probe_start(&probe, machine.now + 1000);
	pass_until(machine.now + 900);
	assert_int_equal(probe.fired, 0);
	pass_until(machine.now + 200);
	assert_int_equal(probe.fired, 1);
	assert_false(timer_stop(&probe.timer));
	pass_until(machine.now + 10 * NS_PER_SEC);
	assert_int_equal(probe.fired, 1);
	assert_int_equal(machine.interrupts, 1);
}

static void test_past_and_now(void **state)
{
	struct probe past = { 0 }, now = { 0 };
	probe_start(&past, machine.now - 500);
	probe_start(&now, machine.now);
	pass_until(machine.now + 100);
	assert_int_equal(past.fired, 1);
	assert_int_equal(now.fired, 1);
}

static void test_stop(void **state)
{
	struct probe probe = { 0 };
	probe_start(&probe, machine.now + 1000);
	assert_true(timer_stop(&probe.timer));
	assert_false(timer_stop(&probe.timer));
	pass_until(machine.now + NS_PER_SEC);
	assert_int_equal(probe.fired, 0);
	assert_true(machine.interrupts <= 1);
}

static void test_periodic(void **state)
{
	struct probe probe = { .period = NS_PER_MS };
	probe_start(&probe, machine.now + NS_PER_MS);
	pass_until(machine.now + NS_PER_SEC);
	assert_true(probe.fired >= 995 && probe.fired <= 1000);
	assert_true(timer_stop(&probe.timer));
}

/* A slice that ends before the timer that is armed, or after it. */
static void test_slice(void **state)
{
	struct probe probe = { 0 };
	probe_start(&probe, machine.now + 5 * NS_PER_MS);
	machine.slice_end = machine.now + 4 * NS_PER_MS;
	tick_at(machine.slice_end);
	pass_until(machine.now + 4 * NS_PER_MS + 100);
	assert_true(machine.slice_end == NEVER);
	assert_int_equal(probe.fired, 0);
	machine.slice_end = machine.now + 4 * NS_PER_MS;
	tick_at(machine.slice_end);
	pass_until(machine.now + 2 * NS_PER_MS);
	assert_int_equal(probe.fired, 1);
	assert_true(machine.slice_end != NEVER);
	pass_until(machine.now + 3 * NS_PER_MS);
	assert_true(machine.slice_end == NEVER);
}

static void wall_step(int64_t by)
{
	machine.wall_offset += (uint64_t)by;
	timers_wall_was_set();
}

/* A timer of the wall clock follows its steps, both ways; another does not. */
static void test_wall(void **state)
{
	struct probe wall = { .timer.clock = TIMER_WALL }, other = { 0 };
	uint64_t start = machine.now, in_wall = start + machine.wall_offset;
	probe_start(&other, start + 50 * NS_PER_MS);
	probe_start(&wall, in_wall + 40 * NS_PER_MS);
	wall.wanted = start + 70 * NS_PER_MS;
	pass_until(start + 20 * NS_PER_MS);
	wall_step(-30 * (int64_t)NS_PER_MS);
	pass_until(start + 60 * NS_PER_MS);
	assert_true(other.fired == 1 && wall.fired == 0);
	pass_until(start + 71 * NS_PER_MS);
	assert_int_equal(wall.fired, 1);

	probe_start(&wall, machine.now + machine.wall_offset + 3600 * NS_PER_SEC);
	wall.wanted = machine.now;
	wall_step(3601 * (int64_t)NS_PER_SEC);
	pass_until(machine.now + 1000);
	assert_int_equal(wall.fired, 2);
	probe_start(&wall, 1); /* before the boot */
	wall.wanted = machine.now;
	pass_until(machine.now + 1000);
	assert_int_equal(wall.fired, 3);
}

/* A long sleep is not late by more than a little, and costs few interrupts. */
static void test_wrong_rate(void **state)
{
	for (int wrong_by = -30; wrong_by <= 30; wrong_by += 10) {
		struct probe probe = { 0 };
		setup(NULL);
		machine.wrong_by = wrong_by;
		latest = 0;
		probe_start(&probe, machine.now + 30 * NS_PER_SEC);
		pass_until(machine.now + 31 * NS_PER_SEC);
		assert_int_equal(probe.fired, 1);
		assert_true(latest < 2 * NS_PER_MS);
		assert_true(machine.interrupts < 20);
	}
}

static void test_many(void **state)
{
	static struct probe probes[TIMERS];
	host_random_seed(4);
	memset(probes, 0, sizeof(probes));
	latest = 0;
	for (unsigned i = 0; i < TIMERS; i++)
		probes[i].wanted = NEVER;
	for (unsigned i = 0; i < 50000; i++) {
		struct probe *probe = &probes[host_random_below(TIMERS)];
		if (host_random_below(4) == 0) {
			assert_int_equal(timer_stop(&probe->timer), probe->wanted != NEVER);
			probe->wanted = NEVER;
		} else {
			probe_start(probe, machine.now + host_random_below(20 * NS_PER_MS));
		}
		pass_until(machine.now + host_random_below(300 * NS_PER_US));
	}
	pass_until(machine.now + NS_PER_SEC);
	for (unsigned i = 0; i < TIMERS; i++)
		assert_true(probes[i].wanted == NEVER && !timer_stop(&probes[i].timer));
	assert_true(latest < 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_one, setup),
		cmocka_unit_test_setup(test_past_and_now, setup),
		cmocka_unit_test_setup(test_stop, setup),
		cmocka_unit_test_setup(test_periodic, setup),
		cmocka_unit_test_setup(test_slice, setup),
		cmocka_unit_test_setup(test_wall, setup),
		cmocka_unit_test_setup(test_wrong_rate, setup),
		cmocka_unit_test_setup(test_many, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
