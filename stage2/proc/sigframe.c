/*
 * The frame of a signal handler:
 *
 *	rsp before ->	128 bytes that a leaf function may use (System V ABI, 3.2.2)
 *			FPU state, 64-aligned: FXSAVE area, or XSAVE area and FP_XSTATE_MAGIC2
 *			struct siginfo
 *			struct ucontext
 *	rsp in the handler -> return address: the restorer, which calls rt_sigreturn
 *
 * The handler starts with a fresh FPU state. sigframe_pop trusts nothing: selectors, flags and the
 * FPU state are put through arch's checks before they reach the CPU.
 */
#include "proc/sigframe.h"

#include "abi/errno.h"
#include "arch/thread.h"
#include "lib/string.h"
#include "proc/proc.h"
#include "vm/uaccess.h"

#define RED_ZONE_BYTES        128
#define FXSAVE_BYTES          512
#define RFLAGS_HANDLER_CLEARS 0x10500ul /* RF, DF, TF */

struct sigframe {
	uint64_t return_address;
	struct ucontext context;
	struct siginfo info;
	uint64_t info_rest[(SIGINFO_BYTES - sizeof(struct siginfo)) / sizeof(uint64_t)];
};
_Static_assert(sizeof(struct sigframe) == 440, "as Linux");
_Static_assert(offsetof(struct sigframe, context) == 8, "rt_sigreturn finds it at rsp");

static bool has_xsave(void)
{
	return fpu_features() != 0;
}

/* Behind an XSAVE area comes FP_XSTATE_MAGIC2. */
static size_t fpstate_bytes(void)
{
	return fpu_bytes() + (has_xsave() ? sizeof(uint32_t) : 0);
}

size_t sigframe_bytes_max(void)
{
	return RED_ZONE_BYTES + ALIGN_UP(fpstate_bytes(), 64) + 64 + sizeof(struct sigframe) + 16;
}

/* ---- pushing -------------------------------------------------------------------------------- */

static bool altstack_holds(const struct sigaltstack *stack, uptr_t rsp)
{
	return rsp > stack->ss_sp && rsp - stack->ss_sp <= stack->ss_size;
}

/* Where the frame's parts come to lie. */
static int sigframe_place(
	const struct trap_frame *frame, uint64_t flags, uptr_t *fpstate, uptr_t *sigframe)
{
	const struct sigaltstack *stack = &uthread_current()->altstack;
	bool enabled = (flags & SA_ONSTACK) && stack->ss_size != 0;
	bool on_stack = altstack_holds(stack, frame->rsp);
	uptr_t top = frame->rsp - RED_ZONE_BYTES;

	if (enabled && (!on_stack || ((uint32_t)stack->ss_flags & SS_AUTODISARM)))
		top = stack->ss_sp + stack->ss_size;
	*fpstate = ALIGN_DOWN(top - fpstate_bytes(), 64);
	*sigframe = ALIGN_DOWN(*fpstate - sizeof(struct sigframe), 16) - 8;
	/* The alternate stack is never overrun: a frame that does not fit ends the program. */
	if (enabled && !altstack_holds(stack, *sigframe))
		return -EFAULT;
	return 0;
}

/* Place for it was found below an address of the program. */
static int fpstate_push(uptr_t address)
{
	struct fpx_sw_bytes marks = {
		.magic1 = FP_XSTATE_MAGIC1,
		.extended_size = (uint32_t)fpstate_bytes(),
		.xfeatures = fpu_features(),
		.xstate_size = (uint32_t)fpu_bytes(),
	};
	uint32_t magic2 = FP_XSTATE_MAGIC2;
	int err;

	if (!user_range_ok(address, marks.extended_size))
		return -EFAULT;
	err = fpu_save_user(address);
	if (err || !has_xsave())
		return err;
	err = put_user(address + FP_XSTATE_OFFSET, &marks);
	return err ? err : put_user(address + marks.xstate_size, &magic2);
}

static void sigcontext_fill(struct sigcontext *context, const struct trap_frame *frame)
{
	const struct uthread *self = uthread_current();

	context->r8 = frame->r8;
	context->r9 = frame->r9;
	context->r10 = frame->r10;
	context->r11 = frame->r11;
	context->r12 = frame->r12;
	context->r13 = frame->r13;
	context->r14 = frame->r14;
	context->r15 = frame->r15;
	context->rdi = frame->rdi;
	context->rsi = frame->rsi;
	context->rbp = frame->rbp;
	context->rbx = frame->rbx;
	context->rdx = frame->rdx;
	context->rax = frame->rax;
	context->rcx = frame->rcx;
	context->rsp = frame->rsp;
	context->rip = frame->rip;
	context->rflags = frame->rflags;
	context->cs = (uint16_t)frame->cs;
	context->gs = 0;
	context->fs = 0;
	context->ss = (uint16_t)frame->ss;
	context->err = self->fault_error;
	context->trapno = self->fault_vector;
	context->oldmask = self->blocked;
	context->cr2 = self->fault_address;
	memset(context->reserved, 0, sizeof(context->reserved));
}

