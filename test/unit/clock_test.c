/*
 * The clock against reference clocks that wrap, each with its own rate and width: what it counts is
 * true to a thousandth once it was refined, however late that is, and it never goes backwards.
 *
 * links: stage2/core/clock.c
 */
#include "host.h"

#include "arch/cpu.h"
#include "arch/interrupt.h"
#include "arch/machine.h"
#include "core/clock.h"
#include "core/log.h"

#define TSC_HZ   2400000000ull
#define LOCAL_HZ 62500000ull

/* ---- the machine: true time, and what counts it ---------------------------------------------- */

static struct {
	uint64_t ns, told_hz;
	struct reference_clock reference;
} machine;

static uint64_t ticks(uint64_t hz)
{
	return (uint64_t)((unsigned __int128)machine.ns * hz / NS_PER_SEC);
}

static void pass(uint64_t ns)
{
	machine.ns += ns;
	host_tsc = ticks(TSC_HZ);
}

/* An access to a device takes a microsecond, more or less. */
static uint64_t reference_read(void)
{
	pass(500 + host_random_below(500));
	return ticks(machine.reference.hz) & machine.reference.mask;
}

const struct reference_clock *reference_clock(void)
{
	return &machine.reference;
}

uint32_t local_timer_count(void)
{
	pass(100 + host_random_below(100));
	return UINT32_MAX - (uint32_t)ticks(LOCAL_HZ);
}

void local_timer_arm(uint32_t count)
{
}

uint64_t tsc_hz_told(void)
{
	return machine.told_hz;
}

int cmos_read_time(int64_t *seconds)
{
	*seconds = 1000000000;
	return 0;
}

void log_at(enum log_level level, const char *format, ...)
{
}

/* ---- tests ---------------------------------------------------------------------------------- */

static const struct reference_clock references[] = {
	{ "HPET", 100000000, UINT32_MAX, reference_read },
	{ "PM timer", 3579545, 0xffffff, reference_read },
	{ "PIT", 1193182, 0xffff, reference_read },
};

static void true_to(uint64_t shown, uint64_t passed, uint64_t one_in)
{
	uint64_t wrong = shown > passed ? shown - passed : passed - shown;
	if (wrong > passed / one_in)
		fail_msg("%s: %lu ns seem %lu", machine.reference.name, passed, shown);
}

/* Begin, calibrate, refine after `late_ns`; then measure two seconds with it. */
static void run(const struct reference_clock *reference, uint64_t late_ns)
{
	machine.reference = *reference;
	pass(NS_PER_SEC);
	clock_init();
	pass(1500 * NS_PER_US);
	clock_calibrate();
	uint64_t calibrated_at = clock_ns();
	true_to(clock_tsc_hz(), TSC_HZ, 100);
	true_to(clock_local_ticks(NS_PER_SEC), LOCAL_HZ, 100);
	pass(late_ns);
	uint64_t before = clock_ns();
	assert_true(before > calibrated_at);
	clock_refine();
	uint64_t from = clock_ns();
	assert_true(from >= before);
	uint64_t started = machine.ns;
	pass(2 * NS_PER_SEC);
	true_to(clock_ns() - from, machine.ns - started, late_ns >= NS_PER_SEC ? 10000 : 1000);
}

static void test_references(void **state)
{
	static const uint64_t late_ns[] = { 20 * NS_PER_MS, 200 * NS_PER_MS, NS_PER_SEC };
	host_random_seed(5);
	for (unsigned i = 0; i < ARRAY_SIZE(references); i++)
		for (unsigned j = 0; j < ARRAY_SIZE(late_ns); j++)
			run(&references[i], late_ns[j]);
}

/* A machine that was stopped for a while: HPET has wrapped once, the PM timer ten times. */
static void test_very_late(void **state)
{
	run(&references[0], 12 * NS_PER_SEC);
	run(&references[0], 45 * NS_PER_SEC);
	run(&references[1], 12 * NS_PER_SEC);
	run(&references[1], 45 * NS_PER_SEC);
}

static void test_told(void **state)
{
	machine.told_hz = TSC_HZ;
	run(&references[2], NS_PER_SEC);
	assert_int_equal(clock_tsc_hz(), TSC_HZ);
	machine.told_hz = 0;
}

/* Another CPU's TSC may be a little behind the one that set the base. */
static void test_behind(void **state)
{
	run(&references[0], NS_PER_SEC);
	clock_refine();
	uint64_t now = clock_ns();
	host_tsc -= 1000;
	assert_true(clock_ns() <= now && clock_ns() + 10000 > now);
	host_tsc += 1000;
}

static void test_wall(void **state)
{
	int64_t wall = clock_wall_ns();
	assert_true(wall >= 1000000000ll * (int64_t)NS_PER_SEC);
	pass(NS_PER_SEC);
	assert_true(clock_wall_ns() - wall > (int64_t)(NS_PER_SEC - NS_PER_MS));
	clock_set_wall(5);
	assert_true(clock_wall_ns() >= 5 && clock_wall_ns() < (int64_t)NS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_very_late),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_behind),
		cmocka_unit_test(test_wall),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
