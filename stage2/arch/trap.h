#ifndef ARCH_TRAP_H
#define ARCH_TRAP_H
/*
 * Traps: what the CPU saved when it came into the kernel, and the upcalls that arch makes.
 *
 * Every entry (interrupt, exception, SYSCALL, INT 0x14) builds a complete struct trap_frame at the
 * top of the thread's kernel stack, so signals, ptrace and core files see all registers, and any
 * register may be changed before the return.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

/* General registers in the order of Linux's user_regs_struct, then what entry stubs and CPU push.
 */
struct trap_frame {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector;
	uint64_t error; /* error code of an exception; system call number as the program gave it */
	uint64_t rip, cs, rflags, rsp, ss;
};
_Static_assert(sizeof(struct trap_frame) == 22 * 8, "the entry stubs build it");

enum trap_vector {
	TRAP_DIVIDE = 0,
	TRAP_DEBUG = 1,
	TRAP_NMI = 2,
	TRAP_BREAKPOINT = 3,
	TRAP_OVERFLOW = 4,
	TRAP_BOUND = 5,
	TRAP_INVALID_OPCODE = 6,
	TRAP_NO_FPU = 7,
	TRAP_DOUBLE_FAULT = 8,
	TRAP_INVALID_TSS = 10,
	TRAP_NO_SEGMENT = 11,
	TRAP_STACK = 12,
	TRAP_PROTECTION = 13,
	TRAP_PAGE_FAULT = 14,
	TRAP_FPU = 16,
	TRAP_ALIGNMENT = 17,
	TRAP_MACHINE_CHECK = 18,
	TRAP_SIMD = 19,
	TRAP_SYSCALL = 20,   /* INT 0x14; #VE is never enabled */
	TRAP_IRQ_FIRST = 32, /* 32 .. 239: given out by core/irq.c */
	TRAP_IRQ_LAST = 239,
	TRAP_IPI_TLB = 0xf0,
	TRAP_IPI_RESCHED = 0xf1,
	TRAP_IPI_STOP = 0xf2,
	TRAP_TIMER = 0xf3,
	TRAP_SPURIOUS = 0xff,
};

static inline bool trap_from_user(const struct trap_frame *frame)
{
	return (frame->cs & 3) == 3;
}

/* Page-fault error code (SDM 3A 4.7). */
#define FAULT_PRESENT  1u
#define FAULT_WRITE    2u
#define FAULT_USER     4u
#define FAULT_RESERVED 8u
#define FAULT_FETCH    16u

/*
 * Upcalls: declared here, defined in the rooms named. Interrupts are off when they are called,
 * except those of system calls. None may change the frame's address.
 */

/* core: a device interrupt on `vector`; arch has not yet acknowledged it, and does afterwards. */
void on_irq(unsigned vector);
/* sched: the local timer fired, or another CPU (TRAP_IPI_RESCHED) has changed what this one is to
 * do: its slice, its timers, need_resched. from_user: a program was interrupted, not the kernel. */
void on_tick(bool from_user);
/* core: an inter-processor interrupt TRAP_IPI_*. */
void on_ipi(unsigned vector);
/* vm: a page fault. Returns 0 to retry the instruction, or a fault verdict (vm/fault.h), which is
 * handed to on_exception. It may enable interrupts and sleep if the interrupted code could. */
int on_page_fault(struct trap_frame *frame, uptr_t address);
/* proc: an exception that nobody resolved. verdict: from on_page_fault, and the address it was
 * about; else both 0. From user mode: a signal. From the kernel: returns never (panic). */
void on_exception(struct trap_frame *frame, int verdict, uptr_t address);
/* sys: the functions of system calls by number, NULL where there is none; and what is called then.
 * Each has a type of its own, with up to six arguments of 32 or 64 bits; all return long. The
 * program's registers, and the number in `error`, are in the frame. Interrupts are on. */
extern void (*const syscall_table[])(void);
extern const uint32_t syscall_count;
long syscall_missing(uint32_t number);
/* mm: what precedes a call while little memory is free (mm/frame.h). */
extern uint32_t frame_low;
void frame_keep_reserve(void);
/* core: NMI, double fault, machine check. On an IST stack. An NMI may return. */
void on_fatal_trap(struct trap_frame *frame);
/* proc: about to return to user mode and the thread has pending work (arch_thread.work). Must clear
 * the bits it has dealt with; may enable interrupts and sleep. */
void on_user_return(struct trap_frame *frame);
/* sched: need_resched is set and preemption has just become possible. Interrupts off on entry and
 * exit. */
void on_resched(void);

/* Name of an exception vector, "#PF page fault". */
const char *trap_name(unsigned vector);

/* Address of the last page fault on this CPU (CR2). */
uint64_t trap_fault_address(void);

/* Where the kernel faulted at an instruction with an exception-table entry: continue at its fix-up
 * and return true. */
bool trap_fixup(struct trap_frame *frame);
/* The instruction has such an entry: it means to touch user memory. */
bool trap_has_fixup(const struct trap_frame *frame);

#endif
