/*
 * New processes and threads.
 *
 * The main idea: everything that can fail is done while the child is invisible; then it enters the
 * tree and runs, and nothing can fail any more.
 *
 * Supported: fork, vfork, posix_spawn's CLONE_VM | CLONE_VFORK, and threads (CLONE_THREAD with all
 * that pthread_create asks for). Not supported, and refused with -EINVAL: namespaces, and processes
 * that share signal handlers without being threads.
 */
#include "proc/fork.h"

#include "abi/errno.h"
#include "abi/sched.h"
#include "core/panic.h"
#include "ipc/sem.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "proc/pidfd.h"
#include "proc/proc.h"
#include "vm/uaccess.h"

/* Nobody is traced here, so CLONE_PTRACE and CLONE_UNTRACED change nothing. */
#define CLONE_COMMON                                                                               \
	(CSIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SETTLS | CLONE_PARENT_SETTID |        \
		CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_SYSVSEM | CLONE_DETACHED |       \
		CLONE_PTRACE | CLONE_UNTRACED | CLONE_IO)
#define CLONE_FOR_PROCESS                                                                          \
	(CLONE_COMMON | CLONE_VFORK | CLONE_PARENT | CLONE_CLEAR_SIGHAND | CLONE_PIDFD)
#define CLONE_OF_THREAD  (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_FS | CLONE_FILES)
#define CLONE_FOR_THREAD (CLONE_COMMON | CLONE_OF_THREAD)

static bool flags_ok(uint64_t flags)
{
	if ((flags & CLONE_PIDFD) && (flags & CLONE_DETACHED))
		return false;
	if (!(flags & CLONE_THREAD))
		return (flags & ~(uint64_t)CLONE_FOR_PROCESS) == 0 && (flags & CSIGNAL) <= 64;
	return (flags & ~(uint64_t)CLONE_FOR_THREAD) == 0 &&
	       (flags & CLONE_OF_THREAD) == CLONE_OF_THREAD;
}

/* A bad address does not get the number; as on Linux, that is all. */
static void tid_store(uptr_t address, uint32_t number)
{
	int ignored = put_user(address, &number);

	(void)ignored;
}

/* First code of a new thread: its frame is a copy of its maker's. */
static void clone_start(void *unused)
{
	struct uthread *self = uthread_current();

	if (self->set_child_tid)
		tid_store(self->set_child_tid, self->tid->number);
	arch_enter_user(arch_user_frame(&self->thread->arch));
}

/* Give the new thread the running one's registers and what else it inherits. -ENOMEM. */
static int uthread_inherit(struct uthread *child, const struct clone_args *args)
{
	struct uthread *self = uthread_current();
	struct arch_thread *from = &self->thread->arch, *to = &child->thread->arch;
	struct trap_frame *frame = arch_user_frame(to);
	int err = io_context_inherit(READ_ONCE(self->io), args->flags & CLONE_IO, &child->io);

	if (err == 0 && (args->flags & CLONE_SYSVSEM)) {
		err = sem_undos_share(&self->sem_undos);
		if (err == 0)
			child->sem_undos = self->sem_undos;
	}
	if (err)
		return err;
	*frame = *arch_user_frame(from);
	frame->rax = 0;
	if (args->stack)
		frame->rsp = args->stack;
	to->fs_base = args->flags & CLONE_SETTLS ? args->tls : arch_get_fs_base(from);
	to->gs_base = arch_get_gs_base(from);
	fpu_save(to->fpu);
	child->blocked = self->blocked;
	child->no_new_privs = self->no_new_privs;
	child->timer_slack_ns = self->timer_slack_ns;
	thread_set_nice(child->thread, self->thread->nice);
	if ((args->flags & (CLONE_VM | CLONE_VFORK)) != CLONE_VM)
		child->altstack = self->altstack;
	if (args->flags & CLONE_CHILD_SETTID)
		child->set_child_tid = args->child_tid;
	if (args->flags & CLONE_CHILD_CLEARTID)
		child->clear_child_tid = args->child_tid;
	return 0;
}

