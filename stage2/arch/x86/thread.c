/*
 * The machine's part of threads: first stacks, the switch, user frames and segment bases.
 *
 * FS.base and GS.base of a program change only through arch_set_*_base (FSGSBASE stays disabled),
 * so the values in struct arch_thread are always right, and are loaded when a user thread is
 * switched to.
 */
#include "arch/thread.h"
#include "abi/errno.h"
#include "arch/cpu.h"
#include "arch/memory_map.h"
#include "arch/x86/x86.h"
#include "lib/string.h"

/* switch.asm */
void switch_stacks(struct arch_thread *prev, struct arch_thread *next);
void thread_trampoline(void);

void arch_thread_init(struct arch_thread *thread, void *stack_top, void (*entry)(void *), void *arg)
{
	thread->stack_top = (uint64_t)stack_top;
	/* What switch_stacks pops, below the place of a trap frame; 16-aligned at the call of
	 * entry. */
	uint64_t *sp = (uint64_t *)arch_user_frame(thread) - 8;
	sp[0] = 0;                           /* r15 */
	sp[1] = 0;                           /* r14 */
	sp[2] = (uint64_t)arg;               /* r13 */
	sp[3] = (uint64_t)entry;             /* r12 */
	sp[4] = 0;                           /* rbx */
	sp[5] = 0;                           /* rbp */
	sp[6] = (uint64_t)thread_trampoline; /* return address */
	sp[7] = 0;
	thread->rsp = (uint64_t)sp;
}

void arch_thread_switch(struct arch_thread *prev, struct arch_thread *next)
{
	struct cpu *cpu = this_cpu();

	fpu_switch(cpu, prev, next);
	if (next->fpu) {
		x86_write_msr(MSR_FS_BASE, next->fs_base);
		x86_write_msr(MSR_KERNEL_GS_BASE, next->gs_base);
	}
	cpu->kernel_rsp = next->stack_top;
	cpu->tables->tss.rsp[0] = next->stack_top;
	switch_stacks(prev, next);
}

void arch_frame_init(struct trap_frame *frame, uptr_t rip, uptr_t rsp)
{
	memset(frame, 0, sizeof(*frame));
	frame->rip = rip;
	frame->rsp = rsp;
	frame->cs = SELECTOR_USER_CODE;
	frame->ss = SELECTOR_USER_DATA;
	frame->rflags = RFLAGS_IF | RFLAGS_ONE;
}

int arch_frame_sanitize(struct trap_frame *frame)
{
	if (frame->rip >= USER_END)
		return -EINVAL;
	frame->cs = SELECTOR_USER_CODE;
	frame->ss = SELECTOR_USER_DATA;
	frame->rflags = (frame->rflags & RFLAGS_USER) | RFLAGS_IF | RFLAGS_ONE;
	return 0;
}

static int set_base(uint64_t base, uint64_t *field, uint32_t msr)
{
	if (base >= USER_END)
		return -EPERM;
	uint64_t flags = irq_save();
	*field = base;
	x86_write_msr(msr, base);
	irq_restore(flags);
	return 0;
}

int arch_set_fs_base(struct arch_thread *thread, uint64_t base)
{
	return set_base(base, &thread->fs_base, MSR_FS_BASE);
}

/* The kernel runs with its own GS base; the program's waits in KERNEL_GS_BASE. */
int arch_set_gs_base(struct arch_thread *thread, uint64_t base)
{
	return set_base(base, &thread->gs_base, MSR_KERNEL_GS_BASE);
}

uint64_t arch_get_fs_base(struct arch_thread *thread)
{
	return thread->fs_base;
}

uint64_t arch_get_gs_base(struct arch_thread *thread)
{
	return thread->gs_base;
}
