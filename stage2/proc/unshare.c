/*
 * unshare(2): a process leaves what it shares with others, and goes on with a copy.
 *
 * Descriptors, root and working directory belong to a process here, not to each of its threads: one
 * thread alone cannot leave those of the others.
 */
#include "abi/errno.h"
#include "abi/sched.h"
#include "ipc/sem.h"
#include "proc/fork.h"
#include "proc/proc.h"

#define UNSHARE_ALONE (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_FS | CLONE_FILES)
#define UNSHARE_ALL   (UNSHARE_ALONE | CLONE_SYSVSEM)

/* For pid_for_each_proc: another process uses this address space. */
static int uses(struct proc *proc, void *aspace)
{
	return proc != proc_current() && READ_ONCE(proc->aspace) == aspace;
}

static bool flags_ok(uint64_t flags)
{
	struct proc *self = proc_current();

	if (flags & ~(uint64_t)UNSHARE_ALL)
		return false;
	if ((flags & UNSHARE_ALONE) && READ_ONCE(self->thread_count) > 1)
		return false;
	return !(flags & CLONE_VM) || !pid_for_each_proc(uses, self->aspace);
}

/* Nothing, if that fails. */
static int copies_make(uint64_t flags, struct fdtable **files, struct fs_context **fs)
{
	struct proc *self = proc_current();
	int err = 0;

	if ((flags & CLONE_FILES) && fdtable_shared(self->files))
		err = fdtable_copy(self->files, files);
	if (err == 0 && (flags & CLONE_FS) && fs_context_shared(self->fs)) {
		err = fs_context_copy(self->fs, fs);
		if (err && *files)
			fdtable_put(*files);
	}
	return err;
}

int proc_unshare(uint64_t flags)
{
	struct uthread *self = uthread_current();
	struct fdtable *files = NULL, *old_files = self->proc->files;
	struct fs_context *fs = NULL, *old_fs = self->proc->fs;
	int err = flags_ok(flags) ? copies_make(flags, &files, &fs) : -EINVAL;

	if (err)
		return err;
	if (flags & CLONE_SYSVSEM) {
		sem_undos_put(self->sem_undos);
		self->sem_undos = NULL;
	}
	proc_lock(self->proc);
	if (files)
		self->proc->files = files;
	if (fs)
		self->proc->fs = fs;
	proc_unlock(self->proc);
	if (files)
		fdtable_put(old_files);
	if (fs)
		fs_context_leave(old_fs);
	return 0;
}
