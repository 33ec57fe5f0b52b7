/*
 * Signals.
 */
#include "lib/string.h"
#include "proc/exit.h"
#include "proc/sigframe.h"
#include "sys/sys.h"

static struct trap_frame *user_frame(void)
{
	return arch_user_frame(&thread_current()->arch);
}

static int get_set(sigset_t *set, uptr_t address, size_t bytes)
{
	if (bytes != sizeof(*set))
		return -EINVAL;
	return get_user(set, address);
}

long sys_rt_sigaction(int signal, uptr_t action, uptr_t old_action, size_t set_bytes)
{
	struct sigaction change, previous;
	int err;

	if (set_bytes != sizeof(sigset_t))
		return -EINVAL;
	if (action && get_user(&change, action))
		return -EFAULT;
	err = signal_set_action(signal, action ? &change : NULL, &previous);
	if (err == 0 && old_action)
		err = put_user(old_action, &previous);
	return err;
}

long sys_rt_sigprocmask(int how, uptr_t address, uptr_t old_set, size_t set_bytes)
{
	sigset_t old = uthread_current()->blocked, set = 0;

	if (set_bytes != sizeof(set))
		return -EINVAL;
	if (address) {
		if (get_user(&set, address))
			return -EFAULT;
		if (how == SIG_BLOCK)
			set |= old;
		else if (how == SIG_UNBLOCK)
			set = old & ~set;
		else if (how != SIG_SETMASK)
			return -EINVAL;
		signal_set_mask(set);
	}
	return old_set ? put_user(old_set, &old) : 0;
}

long sys_rt_sigpending(uptr_t address, size_t set_bytes)
{
	sigset_t set = signal_pending();

	if (set_bytes > sizeof(set))
		return -EINVAL;
	return copy_to_user(address, &set, set_bytes);
}

long sys_rt_sigreturn(void)
{
	struct siginfo fault;

	if (sigframe_pop(user_frame())) {
		fault = siginfo_kernel(SIGSEGV);
		signal_force(&fault);
		return 0;
	}
	return (long)user_frame()->rax;
}

/* Sleep until a signal is delivered; the mask stays until then. */
static long sleep_for_signal(void)
{
	while (sleep_until(WAIT_INTERRUPTIBLE, WAIT_FOREVER) == 0)
		;
	return -ERESTARTNOHAND;
}

long sys_pause(void)
{
	return sleep_for_signal();
}

long sys_rt_sigsuspend(uptr_t address, size_t set_bytes)
{
	sigset_t set;
	int err;

	err = get_set(&set, address, set_bytes);
	if (err)
		return err;
	signal_set_mask_until_return(set);
	return sleep_for_signal();
}

long sys_rt_sigtimedwait(uptr_t address, uptr_t info, uptr_t timeout, size_t set_bytes)
{
	uint64_t deadline_ns = WAIT_FOREVER;
	struct siginfo taken;
	sigset_t set;
	int64_t ns;
	int result;

	result = get_set(&set, address, set_bytes);
	if (result == 0 && timeout) {
		result = sys_get_time(timeout, &ns);
		deadline_ns = sys_deadline_after((uint64_t)ns);
	}
	if (result)
		return result;
	result = signal_wait(set, deadline_ns, &taken);
	if (result > 0 && info && siginfo_put(info, &taken))
		return -EFAULT;
	return result;
}

long sys_sigaltstack(uptr_t stack, uptr_t old_stack)
{
	struct sigaltstack change, previous;
	int err;

	if (stack && get_user(&change, stack))
		return -EFAULT;
	err = signal_set_stack(stack ? &change : NULL, &previous, user_frame()->rsp);
	if (err == 0 && old_stack)
		err = put_user(old_stack, &previous);
	return err;
}

long sys_kill(int pid, int signal)
{
	return signal_kill(pid, signal);
}

long sys_tkill(int tid, int signal)
{
	struct siginfo info = siginfo_user(signal, SI_TKILL);

	return signal_kill_thread(-1, tid, &info);
}

long sys_tgkill(int tgid, int tid, int signal)
{
	struct siginfo info = siginfo_user(signal, SI_TKILL);

	return tgid > 0 ? signal_kill_thread(tgid, tid, &info) : -EINVAL;
}

int sys_get_siginfo(uptr_t address, int signal, struct siginfo *info)
{
	if (get_user(info, address))
		return -EFAULT;
	info->si_signo = signal;
	return 0;
}

long sys_rt_sigqueueinfo(int pid, int signal, uptr_t address)
{
	struct siginfo info;
	int err;

	err = sys_get_siginfo(address, signal, &info);
	return err ? err : signal_queue(pid, &info);
}

long sys_rt_tgsigqueueinfo(int tgid, int tid, int signal, uptr_t address)
{
	struct siginfo info;
	int err;

	err = sys_get_siginfo(address, signal, &info);
	return err ? err : signal_queue_thread(tgid, tid, &info);
}
