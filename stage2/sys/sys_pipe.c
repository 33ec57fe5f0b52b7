/*
 * Pipes: pipe(2) and pipe2(2).
 */
#include "abi/fcntl.h"
#include "io/pipe.h"
#include "sys/sys.h"

/* Give both files numbers; without, both are closed. */
static int install_ends(struct file *ends[2], bool cloexec, int32_t fds[2])
{
	fds[0] = sys_install(ends[0], cloexec);
	if (fds[0] < 0) {
		file_put(ends[1]);
		return fds[0];
	}
	fds[1] = sys_install(ends[1], cloexec);
	if (fds[1] < 0) {
		(void)fd_close(proc_current()->files, fds[0]);
		return fds[1];
	}
	return 0;
}

long sys_pipe2(uptr_t user_fds, int flags)
{
	struct proc *proc = proc_current();
	struct file *ends[2];
	int32_t fds[2];
	int err;

	if ((uint32_t)flags & ~(uint32_t)(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	err = pipe_create_files((uint32_t)flags & O_NONBLOCK, cred_current(), &ends[0], &ends[1]);
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
