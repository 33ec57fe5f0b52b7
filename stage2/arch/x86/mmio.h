#ifndef ARCH_X86_MMIO_H
#define ARCH_X86_MMIO_H
/*
 * Device memory of arch itself (local APIC, I/O APICs, HPET): a few pages above the kernel image,
 * whose tables are part of the image, so that no allocator is needed. From mmu_init_kernel on, for
 * ever.
 */
#include <stddef.h>

#include "lib/types.h"

/* Map [paddr, paddr + bytes) uncached; NULL when the window is full. Same pages again: mapped
 * again. */
volatile void *arch_map_mmio(paddr_t paddr, size_t bytes);

#endif
