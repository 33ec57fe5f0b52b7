/*
 * Exceptions that nobody resolved: from a program they become a signal and, unless it has a handler
 * for it, one line in the log; from the kernel they are the end.
 */
#include "vm/fault.h"
#include "abi/errno.h"
#include "arch/cpu.h"
#include "core/log.h"
#include "core/panic.h"
#include "lib/string.h"
#include "mm/kmap.h"
#include "proc/exit.h"
#include "proc/proc.h"

#define FXSAVE_FCW   0
#define FXSAVE_FSW   2
#define FXSAVE_MXCSR 24

static const char *access_name(uint64_t error)
{
	if (error & FAULT_FETCH)
		return "execute";
	return error & FAULT_WRITE ? "write" : "read";
}

static const char *verdict_name(int verdict)
{
	switch (verdict) {
	case FAULT_NO_MAPPING:
		return "no mapping";
	case FAULT_ACCESS:
		return "not allowed";
	case FAULT_BUS:
		return "no such page in the file";
	default:
		return "out of memory";
	}
}

__noreturn static void kernel_exception(struct trap_frame *frame, uptr_t address)
{
	if (frame->vector != TRAP_PAGE_FAULT)
		panic_frame(frame, "%s in the kernel, error %#lx",
			trap_name((unsigned)frame->vector), frame->error);
	if (kstack_is_guard(address))
		panic_frame(frame, "kernel stack overflow: %s of %#lx", access_name(frame->error),
			address);
	panic_frame(frame, "kernel page fault: %s of %#lx, error %#lx", access_name(frame->error),
		address, frame->error);
}

/* Which floating-point exception: the flags that are set and not masked (SDM 1 8.1.3, 10.2.3: the
 * same bits in both units). */
static int fpu_fault_code(uint64_t vector)
{
	uint8_t *area = thread_current()->arch.fpu;
	uint16_t control, status;
	uint32_t mxcsr, flags;

	fpu_save(area);
	memcpy(&control, area + FXSAVE_FCW, sizeof(control));
	memcpy(&status, area + FXSAVE_FSW, sizeof(status));
	memcpy(&mxcsr, area + FXSAVE_MXCSR, sizeof(mxcsr));
	flags = vector == TRAP_FPU ? status & ~control : mxcsr & ~(mxcsr >> 7);
	if (flags & 0x01)
		return FPE_FLTINV;
	if (flags & 0x04)
		return FPE_FLTDIV;
	if (flags & 0x08)
		return FPE_FLTOVF;
	if (flags & 0x12)
		return FPE_FLTUND;
	return flags & 0x20 ? FPE_FLTRES : 0;
}

static struct siginfo fault_info(int signal, int code, uptr_t address)
{
	return (struct siginfo){ .si_signo = signal, .si_code = code, .si_addr = address };
}

static struct siginfo page_fault_info(int verdict, uptr_t address)
{
	if (verdict == FAULT_BUS)
		return fault_info(SIGBUS, BUS_ADRERR, address);
	return fault_info(SIGSEGV, verdict == FAULT_ACCESS ? SEGV_ACCERR : SEGV_MAPERR, address);
}

/* The signal and its details, as Linux has them. */
static struct siginfo exception_info(const struct trap_frame *frame, int verdict, uptr_t address)
{
	switch (frame->vector) {
	case TRAP_PAGE_FAULT:
		return page_fault_info(verdict, address);
	case TRAP_DIVIDE:
		return fault_info(SIGFPE, FPE_INTDIV, frame->rip);
	case TRAP_DEBUG:
		return fault_info(SIGTRAP, TRAP_TRACE, frame->rip);
	case TRAP_BREAKPOINT:
		return siginfo_kernel(SIGTRAP);
	case TRAP_INVALID_OPCODE:
		return fault_info(SIGILL, ILL_ILLOPN, frame->rip);
	case TRAP_NO_SEGMENT:
	case TRAP_STACK:
		return siginfo_kernel(SIGBUS);
	case TRAP_FPU:
	case TRAP_SIMD:
		return fault_info(SIGFPE, fpu_fault_code(frame->vector), frame->rip);
	case TRAP_ALIGNMENT:
		return fault_info(SIGBUS, BUS_ADRALN, 0);
	default:
		return siginfo_kernel(SIGSEGV);
	}
}

static void log_fault(const struct trap_frame *frame, int verdict, uptr_t address)
{
	const struct thread *self = thread_current();

	if (frame->vector == TRAP_PAGE_FAULT)
		log_info("%s[%u]: segfault at %#lx ip %#lx sp %#lx (%s, %s)", self->name, self->tid,
			address, frame->rip, frame->rsp, verdict_name(verdict),
			access_name(frame->error));
	else
		log_info("%s[%u]: %s ip %#lx sp %#lx error %#lx", self->name, self->tid,
			trap_name((unsigned)frame->vector), frame->rip, frame->rsp, frame->error);
}

static bool has_handler(struct uthread *self, int signal)
{
	return proc_action(self->proc, signal)->handler > SIG_IGN &&
	       !(self->blocked & signal_bit(signal));
}

void on_exception(struct trap_frame *frame, int verdict, uptr_t address)
{
	struct uthread *self;
	struct siginfo info;

	if (!trap_from_user(frame))
		kernel_exception(frame, address);
	irq_enable();
	self = uthread_current();
	if (verdict == FAULT_NO_MEMORY)
		return; /* it has been told to end */
	self->fault_vector = frame->vector;
	self->fault_error = frame->error;
	if (frame->vector == TRAP_PAGE_FAULT)
		self->fault_address = address;
	info = exception_info(frame, verdict, address);
	if (!has_handler(self, info.si_signo))
		log_fault(frame, verdict, address);
	signal_force(&info);
}
