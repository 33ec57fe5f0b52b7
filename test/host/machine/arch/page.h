#ifndef HOST_PAGE_H
#define HOST_PAGE_H
/*
 * Whole pages, as the host fills and copies them.
 */
#include <string.h>

#include "arch/memory_map.h"

static inline void page_zero(void *page)
{
	memset(page, 0, PAGE_SIZE);
}

#endif
