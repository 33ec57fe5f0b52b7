#ifndef CORE_FAIL_H
#define CORE_FAIL_H
/*
 * Failures on purpose, in the DEBUG build: of the allocations that one thread makes, the n-th
 * fails. What then happens to its system call is what a test looks at (PR_COR_FAIL of prctl).
 */
#include <stdbool.h>
#include <stdint.h>

#ifdef DEBUG
/* Of the running thread's allocations from now on, the n-th fails; 0: none. One thread at a time.
 */
void fail_arm(uint32_t n);
/* How many are left to the one that fails; 0: it has failed. */
uint32_t fail_left(void);
/* For allocators: fail here? Any context. */
bool fail_now(void);
#else
static inline bool fail_now(void)
{
	return false;
}
#endif

#endif
