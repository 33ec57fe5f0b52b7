/*
 * Interval timers against a model that goes through every due time one by one.
 */
#include "host.h"

#include "lib/itimer.h"

static void test_once(void **state)
{
	struct itimer timer = { 0 };
	assert_false(itimer_runs(&timer));
	assert_false(itimer_fire(&timer, 100));
	itimer_set(&timer, 50, 0);
	assert_true(itimer_runs(&timer));
	assert_int_equal(itimer_left(&timer, 20).left_ns, 30);
	assert_false(itimer_fire(&timer, 49));
	assert_int_equal(itimer_take(&timer, 49), 0);
	assert_int_equal(itimer_left(&timer, 70).left_ns, 1); /* about to fire: not off */
	assert_true(itimer_fire(&timer, 70));
	assert_false(itimer_fire(&timer, 80));
	assert_false(itimer_runs(&timer));
	assert_int_equal(itimer_left(&timer, 70).left_ns, 0);
	assert_int_equal(itimer_take(&timer, 1000), 1);
	assert_int_equal(itimer_take(&timer, 1000), 0);
	assert_false(itimer_runs(&timer));
}

static void test_edges(void **state)
{
	struct itimer timer;
	itimer_set(&timer, ITIMER_OFF, 5);
	assert_false(itimer_runs(&timer));
	assert_int_equal(itimer_left(&timer, 1).interval_ns, 5);
	itimer_set(&timer, 0, 0); /* a time that has passed, not "off" */
	assert_true(itimer_fire(&timer, 1));
	/* The end of time is not run over. */
	itimer_set(&timer, UINT64_MAX - 1, UINT64_MAX);
	assert_int_equal(timer.when_ns, INT64_MAX);
	itimer_set(&timer, 10, INT64_MAX);
	assert_true(itimer_fire(&timer, 10));
	assert_int_equal(itimer_take(&timer, 10), 1);
	assert_int_equal(timer.when_ns, INT64_MAX);
	/* The clock was set back after it had fired. */
	itimer_set(&timer, 1000, 10);
	assert_true(itimer_fire(&timer, 1000));
	assert_int_equal(itimer_take(&timer, 3), 1);
	assert_int_equal(timer.when_ns, 1010);
}

static void test_model(void **state)
{
	host_random_seed(7);
	for (unsigned round = 0; round < 2000; round++) {
		uint64_t now = 1, next = 1 + host_random_below(1000);
		uint64_t interval = 1 + host_random_below(50), due = 0;
		struct itimer timer;
		itimer_set(&timer, next, interval);
		for (unsigned step = 0; step < 50; step++) {
			now += host_random_below(100);
			if (now >= next)
				itimer_fire(&timer, now);
			if (host_random_below(2))
				continue;
			for (due = 0; next <= now; next += interval)
				due++;
			assert_int_equal(itimer_left(&timer, now).left_ns, next - now);
			assert_int_equal(itimer_take(&timer, now), due);
			assert_int_equal(timer.when_ns, next);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
