/*
 * The table of system calls, and the way in.
 *
 * Everything is made from the lines of abi/syscalls.def: for each call a function that takes its
 * arguments out of the registers (System V ABI, AMD64 supplement, A.2.1: rdi rsi rdx r10 r8 r9),
 * and its place in the table.
 */
#include "arch/trap.h"
#include "core/log.h"
#include "lib/bitmap.h"
#include "mm/frame.h"
#include "sys/sys.h"

typedef long call_fn(const struct trap_frame *frame);

#define SYSCALL0(number, name)                                                                     \
	static long call_##name(const struct trap_frame *f)                                        \
	{                                                                                          \
		return sys_##name();                                                               \
	}
#define SYSCALL1(number, name, t1, a1)                                                             \
	static long call_##name(const struct trap_frame *f)                                        \
	{                                                                                          \
		return sys_##name((t1)f->rdi);                                                     \
	}
#define SYSCALL2(number, name, t1, a1, t2, a2)                                                     \
	static long call_##name(const struct trap_frame *f)                                        \
	{                                                                                          \
		return sys_##name((t1)f->rdi, (t2)f->rsi);                                         \
	}
#define SYSCALL3(number, name, t1, a1, t2, a2, t3, a3)                                             \
	static long call_##name(const struct trap_frame *f)                                        \
	{                                                                                          \
		return sys_##name((t1)f->rdi, (t2)f->rsi, (t3)f->rdx);                             \
	}
#define SYSCALL4(number, name, t1, a1, t2, a2, t3, a3, t4, a4)                                     \
	static long call_##name(const struct trap_frame *f)                                        \
	{                                                                                          \
		return sys_##name((t1)f->rdi, (t2)f->rsi, (t3)f->rdx, (t4)f->r10);                 \
	}
#define SYSCALL5(number, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)                             \
	static long call_##name(const struct trap_frame *f)                                        \
	{                                                                                          \
		return sys_##name((t1)f->rdi, (t2)f->rsi, (t3)f->rdx, (t4)f->r10, (t5)f->r8);      \
	}
#define SYSCALL6(number, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6)                     \
	static long call_##name(const struct trap_frame *f)                                        \
	{                                                                                          \
		return sys_##name(                                                                 \
			(t1)f->rdi, (t2)f->rsi, (t3)f->rdx, (t4)f->r10, (t5)f->r8, (t6)f->r9);     \
	}
#include "abi/syscalls.def"

static call_fn *const calls[] = {
#define SYSCALL(number, name) [number] = call_##name,
#include "abi/syscalls.def"
};

static const char *const names[] = {
#define SYSCALL(number, name)         [number] = #name,
#define SYSCALL_MISSING(number, name) [number] = #name,
#include "abi/syscalls.def"
};

static uint64_t named[BITMAP_WORDS(ARRAY_SIZE(names))]; /* [a] missing calls that were logged */

const char *sys_name(uint32_t number)
{
	return number < ARRAY_SIZE(names) ? names[number] : NULL;
}

/* Said once for each call, so that who misses one learns which. */
static long call_missing(uint32_t number)
{
	const char *name = sys_name(number);

	if (name) {
		uint64_t bit = BIT(number % 64);

		if (!(__atomic_fetch_or(&named[number / 64], bit, __ATOMIC_RELAXED) & bit))
			log_info("sys: %s (%u) is not implemented; asked for by %s", name, number,
				thread_current()->name);
	}
	return -ENOSYS;
}

void on_syscall(struct trap_frame *frame)
{
	struct uthread *self = uthread_current();
	uint32_t number = (uint32_t)frame->error;
	long result;

	if (unlikely(self->cred != READ_ONCE(self->proc->cred)))
		uthread_renew_cred(self);
	frame_keep_reserve();

	if (likely(number < ARRAY_SIZE(calls) && calls[number]))
		result = calls[number](frame);
	else
		result = call_missing(number);
	frame->rax = (uint64_t)result;
	/* Delivery settles these, also where the signal has meanwhile gone to another thread. */
	if (unlikely(result == -ERESTARTSYS || result == -ERESTARTNOHAND))
		thread_set_work(thread_current(), THREAD_WORK_SIGNAL);
}
