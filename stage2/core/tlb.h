#ifndef CORE_TLB_H
#define CORE_TLB_H
/*
 * TLB shootdown: after a mapping was removed or its rights reduced, no CPU may go on using the old
 * translation. The caller changes the entry, then flushes, then gives the frame away.
 */
#include <stdint.h>

/* A range of kernel addresses, on all CPUs. May be called with interrupts on only, under locks of
 * rank below RANK_TLB. Returns when every CPU has done it. */
void tlb_flush_kernel(uint64_t start, uint64_t bytes);

/* A range of user addresses of the address space whose token is `aspace` (compared with each CPU's
 * cpu->aspace): CPUs that run something else are not disturbed. A range of many pages flushes all.
 */
void tlb_flush_user(void *aspace, uint64_t start, uint64_t bytes);

/* TRAP_IPI_TLB arrived. */
void tlb_ipi(void);

#endif
