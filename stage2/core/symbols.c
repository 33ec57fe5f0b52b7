/*
 * Names for addresses: a binary search in the table that tools/symtab made. In the first of the two
 * links the table is empty, and no address has a name.
 */
#include "core/symbols.h"
#include "arch/memory_map.h"

#include <stddef.h>

const char *symbol_find(uint64_t address, uint64_t *offset)
{
	uint64_t wanted = address - KERNEL_BASE;
	uint32_t low = 0, high = symbol_count; /* the one sought is before high, not before low */

	if (address < KERNEL_BASE || wanted >= symbol_text_end)
		return NULL;
	if (symbol_count == 0 || wanted < symbol_offsets[0])
		return NULL;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (symbol_offsets[middle] <= wanted)
			low = middle;
		else
			high = middle;
	}
	*offset = wanted - symbol_offsets[low];
	return &symbol_names[symbol_name_offsets[low]];
}
