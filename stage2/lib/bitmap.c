/*
 * Arrays of bits: the searches and the ranges. A search looks at a word at a time; searching for a
 * clear bit is searching for a set one in the inverted word.
 */
#include "lib/bitmap.h"

/* The bits of word number `word` that lie in [first, end). */
static uint64_t range_mask(size_t word, size_t first, size_t end)
{
	uint64_t mask = ~0ull;

	if (first > word * 64)
		mask &= ~0ull << (first - word * 64);
	if (end < word * 64 + 64)
		mask &= ~(~0ull << (end - word * 64));
	return mask;
}

void bitmap_set_range(uint64_t *map, size_t first, size_t count)
{
	if (count == 0)
		return;
	for (size_t word = first / 64; word * 64 < first + count; word++)
		map[word] |= range_mask(word, first, first + count);
}

void bitmap_clear_range(uint64_t *map, size_t first, size_t count)
{
	if (count == 0)
		return;
	for (size_t word = first / 64; word * 64 < first + count; word++)
		map[word] &= ~range_mask(word, first, first + count);
}

/* The first bit from `from` on that is set after each word was inverted by `invert`. */
static size_t find(const uint64_t *map, size_t nbits, size_t from, uint64_t invert)
{
	if (from >= nbits)
		return nbits;
	for (size_t word = from / 64; word * 64 < nbits; word++) {
		uint64_t bits = (map[word] ^ invert) & range_mask(word, from, nbits);

		if (bits)
			return word * 64 + (size_t)__builtin_ctzll(bits);
	}
	return nbits;
}

size_t bitmap_find_set(const uint64_t *map, size_t nbits, size_t from)
{
	return find(map, nbits, from, 0);
}

size_t bitmap_find_clear(const uint64_t *map, size_t nbits, size_t from)
{
	return find(map, nbits, from, ~0ull);
}

size_t bitmap_find_clear_range(const uint64_t *map, size_t nbits, size_t from, size_t count)
{
	size_t start = bitmap_find_clear(map, nbits, from);

	while (start < nbits && count <= nbits - start) {
		size_t end = bitmap_find_set(map, start + count, start);

		if (end == start + count)
			return start;
		start = bitmap_find_clear(map, nbits, end);
	}
	return nbits;
}

size_t bitmap_count(const uint64_t *map, size_t nbits)
{
	size_t count = 0;

	for (size_t word = 0; word * 64 < nbits; word++)
		for (uint64_t bits = map[word] & range_mask(word, 0, nbits); bits; bits &= bits - 1)
			count++;
	return count;
}
