/*
 * lib/errseq.h: each open file is told of an error once, whoever fails to be there not at all, and
 * what nobody was told of is told to the next who comes.
 */
#include "host.h"

#include "abi/errno.h"
#include "lib/errseq.h"

static void everybody_once(void **state)
{
	uint32_t seq = 0, a = errseq_mark(&seq), b = errseq_mark(&seq);

	assert_int_equal(errseq_check(&seq, &a), 0);
	errseq_set(&seq, -EIO);
	assert_int_equal(errseq_check(&seq, &a), -EIO);
	assert_int_equal(errseq_check(&seq, &a), 0);
	assert_int_equal(errseq_check(&seq, &b), -EIO);
	assert_int_equal(errseq_check(&seq, &b), 0);
}

static void who_comes_later(void **state)
{
	uint32_t seq = 0, a = errseq_mark(&seq), later;

	errseq_set(&seq, -EIO);
	later = errseq_mark(&seq);
	assert_int_equal(errseq_check(&seq, &later), -EIO); /* nobody had seen it */
	later = errseq_mark(&seq);
	assert_int_equal(errseq_check(&seq, &later), 0);
	assert_int_equal(errseq_check(&seq, &a), -EIO);
}

static void again(void **state)
{
	uint32_t seq = 0, a = errseq_mark(&seq), b = a;

	errseq_set(&seq, -EIO);
	errseq_set(&seq, -EIO); /* not seen in between: one */
	assert_int_equal(errseq_check(&seq, &a), -EIO);
	errseq_set(&seq, -EIO);
	assert_int_equal(errseq_check(&seq, &a), -EIO);
	errseq_set(&seq, -ENOSPC);
	assert_int_equal(errseq_check(&seq, &a), -ENOSPC);
	assert_int_equal(errseq_check(&seq, &b), -ENOSPC);
	assert_int_equal(errseq_check(&seq, &b), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_once),
		cmocka_unit_test(who_comes_later),
		cmocka_unit_test(again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
