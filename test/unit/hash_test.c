/*
 * hash.h and crc32.h against published values, and CRC-32 against the definition bit by bit.
 */
#include "host.h"
#include "lib/crc32.h"
#include "lib/hash.h"

/* The paper's appendix A: key 00..0f, input 00..0e; and the reference code's first vectors. */
static void siphash_vectors(void **state)
{
	const struct hash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
	uint8_t input[15];

	for (unsigned i = 0; i < sizeof(input); i++)
		input[i] = (uint8_t)i;
	assert_true(hash_bytes(&key, input, 15) == 0xa129ca6149be45e5);
	assert_true(hash_bytes(&key, NULL, 0) == 0x726fdb47dd0e0e31);
	assert_true(hash_bytes(&key, input, 1) == 0x74f839c593dc67fd);
	assert_true(hash_bytes(&key, input, 8) == 0x93f5f5799a932462);
}

static void siphash_depends_on_the_key(void **state)
{
	const struct hash_key a = { 1, 2 }, b = { 1, 3 };

	assert_true(hash_bytes(&a, "name", 4) != hash_bytes(&b, "name", 4));
}

/* SplitMix64's first numbers from seed 0 (its state is a multiple of the golden ratio). */
static void hash_u64_vectors(void **state)
{
	assert_true(hash_u64(0) == 0);
	assert_true(hash_u64(0x9e3779b97f4a7c15) == 0xe220a8397b1dcdaf);
	assert_true(hash_u64(2 * 0x9e3779b97f4a7c15) == 0x6e789e6aa1b965f4);
}

static uint32_t crc32_by_definition(const uint8_t *data, size_t bytes)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < bytes; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	return ~crc;
}

static void crc32_vectors(void **state)
{
	assert_int_equal(crc32(0, "", 0), 0);
	assert_int_equal(crc32(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(crc32(0, "The quick brown fox jumps over the lazy dog", 43), 0x414fa339);
}

static void crc32_matches_its_definition(void **state)
{
	uint8_t data[300];

	host_random_seed(3);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)host_random();
	for (size_t from = 0; from < 9; from++)
		for (size_t bytes = 0; bytes < 290; bytes++)
			assert_int_equal(crc32(0, data + from, bytes),
				crc32_by_definition(data + from, bytes));
}

static void crc32_goes_on(void **state)
{
	const char text[] = "in two pieces, at any place";

	for (size_t cut = 0; cut < sizeof(text); cut++)
		assert_int_equal(crc32(crc32(0, text, cut), text + cut, sizeof(text) - cut),
			crc32(0, text, sizeof(text)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_vectors),
		cmocka_unit_test(siphash_depends_on_the_key),
		cmocka_unit_test(hash_u64_vectors),
		cmocka_unit_test(crc32_vectors),
		cmocka_unit_test(crc32_matches_its_definition),
		cmocka_unit_test(crc32_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
