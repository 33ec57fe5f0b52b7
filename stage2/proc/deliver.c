/*
 * Delivery: what a thread does about its signals on the way back to user mode.
 *
 * The main idea: one loop takes deliverable signals one after another. Each either ends the
 * process, stops it, is nothing, or pushes a handler's frame, so that after the loop the innermost
 * handler runs first and returns into the next. An interrupted system call is settled once: before
 * the first handler's frame, or after the loop if there was none.
 */
#include "abi/errno.h"
#include "arch/cpu.h"
#include "core/log.h"
#include "proc/exit.h"
#include "proc/proc.h"
#include "proc/sigframe.h"
#include "proc/stop.h"

#define SYSCALL_BYTES 2 /* of the instruction SYSCALL, and of INT 0x14 */

static bool interrupted_with(const struct trap_frame *frame, int code)
{
	return frame->vector == TRAP_SYSCALL && frame->rax == (uint64_t)-code;
}

/* handler: the action of the first handler that runs; NULL: none does. */
static void settle_syscall(struct trap_frame *frame, const struct sigaction *handler)
{
	bool again;

	if (interrupted_with(frame, ERESTARTNOINTR))
		again = true;
	else if (interrupted_with(frame, ERESTARTSYS))
		again = !handler || (handler->flags & SA_RESTART);
	else if (interrupted_with(frame, ERESTARTNOHAND))
		again = !handler;
	else
		return;
	if (!again) {
		frame->rax = (uint64_t)-EINTR;
		return;
	}
	frame->rax = frame->error;
	frame->rip -= SYSCALL_BYTES;
}

/* The program's own doing: its stack cannot take the frame. */
static void refuse_handler(const struct siginfo *info)
{
	struct siginfo fault = siginfo_kernel(SIGSEGV);

	if (info->si_signo == SIGSEGV)
		proc_exit_group(SIGSEGV);
	signal_force(&fault);
}

static void run_handler(
	struct trap_frame *frame, const struct siginfo *info, const struct sigaction *action)
{
	struct uthread *self = uthread_current();
	sigset_t mask = self->blocked | action->mask;

	self->restart_deadline_ns = 0; /* the handler's sleeps have their own */
	if (!(action->flags & SA_NODEFER))
		mask |= signal_bit(info->si_signo);
	if (sigframe_push(frame, info, action)) {
		refuse_handler(info);
		return;
	}
	self->restore_blocked = false; /* the frame has the mask to go back to */
	signal_set_mask(mask);
}

static void take_default(struct proc *proc, int signal)
{
	switch (signal_default_action(signal)) {
	case SIGNAL_TERMINATE:
	case SIGNAL_CORE:
		if (!proc->is_init)
			proc_exit_group(signal);
		break;
	case SIGNAL_STOP:
		if (!proc->is_init && (signal == SIGSTOP || !proc_group_is_orphaned(proc)))
			proc_stop(signal);
		break;
	case SIGNAL_IGNORE:
	case SIGNAL_CONTINUE:
		break;
	}
}

/* All signals that can be delivered now. True if the system call was settled for a handler. */
static bool deliver_all(struct trap_frame *frame, struct proc *proc)
{
	struct sigaction action;
	struct siginfo info;
	bool settled = false;
	int signal;

	while (!thread_has_work(thread_current(), THREAD_WORK_KILL) &&
		(signal = signal_take(&info, &action)) != 0) {
		if (action.handler == SIG_IGN)
			continue;
		if (action.handler == SIG_DFL) {
			take_default(proc, signal);
			continue;
		}
		if (!settled)
			settle_syscall(frame, &action);
		settled = true;
		run_handler(frame, &info, &action);
	}
	return settled;
}

void on_user_return(struct trap_frame *frame)
{
	struct thread *self = thread_current();
	struct proc *proc = self->proc;
	bool settled;

	irq_enable();
	if (thread_has_work(self, THREAD_WORK_CPU_TIMERS)) {
		thread_clear_work(self, THREAD_WORK_CPU_TIMERS);
		cpu_timers_run();
	}
	if (thread_has_work(self, THREAD_WORK_CRED))
		uthread_renew_cred(uthread_current());
	thread_clear_work(self, THREAD_WORK_SIGNAL);
	if (READ_ONCE(proc->stopped) && !thread_has_work(self, THREAD_WORK_KILL))
		proc_stay_stopped();
	settled = deliver_all(frame, proc);
	if (thread_has_work(self, THREAD_WORK_KILL))
		thread_exit_user(0);
	if (!settled)
		settle_syscall(frame, NULL);
	signal_restore_mask();
	irq_disable();
}
