/*
 * arch/e820.h on any bytes: what comes out is whole pages, in order, and each usable by the
 * entries' own word at its first and last byte.
 *
 * links: stage2/arch/x86/e820.c
 */
#include "arch/e820.h"
#include "arch/memory_map.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static bool covers(const struct boot_mem *entry, uint64_t address)
{
	return (entry->attributes & BOOT_MEM_ENABLED) && address >= entry->base &&
	       address - entry->base < entry->bytes;
}

static void check_usable(const struct boot_mem *map, size_t count, uint64_t address)
{
	bool usable = false;

	for (size_t i = 0; i < count; i++) {
		if (!covers(&map[i], address))
			continue;
		check(map[i].type == BOOT_MEM_USABLE);
		check(!(map[i].attributes & BOOT_MEM_NONVOLATILE));
		usable = true;
	}
	check(usable);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct boot_mem map[BOOT_MEM_MAX + 8];
	static struct mem_range ranges[BOOT_MEM_MAX];
	size_t count = bytes / sizeof(map[0]);

	if (count > sizeof(map) / sizeof(map[0]))
		count = sizeof(map) / sizeof(map[0]);
	memcpy(map, data, count * sizeof(map[0]));
	size_t n = e820_usable(map, count, ranges);
	if (count > BOOT_MEM_MAX)
		count = BOOT_MEM_MAX;
	check(n <= count);
	for (size_t i = 0; i < n; i++) {
		check(ranges[i].start % PAGE_SIZE == 0 && ranges[i].end % PAGE_SIZE == 0);
		check(ranges[i].start < ranges[i].end && ranges[i].end <= DIRECT_MAP_BYTES);
		check(i == 0 || ranges[i - 1].end < ranges[i].start);
		check_usable(map, count, ranges[i].start);
		check_usable(map, count, ranges[i].end - 1);
	}
	return 0;
}
