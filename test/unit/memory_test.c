/*
 * memcpy, memmove and memset of the kernel, which are assembly, against libc: every length from
 * nothing to several words, at every distance and offset from a word's border.
 *
 * links: stage2/arch/x86/string.asm
 */
#include "host.h"

#define MAX  80
#define AREA 256

static uint8_t ours[AREA], theirs[AREA];

static void fill(void)
{
	for (unsigned i = 0; i < AREA; i++)
		ours[i] = theirs[i] = (uint8_t)host_random();
}

/* The direction flag has to be clear whenever C code runs (psABI, 3.2.1). */
static bool direction_is_clear(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags));
	return !(flags & 0x400);
}

static void memcpy_copies(void **state)
{
	host_random_seed(9);
	for (size_t from = 0; from < 9; from++)
		for (size_t to = 128; to < 137; to++)
			for (size_t bytes = 0; bytes < MAX; bytes++) {
				fill();
				assert_ptr_equal(
					cor_memcpy(ours + to, ours + from, bytes), ours + to);
				memcpy(theirs + to, theirs + from, bytes);
				assert_memory_equal(ours, theirs, AREA);
			}
}

static void memmove_copies_what_overlaps(void **state)
{
	host_random_seed(10);
	for (size_t from = 80; from < 90; from++)
		for (size_t to = 0; to < 180; to++)
			for (size_t bytes = 0; bytes < 76; bytes++) {
				fill();
				assert_ptr_equal(
					cor_memmove(ours + to, ours + from, bytes), ours + to);
				memmove(theirs + to, theirs + from, bytes);
				assert_memory_equal(ours, theirs, AREA);
			}
	assert_true(direction_is_clear());
}

static void memset_fills(void **state)
{
	static const int values[] = { 0, 0x5a, 0xff, -1, 0x1234 };

	host_random_seed(11);
	for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++)
		for (size_t to = 64; to < 73; to++)
			for (size_t bytes = 0; bytes < MAX; bytes++) {
				fill();
				assert_ptr_equal(
					cor_memset(ours + to, values[v], bytes), ours + to);
				memset(theirs + to, values[v], bytes);
				assert_memory_equal(ours, theirs, AREA);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memcpy_copies),
		cmocka_unit_test(memmove_copies_what_overlaps),
		cmocka_unit_test(memset_fills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
