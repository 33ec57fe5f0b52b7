/*
 * Traps, from the entry stubs on: sorts them and calls upwards. Nothing is decided here but where a
 * trap belongs.
 */
#include "arch/trap.h"
#include "arch/cpu.h"
#include "arch/interrupt.h"
#include "arch/thread.h"
#include "arch/x86/x86.h"
#include "lib/assert.h"
#include "lib/compiler.h"

/* Called from trap.asm. */
void trap_dispatch(struct trap_frame *frame);
void trap_user_return(struct trap_frame *frame);

static const char *const names[] = {
	[TRAP_DIVIDE] = "#DE divide error",
	[TRAP_DEBUG] = "#DB debug exception",
	[TRAP_NMI] = "NMI",
	[TRAP_BREAKPOINT] = "#BP breakpoint",
	[TRAP_OVERFLOW] = "#OF overflow",
	[TRAP_BOUND] = "#BR bound range",
	[TRAP_INVALID_OPCODE] = "#UD invalid opcode",
	[TRAP_NO_FPU] = "#NM no FPU",
	[TRAP_DOUBLE_FAULT] = "#DF double fault",
	[TRAP_INVALID_TSS] = "#TS invalid TSS",
	[TRAP_NO_SEGMENT] = "#NP segment not present",
	[TRAP_STACK] = "#SS stack fault",
	[TRAP_PROTECTION] = "#GP general protection",
	[TRAP_PAGE_FAULT] = "#PF page fault",
	[TRAP_FPU] = "#MF x87 error",
	[TRAP_ALIGNMENT] = "#AC alignment check",
	[TRAP_MACHINE_CHECK] = "#MC machine check",
	[TRAP_SIMD] = "#XM SIMD error",
	[TRAP_SYSCALL] = "vector 20",
};

const char *trap_name(unsigned vector)
{
	return vector < ARRAY_SIZE(names) && names[vector] ? names[vector] : "reserved vector";
}

uint64_t trap_fault_address(void)
{
	return x86_read_cr2();
}

static const struct ex_entry *ex_find(const struct trap_frame *frame)
{
	for (const struct ex_entry *entry = __ex_table_start; entry < __ex_table_end; entry++)
		if (entry->fault == frame->rip)
			return entry;
	return NULL;
}

bool trap_has_fixup(const struct trap_frame *frame)
{
	return ex_find(frame) != NULL;
}

bool trap_fixup(struct trap_frame *frame)
{
	const struct ex_entry *entry = ex_find(frame);
	if (!entry)
		return false;
	frame->rip = entry->fixup;
	return true;
}

static void page_fault(struct trap_frame *frame)
{
	uptr_t address = x86_read_cr2();
	int verdict = on_page_fault(frame, address);
	if (verdict == 0)
		return;
	if (trap_from_user(frame) || !trap_fixup(frame))
		on_exception(frame, verdict, address);
}

static void exception(struct trap_frame *frame)
{
	if (trap_from_user(frame) || !trap_fixup(frame))
		on_exception(frame, 0, 0);
}

/* The handlers' own types differ, but not in where they look for an argument. */
typedef long syscall_fn(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

static long syscall_by_frame(const struct trap_frame *f)
{
	uint32_t number = (uint32_t)f->error;
	syscall_fn *call = number < syscall_count ? (syscall_fn *)syscall_table[number] : NULL;

	return call ? call(f->rdi, f->rsi, f->rdx, f->r10, f->r8, f->r9) : syscall_missing(number);
}

/* INT 0x14: the same call as SYSCALL, number in rax. From ring 0 nobody executes it. */
static void soft_syscall(struct trap_frame *frame)
{
	if (!trap_from_user(frame)) {
		on_exception(frame, 0, 0);
		return;
	}
	frame->error = frame->rax;
	irq_enable();
	frame_keep_reserve();
	frame->rax = (uint64_t)syscall_by_frame(frame);
	irq_disable();
}

static void interrupt(struct trap_frame *frame)
{
	struct cpu *cpu = this_cpu();
	cpu->irq_depth++;
	if (frame->vector == TRAP_TIMER || frame->vector == TRAP_IPI_RESCHED) {
		interrupt_ack();
		on_tick(trap_from_user(frame));
	} else if (frame->vector >= TRAP_IPI_TLB) {
		interrupt_ack();
		on_ipi((unsigned)frame->vector);
	} else {
		on_irq((unsigned)frame->vector);
		interrupt_ack();
	}
	cpu->irq_depth--;
}

/* #DB in the kernel comes only from what a program left in the debug machinery (a watchpoint on an
 * address the kernel copies from, a single step into an entry): harmless, and not the kernel's. */
static bool debug_in_kernel(struct trap_frame *frame)
{
	if (frame->vector != TRAP_DEBUG || trap_from_user(frame))
		return false;
	frame->rflags &= ~RFLAGS_TF;
	__asm__ volatile("movq %0, %%dr6" ::"r"(0xffff0ff0ul));
	return true;
}

void trap_dispatch(struct trap_frame *frame)
{
	switch (frame->vector) {
	case TRAP_PAGE_FAULT:
		page_fault(frame);
		break;
	case TRAP_SYSCALL:
		soft_syscall(frame);
		break;
	case TRAP_NMI:
	case TRAP_DOUBLE_FAULT:
	case TRAP_MACHINE_CHECK:
		on_fatal_trap(frame);
		break;
	case TRAP_SPURIOUS:
		break;
	default:
		if (frame->vector >= TRAP_IRQ_FIRST)
			interrupt(frame);
		else if (!debug_in_kernel(frame))
			exception(frame);
	}

	if (trap_from_user(frame))
		trap_user_return(frame);
	else if ((frame->rflags & RFLAGS_IF) && frame->vector != TRAP_DEBUG &&
		 this_cpu()->preempt_count == 0 && READ_ONCE(this_cpu()->need_resched))
		on_resched();
}

/* IRET with anything else faults in ring 0 with the program's GS, which nothing survives. All that
 * fill a frame see to it: arch_frame_init, arch_frame_sanitize, and the CPU itself. */
static __unused bool can_return_with(const struct trap_frame *frame)
{
	return !(frame->rip >> 47) && frame->cs == SELECTOR_USER_CODE &&
	       frame->ss == SELECTOR_USER_DATA && (frame->rflags & RFLAGS_IF);
}

/* The last thing before user mode: switch if a better thread waits, do the thread's pending work.
 * Interrupts are off from the last check to the return. syscall_entry looks
 * itself whether there is anything to do here. */
void trap_user_return(struct trap_frame *frame)
{
	irq_disable();
	for (;;) {
		struct cpu *cpu = this_cpu();
		if (READ_ONCE(cpu->need_resched)) {
			on_resched();
			continue;
		}
		/* struct thread begins with its arch part (sched/thread.h asserts it). */
		struct arch_thread *thread = (struct arch_thread *)cpu->current;
		uint32_t work = READ_ONCE(thread->work);
		if (unlikely(work & ~ARCH_WORK_FRAME)) {
			on_user_return(frame);
			irq_disable();
			continue; /* look at everything anew, perhaps on another CPU */
		}
		if (work)
			arch_work_clear(thread, ARCH_WORK_FRAME);
		debug_assert(can_return_with(frame));
		return;
	}
}
