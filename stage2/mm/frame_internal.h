#ifndef MM_FRAME_INTERNAL_H
#define MM_FRAME_INTERNAL_H
/*
 * What the allocator (frame.c) and its source of memory (section.c) share.
 */
#include "mm/frame.h"

#define SECTION_BYTES      ((paddr_t)32 << 20)
#define BLOCK_BYTES(order) ((uint64_t)PAGE_SIZE << (order))

/* section.c: find the machine's memory, build the kernel's tables. Counts of FRAME_IMAGE,
 * FRAME_UNTOUCHED, FRAME_RECORDS and FRAME_TABLES are added to counts. */
__must_check int section_init(const struct boot_info *info, int64_t counts[FRAME_OWNERS]);

/* The next section of untouched memory, its records mapped: [*start, *end) is free memory for the
 * buddy lists. -ENOMEM: there is no more. Called under the frames' lock. */
__must_check int section_take(paddr_t *start, paddr_t *end, int64_t counts[FRAME_OWNERS]);

/* Records for memory that is not the allocator's own but is mapped by programs: the archive, the
 * vDSO. */
__must_check int section_map_reserved(paddr_t start, paddr_t end);

#endif
