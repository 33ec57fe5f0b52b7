/*
 * Pipes: pipe(2) and pipe2(2).
 */
#include "abi/fcntl.h"
#include "io/pipe.h"
#include "sys/sys.h"

/* Give both files numbers; they are the descriptors' then. */
static int install_ends(struct file *ends[2], bool cloexec, int32_t fds[2])
{
	struct proc *proc = proc_current();
	uint64_t limit = proc_limit(proc, RLIMIT_NOFILE);
	int err = fd_install(proc->files, ends[0], 0, limit, cloexec, &fds[0]);

	if (err)
		goto out_put_both;
	err = fd_install(proc->files, ends[1], 0, limit, cloexec, &fds[1]);
	if (err)
		goto out_close_first;
	return 0;

out_put_both:
	file_put(ends[0]);
	file_put(ends[1]);
	return err;
out_close_first:
	(void)fd_close(proc->files, fds[0]);
	file_put(ends[1]);
	return err;
}

long sys_pipe2(uptr_t user_fds, int flags)
{
	struct proc *proc = proc_current();
	struct file *ends[2];
	int32_t fds[2];
	int err;

	if ((uint32_t)flags & ~(uint32_t)(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	err = pipe_create_files(
		(uint32_t)flags & O_NONBLOCK, proc_current()->cred, &ends[0], &ends[1]);
	if (!err)
		err = install_ends(ends, flags & O_CLOEXEC, fds);
	if (err)
		return err;
	err = copy_to_user(user_fds, fds, sizeof(fds));
	if (err) {
		(void)fd_close(proc->files, fds[0]);
		(void)fd_close(proc->files, fds[1]);
	}
	return err;
}

long sys_pipe(uptr_t fds)
{
	return sys_pipe2(fds, 0);
}
