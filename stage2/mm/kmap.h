#ifndef MM_KMAP_H
#define MM_KMAP_H
/*
 * Kernel virtual memory outside the direct map: stacks above guard pages, device memory. Never
 * sleeps; freeing flushes TLBs, so it is for threads with interrupts on.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

/* A kernel stack of KERNEL_STACK_BYTES with an unmapped page below it; *top is its upper end.
 * -ENOMEM. Freed stacks are kept a few for the next thread. */
__must_check int kstack_alloc(void **top);
void kstack_free(void *top);
/* Give the kept stacks back; frames freed. */
uint64_t kstack_drain(void);
/* The address is in the guard page of some stack: an overflow (for the fault report). */
bool kstack_is_guard(uint64_t address);

/* Map device memory, uncached. paddr need not be page-aligned. -ENOMEM. */
__must_check int kmap_device(paddr_t paddr, size_t bytes, volatile void **address);
void kunmap_device(volatile void *address, size_t bytes);

#endif
