/*
 * Processes and threads: making, ending, waiting, identity.
 */
#include "abi/prctl.h"
#include "abi/resource.h"
#include "abi/sched.h"
#include "abi/wait.h"
#include "core/clock.h"
#include "lib/string.h"
#include "proc/exec.h"
#include "proc/exit.h"
#include "proc/fork.h"
#include "sys/sys.h"
#include "tty/tty.h"

#define ROBUST_LIST_HEAD_BYTES 24 /* struct robust_list_head */
#define NAME_BYTES             16 /* of a thread, PR_SET_NAME */
#define NICE_ZERO              20 /* getpriority returns 20 - nice */

long sys_clone(uint64_t flags, uptr_t stack, uptr_t parent_tid, uptr_t child_tid, uptr_t tls)
{
	struct clone_args args = {
		.flags = flags,
		.stack = stack,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
		.tls = tls,
	};

	return proc_clone(&args);
}

long sys_fork(void)
{
	struct clone_args args = { .flags = SIGCHLD };

	return proc_clone(&args);
}

long sys_vfork(void)
{
	struct clone_args args = { .flags = CLONE_VM | CLONE_VFORK | SIGCHLD };

	return proc_clone(&args);
}

long sys_execve(uptr_t text, uptr_t argv, uptr_t envp)
{
	struct sys_path path;
	int err;

	err = sys_path_get(&path, AT_FDCWD, text);
	if (err)
		return err;
	err = proc_exec(path.text, argv, envp);
	sys_path_put(&path);
	return err;
}

long sys_exit(int status)
{
	thread_exit_user(WAIT_STATUS_EXITED(status));
}

long sys_exit_group(int status)
{
	proc_exit_group(WAIT_STATUS_EXITED(status));
}

/* All run time counts as user time: the kernel does not tell the two apart. */
static struct rusage rusage_from(const struct proc_usage *usage)
{
	uint64_t us = usage->run_ns / NS_PER_US;

	return (struct rusage){
		.ru_utime = { .tv_sec = (int64_t)(us / 1000000),
			.tv_usec = (int64_t)(us % 1000000) },
		.ru_maxrss = (int64_t)(usage->max_resident_pages * PAGE_SIZE / 1024),
	};
}

