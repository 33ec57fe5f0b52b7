#ifndef ARCH_E820_H
#define ARCH_E820_H
/*
 * The memory map put in order: from what firmware says to what may be used.
 */
#include <stddef.h>

#include "arch/boot_info.h"
#include "lib/types.h"

/* Usable memory from `start` up to `end`, both page aligned, start < end. */
struct mem_range {
	paddr_t start;
	paddr_t end;
};

/*
 * The usable memory in `count` raw entries, as ranges that are sorted, disjoint and not adjacent.
 * The entries may come in any order, overlap (the more restrictive one wins: a byte is usable if an
 * entry says so and none says otherwise), have odd borders, no length, or a length past the end of
 * the address space. Left out: entries with the "enabled" attribute clear, non-volatile memory,
 * pages that are usable in part, and what lies past DIRECT_MAP_BYTES.
 *
 * ranges has room for BOOT_MEM_MAX, which is always enough: n entries make at most n ranges.
 * Entries past BOOT_MEM_MAX are not looked at. Returns the number of ranges; 0 is possible. Pure;
 * about count squared steps; 2 KiB of stack.
 */
size_t e820_usable(const struct boot_mem *map, size_t count, struct mem_range ranges[BOOT_MEM_MAX]);

#endif
