#ifndef HOST_MEMORY_MAP_H
#define HOST_MEMORY_MAP_H
/*
 * The memory map for kernel code on the host: as it is, but for the areas that tests really map,
 * which lie where a program can have them.
 */
#include "../../../../stage2/arch/memory_map.h"

#undef DIRECT_MAP_BASE
#undef FRAME_MAP_BASE
#define DIRECT_MAP_BASE 0x200000000000
#define FRAME_MAP_BASE  0x300000000000

#endif
