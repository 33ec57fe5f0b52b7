/*
 * Signals by number: kill(2) and its relatives find their targets and ask whether they may.
 */
#include "abi/errno.h"
#include "proc/proc.h"
#include "vm/uaccess.h"

struct siginfo siginfo_user(int signal, int code)
{
	struct proc *self = proc_current();

	return (struct siginfo){
		.si_signo = signal,
		.si_code = code,
		.si_pid = (int32_t)proc_number(self),
		.si_uid = cred_current()->uid,
	};
}

int siginfo_put(uptr_t address, const struct siginfo *info)
{
	int err = put_user(address, info);

	return err ? err : zero_user(address + sizeof(*info), SIGINFO_BYTES - sizeof(*info));
}

struct siginfo siginfo_kernel(int signal)
{
	return (struct siginfo){ .si_signo = signal, .si_code = SI_KERNEL };
}

static bool signal_number_ok(int signal)
{
	return signal >= 0 && signal <= SIGNAL_COUNT;
}

static bool is_same_user(struct proc *proc)
{
	const struct cred *from = cred_current();
	struct cred *to;
	bool same;

	if (proc == proc_current() || cred_may(from, CAP_KILL))
		return true;
	to = proc_cred_get(proc);
	same = from->euid == to->suid || from->euid == to->uid || from->uid == to->suid ||
	       from->uid == to->uid;
	cred_put(to);
	return same;
}

static int signal_permission_locked(struct proc *proc, int signal)
{
	if (is_same_user(proc))
		return 0;
	return signal == SIGCONT && proc->session == proc_current()->session ? 0 : -EPERM;
}

int signal_permission(struct proc *proc, int signal)
{
	int err;

	if (is_same_user(proc))
		return 0;
	proc_tree_lock();
	err = signal_permission_locked(proc, signal);
	proc_tree_unlock();
	return err;
}

int signal_kill_one(struct proc *proc, const struct siginfo *info)
{
	int err;

	if (!signal_number_ok(info->si_signo))
		return -EINVAL;
	err = signal_permission(proc, info->si_signo);
	return err ? err : signal_send_proc(proc, info);
}

/* kill(2) of several, all under the tree lock: nobody is born meanwhile who would be missed. It has
 * succeeded if it did so for one, and of all even if none of them may be signalled. */
struct kill_many {
	struct siginfo info;
	bool all; /* all but process 1 and the caller; else a group */
	int group;
	int result; /* -ESRCH until somebody was found */
};

static bool kill_concerns_locked(const struct kill_many *kill, const struct proc *proc)
{
	if (kill->all)
		return proc_number(proc) > 1 && proc != proc_current();
	return proc->group->number == (uint32_t)kill->group;
}

static int kill_member_locked(struct proc *proc, const struct siginfo *info)
{
	int err;

	if (!signal_number_ok(info->si_signo))
		return -EINVAL;
	err = signal_permission_locked(proc, info->si_signo);
	return err ? err : signal_send_member_locked(proc, info);
}

static int kill_many_one(struct proc *proc, void *data)
{
	struct kill_many *kill = data;
	int err;

	if (!kill_concerns_locked(kill, proc))
		return 0;
	err = kill_member_locked(proc, &kill->info);
	if (err == -EPERM && kill->all)
		err = 0;
	if (kill->result != 0)
		kill->result = err;
	return 0;
}

static int signal_kill_many(bool all, int group, const struct siginfo *info)
{
	struct kill_many kill = { .info = *info, .all = all, .group = group, .result = -ESRCH };

	proc_tree_lock();
	pid_for_each_proc(kill_many_one, &kill);
	proc_tree_unlock();
	return kill.result;
}

static int signal_kill_proc(int pid, const struct siginfo *info)
{
	struct proc *proc;
	int err;

	if (pid == (int)proc_number(proc_current())) /* mostly it is: raise(3), abort(3) */
		return signal_kill_one(proc_current(), info);
	proc = pid > 0 ? pid_proc((uint32_t)pid) : NULL;
	if (!proc)
		return -ESRCH;
	err = signal_kill_one(proc, info);
	proc_put(proc);
	return err;
}

int signal_kill(int pid, int signal)
{
	struct siginfo info = siginfo_user(signal, SI_USER);

	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid == -1)
		return signal_kill_many(true, 0, &info);
	if (pid <= 0)
		return signal_kill_many(false, pid ? -pid : proc_get_group(0), &info);
	return signal_kill_proc(pid, &info);
}

int signal_kill_thread(int tgid, int tid, const struct siginfo *info)
{
	struct uthread *thread;
	struct proc *proc;
	int signal = info->si_signo, err;

	if (tid <= 0 || tgid == 0 || tgid < -1)
		return -EINVAL;
	proc = pid_thread_proc((uint32_t)tid, &thread);
	if (!proc)
		return -ESRCH;
	err = -ESRCH;
	if (tgid == -1 || (uint32_t)tgid == proc_number(proc))
		err = signal_number_ok(signal) ? signal_permission(proc, signal) : -EINVAL;
	if (err == 0)
		err = signal_send_thread(proc, thread, info);
	proc_put(proc);
	return err;
}

bool siginfo_pretends(const struct siginfo *info)
{
	return info->si_code >= 0 || info->si_code == SI_TKILL;
}

/* To itself a thread may say what it likes. */
static bool is_running_thread(int number)
{
	return number == (int)uthread_current()->tid->number;
}

int signal_queue(int pid, const struct siginfo *info)
{
	if (siginfo_pretends(info) && !is_running_thread(pid))
		return -EPERM;
	return signal_kill_proc(pid, info);
}

int signal_queue_thread(int tgid, int tid, const struct siginfo *info)
{
	if (tid <= 0 || tgid <= 0)
		return -EINVAL;
	if (siginfo_pretends(info) && !is_running_thread(tid))
		return -EPERM;
	return signal_kill_thread(tgid, tid, info);
}
