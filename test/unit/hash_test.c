/*
 * hash.h, and crc32.h against published values, and CRC-32 against the definition bit by bit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "lib/crc32.h"
#include "lib/hash.h"

/* Each byte of each length counts, and so do the seed and both halves of the key. */
static void hash_bytes_sees_every_byte(void **state)
{
	const struct hash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
	const struct hash_key others[] = { { key.k0 + 1, key.k1 }, { key.k0, key.k1 + 1 } };
	char text[40] = "the quick brown fox jumps over the lazy";

	for (size_t bytes = 0; bytes < sizeof(text); bytes++) {
		uint64_t hash = hash_bytes(&key, 1, text, bytes);

		assert_true(hash != hash_bytes(&key, 2, text, bytes));
		assert_true(hash != hash_bytes(&others[0], 1, text, bytes));
		assert_true(hash != hash_bytes(&others[1], 1, text, bytes));
		assert_true(hash != hash_bytes(&key, 1, text, bytes + 1));
		for (size_t i = 0; i < bytes; i++) {
			text[i] ^= 1;
			assert_true(hash != hash_bytes(&key, 1, text, bytes));
			text[i] ^= 1;
		}
	}
}

/* It reads no byte beside the text: ASan would say so. */
static void hash_bytes_stays_within(void **state)
{
	const struct hash_key key = { 0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f };

	for (size_t bytes = 1; bytes < 40; bytes++) {
		char *text = malloc(bytes);

		memset(text, 'x', bytes);
		assert_true(hash_bytes(&key, 0, text, bytes) != 0);
		free(text);
	}
}

/* Numbered names, as programs make them, spread over a table. */
static void hash_bytes_spreads(void **state)
{
	const struct hash_key key = { 0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f };
	static unsigned buckets[1024];
	unsigned most = 0;

	for (unsigned i = 0; i < 4096; i++) {
		char name[16];
		int bytes = snprintf(name, sizeof(name), "file-%u", i);
		unsigned *bucket = &buckets[hash_bytes(&key, 0, name, (size_t)bytes) % 1024];

		most = ++*bucket > most ? *bucket : most;
	}
	assert_true(most < 20); /* of 4 on average */
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
		cmocka_unit_test(hash_bytes_sees_every_byte),
		cmocka_unit_test(hash_bytes_stays_within),
		cmocka_unit_test(hash_bytes_spreads),
		cmocka_unit_test(hash_u64_vectors),
		cmocka_unit_test(crc32_vectors),
		cmocka_unit_test(crc32_matches_its_definition),
		cmocka_unit_test(crc32_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
