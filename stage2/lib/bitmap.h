#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H
/*
 * Arrays of bits, in 64-bit words. `nbits` is the length of the map; bits of the last word behind
 * it are never looked at. The owner's lock guards a map; nothing here is atomic, locks or sleeps.
 *
 *	uint64_t map[BITMAP_WORDS(256)];
 */
#include "lib/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITMAP_WORDS(nbits) DIV_ROUND_UP(nbits, 64)

static inline bool bitmap_test(const uint64_t *map, size_t bit)
{
	return map[bit / 64] >> (bit % 64) & 1;
}

static inline void bitmap_set(uint64_t *map, size_t bit)
{
	map[bit / 64] |= BIT(bit % 64);
}

static inline void bitmap_clear(uint64_t *map, size_t bit)
{
	map[bit / 64] &= ~BIT(bit % 64);
}

/* Sets (clears) the bits from `first` on, `count` of them. */
void bitmap_set_range(uint64_t *map, size_t first, size_t count);
void bitmap_clear_range(uint64_t *map, size_t first, size_t count);

/* The first set (clear) bit at or behind `from`; nbits if there is none. */
size_t bitmap_find_set(const uint64_t *map, size_t nbits, size_t from);
size_t bitmap_find_clear(const uint64_t *map, size_t nbits, size_t from);

/* The start of the first `count` clear bits in a row at or behind `from`; nbits if there are none.
 */
size_t bitmap_find_clear_range(const uint64_t *map, size_t nbits, size_t from, size_t count);

/* How many bits are set. */
size_t bitmap_count(const uint64_t *map, size_t nbits);

#endif
