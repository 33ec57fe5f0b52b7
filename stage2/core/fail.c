/*
 * Which allocation is to fail. Only the thread that asked for it counts, and not what interrupts do
 * meanwhile, so that the n-th allocation of a call is the same one each time.
 */
#include "core/fail.h"

#include "arch/cpu.h"
#include "lib/compiler.h"

#ifdef DEBUG
static struct {
	const struct thread *thread; /* [a] */
	uint32_t left;               /* own: that thread's */
} fail;

void fail_arm(uint32_t n)
{
	WRITE_ONCE(fail.thread, NULL);
	fail.left = n;
	WRITE_ONCE(fail.thread, n ? thread_current() : NULL);
}

uint32_t fail_left(void)
{
	return READ_ONCE(fail.left);
}

bool fail_now(void)
{
	if (likely(READ_ONCE(fail.thread) != thread_current()) || !fail.left ||
		this_cpu()->irq_depth > 0)
		return false;
	return --fail.left == 0;
}
#endif
