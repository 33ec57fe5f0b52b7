/*
 * Iterators, beside a plain array: whatever pieces the memory is in, and wherever it ends, the same
 * bytes come out as if it were one, and the iter stands where they end.
 *
 * links: stage2/vm/iter.c
 */
#include "host.h"

#include "abi/errno.h"
#include "arch/uaccess.h"
#include "vm/iter.h"

#define BYTES      4096
#define PIECES_MAX 8
#define RUNS       2000

/* The program's memory: what lies behind `valid` cannot be touched. */
static uint8_t memory[BYTES], *valid;

static size_t missing(const void *user, size_t n)
{
	const uint8_t *begin = user;

	return begin >= valid ? n : begin + n > valid ? (size_t)(begin + n - valid) : 0;
}

size_t arch_copy_user(void *dst, const void *src, size_t n)
{
	const uint8_t *to = dst;
	bool to_user = to >= memory && to < memory + BYTES;
	size_t not_done = missing(to_user ? dst : src, n);

	if (n > not_done)
		memcpy(dst, src, n - not_done);
	return not_done;
}

size_t arch_zero_user(void *dst, size_t n)
{
	size_t not_done = missing(dst, n);

	if (n > not_done)
		memset(dst, 0, n - not_done);
	return not_done;
}

static struct iter_piece pieces[PIECES_MAX];

/* Pieces one behind the other in memory, with holes between them, some of them empty. */
static struct iter iter_make(size_t *count, size_t *total)
{
	size_t at = 0;
	struct iter iter;

	*count = host_random_below(PIECES_MAX) + 1;
	*total = 0;
	for (size_t i = 0; i < *count; i++) {
		at += host_random_below(64);
		pieces[i].base = (uint64_t)(memory + at);
		pieces[i].bytes = host_random_below(4) ? host_random_below(400) : 0;
		at += pieces[i].bytes;
		*total += pieces[i].bytes;
	}
	iter_user_pieces(&iter, pieces, *count);
	return iter;
}

/* The place of byte n of all pieces. */
static uint8_t *place(size_t count, size_t n)
{
	for (size_t i = 0; i < count; n -= pieces[i++].bytes)
		if (n < pieces[i].bytes)
			return (uint8_t *)pieces[i].base + n;
	return NULL;
}

/* How many of `bytes` from byte `from` on can be touched. */
static size_t reachable(size_t count, size_t from, size_t bytes)
{
	size_t n = 0;

	while (n < bytes && place(count, from + n) < valid)
		n++;
	return n;
}

static void check_step(struct iter *iter, size_t count, size_t total, size_t *from)
{
	size_t want = host_random_below(500), left = min(want, total - *from);
	size_t n = reachable(count, *from, left);
	ssize_t result = left > 0 && n == 0 ? -EFAULT : (ssize_t)n;
	uint8_t buf[512];

	switch (host_random_below(3)) {
	case 0:
		for (size_t i = 0; i < want; i++)
			buf[i] = (uint8_t)host_random();
		assert_int_equal(iter_write(iter, buf, want), result);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(*place(count, *from + i), buf[i]);
		break;
	case 1:
		assert_int_equal(iter_read(iter, buf, want), result);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(*place(count, *from + i), buf[i]);
		break;
	default:
		assert_int_equal(iter_zero(iter, want), result);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(*place(count, *from + i), 0);
	}
	*from += n;
	assert_int_equal(iter->remaining, total - *from);
}

static void test_against_an_array(void **state)
{
	host_random_seed(7);
	for (int run = 0; run < RUNS; run++) {
		size_t count, total, from = 0;
		struct iter iter = iter_make(&count, &total);

		for (size_t i = 0; i < BYTES; i++)
			memory[i] = (uint8_t)host_random();
		valid = memory + (run % 2 ? BYTES : host_random_below(BYTES));
		assert_int_equal(iter.remaining, total);
		for (int step = 0; step < 12; step++)
			check_step(&iter, count, total, &from);
	}
}

static void test_kernel_memory(void **state)
{
	char bytes[] = "abcdef", out[4] = "";
	struct iter iter;

	iter_kernel(&iter, bytes, 6);
	assert_int_equal(iter_read(&iter, out, 2), 2);
	assert_int_equal(iter_write(&iter, "XY", 2), 2);
	assert_int_equal(iter_zero(&iter, 9), 2);
	assert_int_equal(iter_zero(&iter, 9), 0);
	assert_memory_equal(out, "ab", 2);
	assert_memory_equal(bytes, "abXY\0\0", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_an_array),
		cmocka_unit_test(test_kernel_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