static int clone_thread(const struct clone_args *args)
{
	struct uthread *self = uthread_current(), *child;
	uint32_t number;
	struct pid *pid;
	int err;

	err = pid_alloc(&pid);
	if (err)
		return err;
	number = pid->number;
	err = uthread_create(self->proc, pid, self->thread->name, clone_start, NULL, &child);
	pid_put(pid);
	if (err)
		return err;
	err = uthread_inherit(child, args);
	if (err)
		goto destroy_child;
	if (args->flags & CLONE_PARENT_SETTID)
		tid_store(args->parent_tid, number);
	/* Each thread is a holder of the table: with one holder it is used without its lock. */
	fdtable_get(self->proc->files);
	err = uthread_add(child);
	if (err)
		goto put_files;
	thread_run(child->thread);
	return (int)number;

put_files:
	fdtable_put(self->proc->files);
destroy_child:
	uthread_destroy(child);
	return err;
}

/* Address space, files and place in the tree: shared or copied, as the flags say. What was got on
 * failure goes with the child. */
static int proc_inherit_parts(struct proc *child, uint64_t flags)
{
	struct proc *self = proc_current();
	int err;

	child->cred = cred_current();
	cred_get(child->cred);
	child->exe = self->exe;
	if (child->exe)
		file_get(child->exe);
	if (flags & CLONE_FILES) {
		child->files = self->files;
		fdtable_get(child->files);
	} else {
		err = fdtable_copy(self->files, &child->files);
		if (err)
			return err;
	}
	if (flags & CLONE_FS) {
		err = fs_context_join(self->fs);
		if (err)
			return err;
		child->fs = self->fs;
	} else {
		err = fs_context_copy(self->fs, &child->fs);
		if (err)
			return err;
	}
	if (flags & CLONE_VM) {
		child->aspace = self->aspace;
		aspace_get(child->aspace);
		return 0;
	}
	return aspace_fork(self->aspace, &child->aspace);
}

static void proc_inherit_settings(struct proc *child, uint64_t flags)
{
	struct proc *self = proc_current();

	proc_lock(self);
	signal_copy_actions(child, self);
	memcpy(child->limits, self->limits, sizeof(child->limits));
	proc_unlock(self);
	if (flags & CLONE_CLEAR_SIGHAND)
		signal_clear_handlers(child);
	child->oom_score_adj = READ_ONCE(self->oom_score_adj);
	child->oom_score_adj_min = READ_ONCE(self->oom_score_adj_min);
	child->dumpable = READ_ONCE(self->dumpable);
	child->persona = READ_ONCE(self->persona);
	proc_lock(child);
	cpu_limit_set_locked(child);
	proc_unlock(child);
	child->exit_signal = (int)(flags & CSIGNAL);
	child->vfork_busy = flags & CLONE_VFORK;
}

/* A killed parent leaves before the child is done; the child has its own reference to everything.
 */
static void vfork_wait(struct proc *child)
{
	(void)wait_event(
		&child->vfork_wait, WAIT_KILLABLE, WAIT_FOREVER, !READ_ONCE(child->vfork_busy));
}

/* Visible from here on. -ERESTARTNOINTR: since `seen` a signal was sent to several, the maker among
 * them, and the child, whom nobody saw, has missed it. */
static int clone_show_process(
	struct proc *child, struct uthread *uthread, bool sibling, uint32_t seen)
{
	struct proc *self = proc_current();
	int err = -ERESTARTNOINTR;

	proc_tree_lock();
	if (self->group_signals == seen) {
		err = 0;
		if (uthread_add(uthread))
			panic("a process exits that nobody has seen");
		proc_add_locked(child, self, sibling);
	}
	proc_tree_unlock();
	return err;
}

