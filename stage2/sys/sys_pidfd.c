/*
 * Processes as files: pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2).
 */
#include "abi/fcntl.h"
#include "proc/pidfd.h"
#include "procfs/subject.h"
#include "sys/sys.h"

long sys_pidfd_open(int number, uint32_t flags)
{
	struct proc *proc;
	struct file *file;
	struct pid *pid;
	int err;

	if ((flags & ~O_NONBLOCK) || number <= 0)
		return -EINVAL;
	pid = pid_find((uint32_t)number);
	if (!pid)
		return -ESRCH;
	proc = pid_get_proc(pid);
	if (proc)
		err = pidfd_create(pid, flags, cred_current(), &file);
	else /* a thread's, or of what has gone */
		err = READ_ONCE(pid->thread) ? -EINVAL : -ESRCH;
	if (proc)
		proc_put(proc);
	pid_put(pid);
	return err ? err : sys_install(file, true);
}

static int process_of_file(const struct file *file, bool or_directory, struct proc **proc)
{
	struct pid *pid = pidfd_pid(file);

	if (!pid)
		return or_directory ? subject_of_directory(file, proc) : -EBADF;
	*proc = pid_get_proc(pid);
	return *proc ? 0 : -ESRCH;
}

/* The process of a descriptor, or of an open directory /proc/PID, with a reference. -EBADF, -ESRCH.
 */
static int process_of(int fd, bool or_directory, struct proc **proc)
{
	struct file *file;
	int err = sys_file_opened(fd, &file);

	if (err)
		return err;
	err = process_of_file(file, or_directory, proc);
	file_put(file);
	return err;
}

/* What kill(2) would say, or what the program does; that only to itself, if it looks like others'.
 */
static int signal_info(const struct proc *proc, int signal, uptr_t address, struct siginfo *info)
{
	int err, named;

	*info = siginfo_user(signal, SI_USER);
	if (address == 0)
		return 0;
	if (get_user(&named, address))
		return -EFAULT;
	err = sys_get_siginfo(address, signal, info);
	if (err)
		return err;
	if (named != signal)
		return -EINVAL;
	return proc != proc_current() && siginfo_pretends(info) ? -EPERM : 0;
}

long sys_pidfd_send_signal(int fd, int signal, uptr_t address, uint32_t flags)
{
	struct siginfo info;
	struct proc *proc;
	int err;

	if (flags)
		return -EINVAL;
	err = process_of(fd, true, &proc);
	if (err)
		return err;
	err = signal_info(proc, signal, address, &info);
	if (err == 0)
		err = signal_kill_one(proc, &info);
	proc_put(proc);
	return err;
}

/* Another process's descriptor becomes ours, too. */
static long take_descriptor(struct proc *proc, int fd)
{
	struct file *file;

	if (!subject_traceable_by_us(proc))
		return -EPERM;
	file = subject_file(proc, fd);
	return file ? sys_install(file, true) : -EBADF;
}

long sys_pidfd_getfd(int pidfd, int fd, uint32_t flags)
{
	struct proc *proc;
	long result;

	if (flags)
		return -EINVAL;
	result = process_of(pidfd, false, &proc);
	if (result)
		return result;
	result = take_descriptor(proc, fd);
	proc_put(proc);
	return result;
}