long sys_wait4(int pid, uptr_t status, int options, uptr_t usage)
{
	struct wait_result result;
	struct rusage rusage;
	int err;

	if ((uint32_t)options &
		~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	err = proc_wait(pid, options, &result);
	if (err || result.pid == 0)
		return sys_restartable(err);
	rusage = rusage_from(&result.usage);
	if (status && put_user(status, &result.status))
		return -EFAULT;
	if (usage && put_user(usage, &rusage))
		return -EFAULT;
	return result.pid;
}

/* ---- who am I ------------------------------------------------------------------------------- */

long sys_getpid(void)
{
	return proc_number(proc_current());
}

long sys_gettid(void)
{
	return uthread_current()->tid->number;
}

long sys_getppid(void)
{
	return proc_parent_number(proc_current());
}

long sys_getpgrp(void)
{
	return proc_get_group(0);
}

long sys_getpgid(int pid)
{
	return proc_get_group(pid);
}

long sys_setpgid(int pid, int pgid)
{
	return proc_set_group(pid, pgid);
}

long sys_getsid(int pid)
{
	return proc_get_session(pid);
}

long sys_setsid(void)
{
	return proc_set_session();
}

long sys_vhangup(void)
{
	if (!cred_is_root(cred_current()))
		return -EPERM;
	tty_hangup_current();
	return 0;
}

/* ---- threads -------------------------------------------------------------------------------- */

long sys_set_tid_address(uptr_t address)
{
	uthread_current()->clear_child_tid = address;
	return sys_gettid();
}

long sys_set_robust_list(uptr_t head, size_t bytes)
{
	if (bytes != ROBUST_LIST_HEAD_BYTES)
		return -EINVAL;
	uthread_current()->robust_list = head;
	return 0;
}

long sys_get_robust_list(int tid, uptr_t head, uptr_t bytes)
{
	uint64_t size = ROBUST_LIST_HEAD_BYTES;

	if (tid != 0 && (uint32_t)tid != uthread_current()->tid->number)
		return -EPERM;
	if (put_user(bytes, &size) || put_user(head, &uthread_current()->robust_list))
		return -EFAULT;
	return 0;
}

static long set_name(uptr_t address)
{
	char name[NAME_BYTES];
	ssize_t length = copy_string_from_user(name, address, sizeof(name));

	if (length < 0 && length != -ENAMETOOLONG)
		return length;
	name[NAME_BYTES - 1] = 0;
	strlcpy(thread_current()->name, name, sizeof(name));
	return 0;
}

long sys_prctl(int option, uint64_t arg2, uint64_t arg3, uint64_t arg4, uint64_t arg5)
{
	switch (option) {
	case PR_SET_NAME:
		return set_name(arg2);
	case PR_GET_NAME:
		return copy_to_user(arg2, thread_current()->name, NAME_BYTES);
	case PR_GET_DUMPABLE:
		return 1;
	case PR_GET_NO_NEW_PRIVS:
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_arch_prctl(int code, uint64_t address)
{
	struct arch_thread *thread = &thread_current()->arch;
	uint64_t base;

	switch (code) {
	case ARCH_SET_FS:
		return arch_set_fs_base(thread, address);
	case ARCH_SET_GS:
		return arch_set_gs_base(thread, address);
	case ARCH_GET_FS:
		base = arch_get_fs_base(thread);
		return put_user(address, &base);
	case ARCH_GET_GS:
		base = arch_get_gs_base(thread);
		return put_user(address, &base);
	default:
		return -EINVAL;
	}
}

long sys_sched_yield(void)
{
	sched_yield();
	return 0;
}

/* Threads run on the first CPU; the others are parked. */
long sys_sched_getaffinity(int pid, uint32_t bytes, uptr_t mask)
{
	uint64_t cpus = 1;

	if (bytes < sizeof(cpus) || bytes % sizeof(cpus))
		return -EINVAL;
	if (put_user(mask, &cpus))
		return -EFAULT;
	return sizeof(cpus);
}

long sys_getcpu(uptr_t cpu, uptr_t node, uptr_t unused)
{
	uint32_t id = READ_ONCE(thread_current()->cpu), zero = 0;

	if (cpu && put_user(cpu, &id))
		return -EFAULT;
	if (node && put_user(node, &zero))
		return -EFAULT;
	return 0;
}

/* Everybody's nice value is 0. */
long sys_getpriority(int which, int who)
{
	return which >= PRIO_PROCESS && which <= PRIO_USER ? NICE_ZERO : -EINVAL;
}

/* ---- limits and usage ----------------------------------------------------------------------- */

/* What the address space keeps a copy of. */
static void limit_tell_aspace(struct proc *proc, uint32_t resource, uint64_t value)
{
	struct aspace *aspace = proc->aspace;

	mutex_lock(&aspace->lock);
	if (resource == RLIMIT_STACK)
		aspace->stack_limit_bytes = value;
	else if (resource == RLIMIT_DATA)
		aspace->data_limit_bytes = value;
	else if (resource == RLIMIT_AS)
		aspace->size_limit_bytes = value;
	mutex_unlock(&aspace->lock);
}

static int limit_set(struct proc *proc, uint32_t resource, const struct rlimit *limit)
{
	bool root = cred_current()->euid == 0;
	struct rlimit *old = &proc->limits[resource];
	int err = 0;

	if (limit->rlim_cur > limit->rlim_max)
		return -EINVAL;
	if (resource == RLIMIT_NOFILE && limit->rlim_max > 1048576)
		return -EPERM;
	proc_lock(proc);
	if (limit->rlim_max > old->rlim_max && !root)
		err = -EPERM;
	else
		*old = *limit;
	proc_unlock(proc);
	if (err == 0 && proc == proc_current())
		limit_tell_aspace(proc, resource, limit->rlim_cur);
	return err;
}

/* Another process's address space may go at any time: only its own may be told of a new limit. */
static int limit_target(int pid, struct proc **proc)
{
	struct proc *self = proc_current();
	struct cred *cred;
	bool allowed;

	if (pid == 0 || (uint32_t)pid == proc_number(self)) {
		proc_get(self);
		*proc = self;
		return 0;
	}
	*proc = pid > 0 ? pid_proc((uint32_t)pid) : NULL;
	if (!*proc)
		return -ESRCH;
	cred = proc_cred_get(*proc);
	allowed = cred_current()->euid == 0 || cred_current()->uid == cred->uid;
	cred_put(cred);
	if (!allowed) {
		proc_put(*proc);
		return -EPERM;
	}
	return 0;
}

long sys_prlimit64(int pid, uint32_t resource, uptr_t new_limit, uptr_t old_limit)
{
	struct rlimit limit, old;
	struct proc *proc;
	int err;

	if (resource >= RLIMIT_COUNT)
		return -EINVAL;
	if (new_limit && get_user(&limit, new_limit))
		return -EFAULT;
	err = limit_target(pid, &proc);
	if (err)
		return err;
	old = proc->limits[resource];
	if (new_limit)
		err = limit_set(proc, resource, &limit);
	proc_put(proc);
	if (err == 0 && old_limit)
		err = put_user(old_limit, &old);
	return err;
}

long sys_getrlimit(uint32_t resource, uptr_t limit)
{
	return limit ? sys_prlimit64(0, resource, 0, limit) : -EFAULT;
}

long sys_setrlimit(uint32_t resource, uptr_t limit)
{
	return limit ? sys_prlimit64(0, resource, limit, 0) : -EFAULT;
}

long sys_getrusage(int who, uptr_t address)
{
	struct proc_usage usage = { 0 };
	struct rusage rusage;

	switch (who) {
	case RUSAGE_SELF:
		proc_usage(proc_current(), &usage);
		break;
	case RUSAGE_CHILDREN:
		proc_tree_lock();
		usage = proc_current()->children_usage;
		proc_tree_unlock();
		break;
	case RUSAGE_THREAD:
		proc_usage(proc_current(), &usage);
		usage.run_ns = thread_run_ns(thread_current());
		break;
	default:
		return -EINVAL;
	}
	rusage = rusage_from(&usage);
	return put_user(address, &rusage);
}
