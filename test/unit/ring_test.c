/*
 * lib/ring.h against a queue that keeps all bytes in one long array.
 */
#include "host.h"
#include "lib/ring.h"

#define BYTES 16

static void starts_empty(void **state)
{
	uint8_t storage[BYTES], byte;
	struct ring ring;

	ring_init(&ring, storage, BYTES);
	assert_int_equal(ring_used(&ring), 0);
	assert_int_equal(ring_free(&ring), BYTES);
	assert_int_equal(ring_read(&ring, &byte, 1), 0);
}

static void fills_to_the_last_byte(void **state)
{
	uint8_t storage[BYTES], out[BYTES];
	struct ring ring;

	ring_init(&ring, storage, BYTES);
	assert_int_equal(ring_write(&ring, "0123456789abcdefg", 17), BYTES);
	assert_int_equal(ring_free(&ring), 0);
	assert_int_equal(ring_write(&ring, "x", 1), 0);
	assert_int_equal(ring_read(&ring, out, BYTES), BYTES);
	assert_memory_equal(out, "0123456789abcdef", BYTES);
}

static void refuses_a_size_that_is_no_power_of_two(void **state)
{
	uint8_t storage[BYTES];
	struct ring ring;

	expect_kernel_assert((ring_init(&ring, storage, 12), 0));
}

static void spans_end_at_the_storage_end(void **state)
{
	uint8_t storage[BYTES], out[BYTES], *at;
	struct ring ring;

	ring_init(&ring, storage, BYTES);
	ring_write(&ring, "0123456789ab", 12);
	ring_read(&ring, out, 10);
	assert_int_equal(ring_write_span(&ring, &at), 4);
	assert_ptr_equal(at, storage + 12);
	ring_produce(&ring, 4);
	assert_int_equal(ring_write_span(&ring, &at), 10);
	assert_ptr_equal(at, storage);
	assert_int_equal(ring_read_span(&ring, &at), 6);
	assert_ptr_equal(at, storage + 10);
}

/* Counters near their end: used and free are differences and do not mind. */
static void counters_may_wrap(void **state)
{
	uint8_t storage[BYTES], out[BYTES];
	struct ring ring;

	ring_init(&ring, storage, BYTES);
	ring.head = ring.tail = (size_t)0 - 5;
	assert_int_equal(ring_write(&ring, "abcdefghij", 10), 10);
	assert_int_equal(ring_used(&ring), 10);
	assert_int_equal(ring_read(&ring, out, BYTES), 10);
	assert_memory_equal(out, "abcdefghij", 10);
}

static void matches_a_plain_queue(void **state)
{
	uint8_t storage[BYTES], piece[BYTES + 4];
	struct ring ring;
	uint8_t next_in = 0, next_out = 0; /* the bytes are consecutive numbers */

	host_random_seed(4);
	ring_init(&ring, storage, BYTES);
	for (int i = 0; i < 100000; i++) {
		size_t bytes = host_random_below(sizeof(piece) + 1), done;
		size_t used = ring_used(&ring);

		if (host_random() & 1) {
			for (size_t k = 0; k < bytes; k++)
				piece[k] = (uint8_t)(next_in + k);
			done = ring_write(&ring, piece, bytes);
			assert_int_equal(done, bytes < BYTES - used ? bytes : BYTES - used);
			next_in += (uint8_t)done;
		} else {
			done = ring_read(&ring, piece, bytes);
			assert_int_equal(done, bytes < used ? bytes : used);
			for (size_t k = 0; k < done; k++)
				assert_int_equal(piece[k], next_out++);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_empty),
		cmocka_unit_test(fills_to_the_last_byte),
		cmocka_unit_test(refuses_a_size_that_is_no_power_of_two),
		cmocka_unit_test(spans_end_at_the_storage_end),
		cmocka_unit_test(counters_may_wrap),
		cmocka_unit_test(matches_a_plain_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
