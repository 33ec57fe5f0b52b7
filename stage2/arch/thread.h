#ifndef ARCH_THREAD_H
#define ARCH_THREAD_H
/*
 * The machine's part of a thread: saved stack pointer, user segment bases, FPU state.
 */
#include <stddef.h>
#include <stdint.h>

#include "arch/trap.h"
#include "lib/compiler.h"
#include "lib/types.h"

struct arch_thread {
	uint64_t rsp;        /* saved stack pointer while not running; known to assembly */
	uint64_t stack_top;  /* highest address of the kernel stack, 16-aligned */
	uint64_t fs_base;    /* user FS.base; 0 for kernel threads */
	uint64_t gs_base;    /* user GS.base */
	void *fpu;           /* XSAVE or FXSAVE area, 64-aligned; NULL for kernel threads */
	struct cpu *fpu_cpu; /* CPU that last loaded our FPU state; the registers of another are
	                        stale */
	uint32_t work; /* [a] pending work, checked on each return to user mode; bits: sched, and */
#define ARCH_WORK_FRAME (1u << 31) /* its frame was changed in a system call: all of it counts */
};

static inline void arch_work_set(struct arch_thread *thread, uint32_t bits)
{
	__atomic_fetch_or(&thread->work, bits, __ATOMIC_SEQ_CST);
}

static inline void arch_work_clear(struct arch_thread *thread, uint32_t bits)
{
	__atomic_fetch_and(&thread->work, ~bits, __ATOMIC_SEQ_CST);
}

/* Prepare a thread to start at entry(arg) on the stack that ends at stack_top. */
void arch_thread_init(
	struct arch_thread *thread, void *stack_top, void (*entry)(void *), void *arg);

/* Switch stacks from prev to next; returns, later, when somebody switches back to prev. Interrupts
 * off. Saves prev's FPU state and segment bases, sets the ring-0 stack of next. */
void arch_thread_switch(struct arch_thread *prev, struct arch_thread *next);

/* Leave to user mode with the registers of frame, which must lie at the top of the current kernel
 * stack (arch_user_frame). */
__noreturn void arch_enter_user(struct trap_frame *frame);

/* The trap frame of a user thread: a fixed place at the top of its kernel stack. */
static inline struct trap_frame *arch_user_frame(const struct arch_thread *thread)
{
	return (struct trap_frame *)thread->stack_top - 1;
}

/* Fill a frame for the first entry to user mode: all registers 0, IF set, user selectors. */
void arch_frame_init(struct trap_frame *frame, uptr_t rip, uptr_t rsp);

/* Make a frame that came from outside (sigreturn) safe to return with: user selectors, only the
 * flags a program may set, IF on, canonical RIP. Returns -EINVAL if RIP is not canonical. */
__must_check int arch_frame_sanitize(struct trap_frame *frame);

/* User segment bases of the running thread. base must be canonical and below USER_END, else -EPERM.
 */
__must_check int arch_set_fs_base(struct arch_thread *thread, uint64_t base);
__must_check int arch_set_gs_base(struct arch_thread *thread, uint64_t base);
uint64_t arch_get_fs_base(struct arch_thread *thread);
uint64_t arch_get_gs_base(struct arch_thread *thread);

/*
 * FPU state. While a user thread runs, it is in the CPU's registers. fpu_bytes: size of a state
 * area (64-aligned memory of the caller's). fpu_init_state: an area with the state a new program
 * starts with.
 */
size_t fpu_bytes(void);
void fpu_init_state(void *area);
/* The running thread's state: fresh; into an area. */
void fpu_reset(void);
void fpu_save(void *area);
/* The same into the program's memory, 64-aligned, all fpu_bytes() of it; and from there,
 * `extended`, or only an FXSAVE area. -EFAULT: memory that is not there, or no state (it is
 * undefined then). May sleep. */
__must_check int fpu_save_user(uptr_t address);
__must_check int fpu_load_user(uptr_t address, bool extended);
/* A thread that will not run again. */
void fpu_forget(struct arch_thread *thread);
/* Enabled XSAVE features (XCR0); 0 where only FXSAVE is used. */
uint64_t fpu_features(void);

#endif
