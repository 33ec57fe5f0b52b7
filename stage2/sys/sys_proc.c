/*
 * Processes and threads: making, ending, waiting, identity.
 */
#include "abi/prctl.h"
#include "abi/resource.h"
#include "abi/sched.h"
#include "abi/wait.h"
#include "core/clock.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/exec.h"
#include "proc/exit.h"
#include "proc/fork.h"
#include "proc/pidfd.h"
#include "sys/sys.h"
#include "tty/tty.h"

#define ROBUST_LIST_HEAD_BYTES 24 /* struct robust_list_head */

long sys_clone(uint64_t flags, uptr_t stack, uptr_t parent_tid, uptr_t child_tid, uptr_t tls)
{
	struct clone_args args = {
		.flags = (uint32_t)flags, /* those above are for clone3 */
		.stack = stack,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
		.tls = tls,
		.pidfd = parent_tid,
	};

	return proc_clone(&args);
}

/* What clone3 must not be asked, and what it does not do here: to choose a number (set_tid), to
 * start in a cgroup. */
static bool clone3_ok(const struct clone3_args *args)
{
	if (args->flags & (CSIGNAL | CLONE_DETACHED) || args->exit_signal > SIGNAL_COUNT)
		return false;
	if ((args->flags & (CLONE_THREAD | CLONE_PARENT)) && args->exit_signal)
		return false;
	if (args->set_tid || args->set_tid_count || args->cgroup)
		return false;
	if ((args->stack == 0) != (args->stack_bytes == 0))
		return false;
	return user_range_ok(args->stack, args->stack_bytes);
}

long sys_clone3(uptr_t address, size_t bytes)
{
	struct clone3_args from;
	int err = sys_get_struct(&from, sizeof(from), CLONE_ARGS_BYTES_MIN, address, bytes);

	if (err)
		return err;
	if (!clone3_ok(&from))
		return -EINVAL;
	struct clone_args args = {
		.flags = from.flags | from.exit_signal,
		.stack = from.stack + from.stack_bytes,
		.parent_tid = from.parent_tid,
		.child_tid = from.child_tid,
		.tls = from.tls,
		.pidfd = from.pidfd,
	};
	return proc_clone(&args);
}