/* Drops the caller's reference to the child. */
static int clone_run_process(struct proc *child, struct uthread *uthread, uint64_t flags)
{
	uint32_t number = proc_number(child);

	proc_get(child);
	thread_run(uthread->thread);
	if (flags & CLONE_VFORK)
		vfork_wait(child);
	proc_put(child);
	return (int)number;
}

/* CLONE_PIDFD: a descriptor of the child for its maker, in no table yet; -1: none is wanted. */
struct clone_pidfd {
	struct file *file;
	int fd;
};

static int pidfd_prepare(
	const struct clone_args *args, struct proc *child, struct clone_pidfd *pidfd)
{
	struct proc *self = proc_current();
	int err;

	pidfd->fd = -1;
	if (!(args->flags & CLONE_PIDFD))
		return 0;
	err = fd_reserve(self->files, proc_limit(self, RLIMIT_NOFILE), &pidfd->fd);
	if (err)
		return err;
	err = pidfd_create(child->pid, 0, cred_current(), &pidfd->file);
	if (err)
		goto unreserve;
	err = put_user(args->pidfd, &pidfd->fd);
	if (err)
		goto put_file;
	return 0;

put_file:
	file_put(pidfd->file);
unreserve:
	fd_unreserve(self->files, pidfd->fd);
	return err;
}

static void pidfd_finish(const struct clone_pidfd *pidfd, bool show)
{
	struct fdtable *files = proc_current()->files;

	if (pidfd->fd < 0)
		return;
	if (show) {
		fd_fill(files, pidfd->fd, pidfd->file, true);
		return;
	}
	fd_unreserve(files, pidfd->fd);
	file_put(pidfd->file);
}

static int clone_process(const struct clone_args *args)
{
	struct uthread *self = uthread_current(), *uthread;
	uint32_t seen = __atomic_load_n(&self->proc->group_signals, __ATOMIC_ACQUIRE);
	struct clone_pidfd pidfd;
	struct proc *child;
	int err;

	/* What was sent before is taken before. */
	if (thread_has_work(self->thread, THREAD_WORK_SIGNAL | THREAD_WORK_KILL))
		return -ERESTARTNOINTR;
	err = proc_create(&child);
	if (err)
		return err;
	err = proc_inherit_parts(child, args->flags);
	if (err)
		goto destroy_child;
	proc_inherit_settings(child, args->flags);
	err = proc_charge_child(child);
	if (err)
		goto destroy_child;
	err = uthread_create(child, NULL, self->thread->name, clone_start, NULL, &uthread);
	if (err)
		goto destroy_child;
	err = uthread_inherit(uthread, args);
	if (err)
		goto destroy_uthread;
	err = pidfd_prepare(args, child, &pidfd);
	if (err)
		goto destroy_uthread;
	if (args->flags & CLONE_PARENT_SETTID)
		tid_store(args->parent_tid, proc_number(child));
	err = clone_show_process(child, uthread, args->flags & CLONE_PARENT, seen);
	pidfd_finish(&pidfd, err == 0);
	if (err)
		goto destroy_uthread;
	return clone_run_process(child, uthread, args->flags);

destroy_uthread:
	uthread_destroy(uthread);
destroy_child:
	proc_destroy(child);
	return err;
}

int proc_clone(const struct clone_args *args)
{
	int result;

	if (!flags_ok(args->flags) || ((args->flags & CLONE_PARENT) && proc_current()->is_init))
		return -EINVAL;
	if ((args->flags & CLONE_PIDFD) && (args->flags & CLONE_PARENT_SETTID) &&
		args->pidfd == args->parent_tid)
		return -EINVAL;
	if ((args->flags & CLONE_SETTLS) && args->tls >= USER_END)
		return -EPERM;
	do
		result = args->flags & CLONE_THREAD ? clone_thread(args) : clone_process(args);
	while (frame_reclaim_for(result));
	return result;
}
