/*
 * The memory map put in order.
 *
 * One main idea: the borders of all entries, sorted, cut the address space into pieces inside which
 * no entry begins or ends; so each piece is usable or is not, as a whole. Usable pieces that touch
 * are one range, and a range shrinks to whole pages.
 *
 * It does not know of the kernel, the archive or memory below 1 MiB: who takes the ranges does.
 */
#include "arch/e820.h"

#include "arch/memory_map.h"
#include "lib/compiler.h"

#include <stdbool.h>
#include <stdint.h>

/* Where an entry ends: at most where the direct map does, past which nothing is of use. */
static uint64_t entry_end(const struct boot_mem *entry)
{
	if (entry->base >= DIRECT_MAP_BYTES || entry->bytes > DIRECT_MAP_BYTES - entry->base)
		return DIRECT_MAP_BYTES;
	return entry->base + entry->bytes;
}

static bool entry_counts(const struct boot_mem *entry)
{
	return (entry->attributes & BOOT_MEM_ENABLED) && entry->base < entry_end(entry);
}

static bool entry_usable(const struct boot_mem *entry)
{
	return entry->type == BOOT_MEM_USABLE && !(entry->attributes & BOOT_MEM_NONVOLATILE);
}

/* The piece that begins at `start`, a border: usable if an entry says so and none says otherwise.
 */
static bool piece_usable(const struct boot_mem *map, size_t count, uint64_t start)
{
	bool usable = false;

	for (size_t i = 0; i < count; i++) {
		if (!entry_counts(&map[i]) || start < map[i].base || start >= entry_end(&map[i]))
			continue;
		if (!entry_usable(&map[i]))
			return false;
		usable = true;
	}
	return usable;
}

static void insert_sorted(uint64_t *values, size_t count, uint64_t value)
{
	for (; count > 0 && values[count - 1] > value; count--)
		values[count] = values[count - 1];
	values[count] = value;
}

static size_t borders_collect(const struct boot_mem *map, size_t count, uint64_t *borders)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (!entry_counts(&map[i]))
			continue;
		insert_sorted(borders, n++, map[i].base);
		insert_sorted(borders, n++, entry_end(&map[i]));
	}
	return n;
}

/* Adds a usable range, made of whole pages, unless nothing is left of it. */
static size_t range_add(struct mem_range *ranges, size_t count, uint64_t start, uint64_t end)
{
	start = ALIGN_UP(start, (uint64_t)PAGE_SIZE);
	end = ALIGN_DOWN(end, (uint64_t)PAGE_SIZE);
	if (start < end)
		ranges[count++] = (struct mem_range){ .start = start, .end = end };
	return count;
}

size_t e820_usable(const struct boot_mem *map, size_t count, struct mem_range ranges[BOOT_MEM_MAX])
{
	uint64_t borders[2 * BOOT_MEM_MAX];
	uint64_t start = 0; /* of the range that is open */
	size_t nranges = 0;
	bool open = false;

	if (count > BOOT_MEM_MAX)
		count = BOOT_MEM_MAX;
	size_t nborders = borders_collect(map, count, borders);
	for (size_t i = 0; i < nborders; i++) {
		bool usable = piece_usable(map, count, borders[i]);

		if (usable && !open)
			start = borders[i];
		if (!usable && open)
			nranges = range_add(ranges, nranges, start, borders[i]);
		open = usable;
	}
	return nranges; /* the last border ends every entry: nothing is open behind it */
}