long sys_unshare(uint64_t flags)
{
	return proc_unshare(flags);
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

/* The program is named by a descriptor: it will find itself in /dev/fd. */
static int exec_by_descriptor(struct exec_args *args, int dirfd)
{
	size_t size = sizeof("/dev/fd/") + 11 + strlen(args->path) + 1;
	char *shown = kmalloc(size);
	int err;

	if (!shown)
		return -ENOMEM;
	snprintf(shown, size, args->path[0] ? "/dev/fd/%d/%s" : "/dev/fd/%d", dirfd, args->path);
	args->shown = shown;
	err = fd_get_cloexec(proc_current()->files, dirfd, &args->lost);
	if (err == 0)
		err = proc_exec(args);
	kfree(shown);
	return err;
}

static long exec_at(int dirfd, uptr_t text, uptr_t argv, uptr_t envp, unsigned at_flags)
{
	struct sys_path path;
	int err;

	err = sys_path_get(&path, dirfd, text);
	if (err)
		return err;
	struct exec_args args = {
		.path = path.text,
		.base = path.call.base,
		.at_flags = at_flags,
		.shown = path.text,
		.argv = argv,
		.envp = envp,
	};
	err = args.base ? exec_by_descriptor(&args, dirfd) : proc_exec(&args);
	sys_path_put(&path);
	return err;
}

long sys_execve(uptr_t path, uptr_t argv, uptr_t envp)
{
	return exec_at(AT_FDCWD, path, argv, envp, 0);
}

long sys_execveat(int dirfd, uptr_t path, uptr_t argv, uptr_t envp, int flags)
{
	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	return exec_at(dirfd, path, argv, envp, (unsigned)flags);
}

long sys_exit(int status)
{
	thread_exit_user(WAIT_STATUS_EXITED(status));
}

long sys_exit_group(int status)
{
	proc_exit_group(WAIT_STATUS_EXITED(status));
}

static struct rusage rusage_from(const struct proc_usage *usage)
{
	return (struct rusage){
		.ru_utime = sys_timeval(usage->user_ns),
		.ru_stime = sys_timeval(usage->system_ns),
		.ru_maxrss = (int64_t)(usage->max_resident_pages * PAGE_SIZE / 1024),
	};
}

#define WAIT_KINDS (WNOHANG | __WNOTHREAD | __WCLONE | __WALL)

/* Children are the process's: __WNOTHREAD changes nothing. */
long sys_wait4(int pid, uptr_t status, int options, uptr_t usage)
{
	struct wait_request request = { .options = options | WEXITED };
	struct wait_result result;
	struct rusage rusage;
	int err;

	if ((uint32_t)options & ~(WAIT_KINDS | WUNTRACED | WCONTINUED))
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	if (pid != -1) {
		request.whom = pid > 0 ? WAIT_FOR_ONE : WAIT_FOR_GROUP;
		request.number = (uint32_t)(pid > 0 ? pid : -pid);
	}
	err = proc_wait(&request, &result);
	if (err || result.pid == 0)
		return sys_restartable(err);
	rusage = rusage_from(&result.usage);
	if (status && put_user(status, &result.status))
		return -EFAULT;
	if (usage && put_user(usage, &rusage))
		return -EFAULT;
	return result.pid;
}

/* The same news as a siginfo. */
static struct siginfo wait_siginfo(const struct wait_result *result)
{
	struct siginfo info = {
		.si_signo = SIGCHLD,
		.si_pid = result->pid,
		.si_uid = result->uid,
	};

	if (WIFEXITED(result->status)) {
		info.si_code = CLD_EXITED;
		info.si_status = WEXITSTATUS(result->status);
	} else if (result->status == WAIT_STATUS_CONTINUED) {
		info.si_code = CLD_CONTINUED;
		info.si_status = SIGCONT;
	} else if (WIFSTOPPED(result->status)) {
		info.si_code = CLD_STOPPED;
		info.si_status = WSTOPSIG(result->status);
	} else {
		info.si_code = CLD_KILLED;
		info.si_status = WTERMSIG(result->status);
	}
	return info;
}

/* A descriptor that does not block makes a wait that does not. */
static int wait_whom_pidfd(int fd, struct wait_request *request)
{
	struct file *file;
	struct pid *pid;
	int err = fd < 0 ? -EINVAL : sys_file_opened(fd, &file);

	if (err)
		return err;
	pid = pidfd_pid(file);
	if (pid)
		request->number = pid->number;
	if (pid && (READ_ONCE(file->flags) & O_NONBLOCK) && !(request->options & WNOHANG)) {
		request->options |= WNOHANG;
		request->nonblock = true;
	}
	file_put(file);
	return pid ? 0 : -EBADF;
}

static int wait_whom(int kind, int id, struct wait_request *request)
{
	request->number = (uint32_t)id;
	switch (kind) {
	case P_ALL:
		request->whom = WAIT_FOR_ANY;
		return 0;
	case P_PID:
		request->whom = WAIT_FOR_ONE;
		return id > 0 ? 0 : -EINVAL;
	case P_PGID:
		request->whom = WAIT_FOR_GROUP;
		return id >= 0 ? 0 : -EINVAL;
	case P_PIDFD:
		request->whom = WAIT_FOR_ONE;
		return wait_whom_pidfd(id, request);
	default:
		return -EINVAL;
	}
}

/* siginfo is written as far as wait goes: si_signo, si_errno, si_code, si_pid, si_uid, si_status.
 */
long sys_waitid(int kind, int id, uptr_t siginfo, int options, uptr_t usage)
{
	struct wait_request request = { .options = options };
	struct siginfo info = { 0 };
	struct wait_result result;
	struct rusage rusage;
	int err;

	if (((uint32_t)options & ~(WAIT_KINDS | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED)) ||
		!(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	err = wait_whom(kind, id, &request);
	if (err == 0)
		err = proc_wait(&request, &result);
	if (err)
		return sys_restartable(err);
	if (result.pid == 0 && request.nonblock)
		return -EAGAIN;
	if (result.pid) {
		rusage = rusage_from(&result.usage);
		info = wait_siginfo(&result);
		if (usage && put_user(usage, &rusage))
			return -EFAULT;
	}
	return siginfo && copy_to_user(siginfo, &info,
				  offsetof(struct siginfo, si_status) + sizeof(info.si_status))
	               ? -EFAULT
	               : 0;
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
	return READ_ONCE(proc_current()->parent_number);
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
	if (!cred_may(cred_current(), CAP_SYS_TTY_CONFIG))
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
	struct uthread *uthread;
	bool allowed;
	uptr_t list;
	int err;

	err = tid < 0 ? -ESRCH : uthread_lock((uint32_t)tid, &uthread);
	if (err)
		return err;
	allowed = sys_owns(uthread->proc);
	list = uthread->robust_list;
	uthread_unlock(uthread);
	if (!allowed)
		return -EPERM;
	return put_user(bytes, &size) || put_user(head, &list) ? -EFAULT : 0;
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

/* ---- limits and usage ----------------------------------------------------------------------- */

/* What the address space keeps a copy of; another process's may go at any time. */
static void limit_tell_aspace(struct proc *proc, uint32_t resource, uint64_t value)
{
	struct aspace *aspace;

	proc_lock(proc);
	aspace = proc->aspace;
	if (aspace)
		aspace_get(aspace);
	proc_unlock(proc);
	if (!aspace)
		return;
	mutex_lock(&aspace->lock);
	if (resource == RLIMIT_STACK)
		aspace->stack_limit_bytes = value;
	else if (resource == RLIMIT_DATA)
		aspace->data_limit_bytes = value;
	else if (resource == RLIMIT_AS)
		aspace->size_limit_bytes = value;
	mutex_unlock(&aspace->lock);
	aspace_put(aspace);
}

static int limit_set(struct proc *proc, uint32_t resource, const struct rlimit *limit)
{
	bool may_raise = cred_may(cred_current(), CAP_SYS_RESOURCE);
	struct rlimit *old = &proc->limits[resource];
	int err = 0;

	if (limit->rlim_cur > limit->rlim_max)
		return -EINVAL;
	if (resource == RLIMIT_NOFILE && limit->rlim_max > FD_LIMIT_MAX)
		return -EPERM;
	proc_lock(proc);
	if (limit->rlim_max > old->rlim_max && !may_raise)
		err = -EPERM;
	else
		*old = *limit;
	if (resource == RLIMIT_CPU)
		cpu_limit_set_locked(proc);
	proc_unlock(proc);
	if (err == 0)
		limit_tell_aspace(proc, resource, limit->rlim_cur);
	return err;
}

/* Who may pass limits, and who has all the ids that the other has: one with a saved id more is not
 * his. */
static bool may_limit(struct proc *proc)
{
	const struct cred *self = cred_current();
	struct cred *cred = proc_cred_get(proc);
	bool allowed = cred_may(self, CAP_SYS_RESOURCE) ||
	               (self->uid == cred->uid && self->uid == cred->euid &&
			       self->uid == cred->suid && self->gid == cred->gid &&
			       self->gid == cred->egid && self->gid == cred->sgid);

	cred_put(cred);
	return allowed;
}

static int limit_target(int pid, struct proc **proc)
{
	struct proc *self = proc_current();

	if (pid == 0 || (uint32_t)pid == proc_number(self)) {
		proc_get(self);
		*proc = self;
		return 0;
	}
	*proc = pid > 0 ? pid_proc((uint32_t)pid) : NULL;
	if (!*proc)
		return -ESRCH;
	if (!may_limit(*proc)) {
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

	if (new_limit && get_user(&limit, new_limit))
		return -EFAULT;
	err = limit_target(pid, &proc);
	if (err)
		return err;
	if (resource >= RLIMIT_COUNT) {
		proc_put(proc);
		return -EINVAL;
	}
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
	struct proc *self = proc_current();
	struct proc_usage usage, thread;
	struct rusage rusage;

	switch (who) {
	case RUSAGE_SELF:
		proc_usage(self, &usage);
		break;
	case RUSAGE_CHILDREN:
		proc_tree_lock();
		usage = self->children_usage;
		proc_tree_unlock();
		break;
	case RUSAGE_THREAD: /* memory is the process's */
		proc_lock(self);
		proc_usage_locked(self, &usage);
		uthread_usage_locked(uthread_current(), &thread);
		proc_unlock(self);
		thread.max_resident_pages = usage.max_resident_pages;
		usage = thread;
		break;
	default:
		return -EINVAL;
	}
	rusage = rusage_from(&usage);
	return put_user(address, &rusage);
}