/* All but what is to be said of the FPU state. */
static void sigframe_fill(struct sigframe *sigframe, const struct trap_frame *frame,
	const struct siginfo *info, const struct sigaction *action)
{
	const struct uthread *self = uthread_current();
	struct ucontext *context = &sigframe->context;

	sigframe->return_address = action->restorer;
	context->uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	if (has_xsave())
		context->uc_flags |= UC_FP_XSTATE;
	context->uc_link = 0;
	context->uc_stack = self->altstack;
	sigcontext_fill(&context->uc_mcontext, frame);
	context->uc_sigmask = self->restore_blocked ? self->saved_blocked : self->blocked;
	sigframe->info = *info;
	memset(sigframe->info_rest, 0, sizeof(sigframe->info_rest));
}

int sigframe_push(
	struct trap_frame *frame, const struct siginfo *info, const struct sigaction *action)
{
	struct uthread *self = uthread_current();
	struct sigframe sigframe;
	uptr_t fpstate, at;
	int err;

	if (!(action->flags & SA_RESTORER))
		return -EFAULT;
	err = sigframe_place(frame, action->flags, &fpstate, &at);
	if (err)
		return err;
	sigframe_fill(&sigframe, frame, info, action);
	sigframe.context.uc_mcontext.fpstate = fpstate;
	err = fpstate_push(fpstate);
	if (err == 0)
		err = put_user(at, &sigframe);
	if (err)
		return err;

	fpu_reset();
	if ((uint32_t)self->altstack.ss_flags & SS_AUTODISARM)
		self->altstack = (struct sigaltstack){ .ss_flags = SS_DISABLE };
	frame->rdi = (uint64_t)info->si_signo;
	frame->rsi = at + offsetof(struct sigframe, info);
	frame->rdx = at + offsetof(struct sigframe, context);
	frame->rax = 0;
	frame->rip = action->handler;
	frame->rsp = at;
	frame->rflags &= ~RFLAGS_HANDLER_CLEARS;
	return arch_frame_sanitize(frame) ? -EFAULT : 0;
}

/* ---- popping -------------------------------------------------------------------------------- */

/* Does the XSAVE area in the frame reach as far as ours? */
static int fpstate_is_extended(uptr_t address, bool *extended)
{
	size_t area = fpu_bytes();
	struct fpx_sw_bytes marks;
	uint32_t magic2;

	*extended = false;
	if (!has_xsave())
		return 0;
	if (get_user(&marks, address + FP_XSTATE_OFFSET))
		return -EFAULT;
	if (marks.magic1 != FP_XSTATE_MAGIC1 || marks.xstate_size != area ||
		marks.extended_size != area + sizeof(magic2))
		return 0;
	if (get_user(&magic2, address + area))
		return -EFAULT;
	*extended = magic2 == FP_XSTATE_MAGIC2;
	return 0;
}

/* Replace the thread's FPU state by what lies at `address` (0: by a fresh one). On failure it is a
 * fresh one as well. */
static int fpstate_pop(uptr_t address)
{
	bool extended;
	int err = -EFAULT;

	if (address == 0) {
		fpu_reset();
		return 0;
	}
	if (user_range_ok(address, fpstate_bytes()))
		err = fpstate_is_extended(address, &extended);
	if (err == 0)
		err = fpu_load_user(address, extended);
	if (err)
		fpu_reset();
	return err;
}

static void sigcontext_restore(struct trap_frame *frame, const struct sigcontext *context)
{
	frame->r8 = context->r8;
	frame->r9 = context->r9;
	frame->r10 = context->r10;
	frame->r11 = context->r11;
	frame->r12 = context->r12;
	frame->r13 = context->r13;
	frame->r14 = context->r14;
	frame->r15 = context->r15;
	frame->rdi = context->rdi;
	frame->rsi = context->rsi;
	frame->rbp = context->rbp;
	frame->rbx = context->rbx;
	frame->rdx = context->rdx;
	frame->rax = context->rax;
	frame->rcx = context->rcx;
	frame->rsp = context->rsp;
	frame->rip = context->rip;
	frame->rflags = context->rflags;
	frame->vector = 0; /* no longer a system call: its result is not looked at */
}

int sigframe_pop(struct trap_frame *frame)
{
	struct ucontext context;

	/* The handler's return has popped the return address. */
	if (get_user(&context, frame->rsp))
		return -EFAULT;
	if (context.uc_mcontext.rip >= USER_END || fpstate_pop(context.uc_mcontext.fpstate))
		return -EFAULT;
	sigcontext_restore(frame, &context.uc_mcontext);
	arch_work_set(&thread_current()->arch, ARCH_WORK_FRAME);
	signal_set_mask(context.uc_sigmask);
	/* As on Linux, an alternate stack that is not valid is left alone. */
	(void)signal_set_stack(&context.uc_stack, NULL, frame->rsp);
	return arch_frame_sanitize(frame);
}
