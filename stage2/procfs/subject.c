/*
 * Finding the process of a file, and taking hold of its parts: under its lock, for as long as it
 * takes to get a reference. Descriptors are looked up under that lock too, so that a look from
 * outside never counts as a holder of the table.
 */
#include "procfs/subject.h"

#include "abi/errno.h"

struct synth_key subject_key(const struct proc *proc)
{
	return (struct synth_key){ .object = proc_number(proc), .stamp = proc->start_ns };
}

int subject_get(const struct synth_key *key, struct proc **proc)
{
	*proc = pid_proc((uint32_t)key->object);
	if (*proc && (*proc)->start_ns == key->stamp)
		return 0;
	if (*proc)
		proc_put(*proc);
	return -ESRCH;
}

#define SUBJECT_PART(type, part, get)                                                              \
	struct type *subject_##part(struct proc *proc)                                             \
	{                                                                                          \
		struct type *part;                                                                 \
                                                                                                   \
		proc_lock(proc);                                                                   \
		part = proc->part;                                                                 \
		if (part)                                                                          \
			get(part);                                                                 \
		proc_unlock(proc);                                                                 \
		return part;                                                                       \
	}
SUBJECT_PART(aspace, aspace, aspace_get)
SUBJECT_PART(fs_context, fs, fs_context_get)
SUBJECT_PART(file, exe, file_get)

struct file *subject_file(struct proc *proc, int fd)
{
	struct file *file = NULL;

	proc_lock(proc);
	if (proc->files)
		file = fd_look(proc->files, fd);
	proc_unlock(proc);
	return file;
}

int subject_next_fd(struct proc *proc, int fd)
{
	int next;

	proc_lock(proc);
	next = proc->files ? fd_next(proc->files, fd) : -1;
	proc_unlock(proc);
	return next;
}

/* All that it may do, a user of these ids and capabilities may. */
static bool subject_open_to(struct proc *proc, uint32_t uid, uint32_t gid, uint64_t capabilities)
{
	struct cred *cred;
	bool open;

	if (proc == proc_current() || cred_may(cred_current(), CAP_SYS_PTRACE))
		return true;
	cred = proc_cred_get(proc);
	open = READ_ONCE(proc->dumpable) && uid == cred->uid && uid == cred->euid &&
	       uid == cred->suid && gid == cred->gid && gid == cred->egid && gid == cred->sgid &&
	       !(cred->permitted & ~capabilities);
	cred_put(cred);
	return open;
}

bool subject_open_to_us(struct proc *proc)
{
	const struct cred *cred = cred_current();

	return subject_open_to(proc, cred->fsuid, cred->fsgid, cred->effective);
}

bool subject_traceable_by_us(struct proc *proc)
{
	const struct cred *cred = cred_current();

	return subject_open_to(proc, cred->uid, cred->gid, cred->permitted);
}

int subject_permit(const struct synth_key *key)
{
	struct proc *proc;
	int err = subject_get(key, &proc);

	if (err)
		return err;
	err = subject_open_to_us(proc) ? 0 : -EACCES;
	proc_put(proc);
	return err;
}

int subject_permit_all(const struct synth_key *key)
{
	struct proc *proc;
	int err = subject_get(key, &proc);

	if (!err)
		proc_put(proc);
	return err;
}

/* Root owns what tells of a process that others of its user may not look into; but it finds its own
 * descriptors, in directories that are closed to others, whomever it takes files as. */
void subject_owner(const struct synth_key *key, uint32_t mode, uint32_t *uid, uint32_t *gid)
{
	bool closed = S_ISDIR(mode) && !(mode & 0005);
	struct proc *proc;
	struct cred *cred;

	if (subject_get(key, &proc))
		return;
	if (READ_ONCE(proc->dumpable) || S_ISDIR(mode)) {
		cred = proc_cred_get(proc);
		*uid = closed ? cred->fsuid : cred->euid;
		*gid = closed ? cred->fsgid : cred->egid;
		cred_put(cred);
	}
	proc_put(proc);
}

struct uthread *subject_thread_locked(const struct synth_key *key, struct proc *proc)
{
	struct uthread *uthread;

	spin_assert_held(&proc->lock);
	list_for_each(uthread, &proc->threads, link)
		if (!key->part || uthread->tid->number == key->part)
			return uthread;
	return NULL;
}
