/*
 * Processes as files. The file holds the process's number (struct pid), not the process: that can
 * be reaped, and then there is none behind the number any more.
 */
#include "proc/pidfd.h"

#include "abi/poll.h"
#include "abi/stat.h"
#include "io/poll.h"
#include "proc/proc.h"

static const struct file_ops pidfd_ops;

void pidfd_notify(struct pid *pid)
{
	wait_wake_all(&pid->exit_wait, POLLIN | POLLRDNORM);
}

static bool has_ended(struct pid *pid)
{
	struct proc *proc = pid_get_proc(pid);
	bool ended = !proc || READ_ONCE(proc->state) != PROC_ALIVE;

	if (proc)
		proc_put(proc);
	return ended;
}

static uint32_t pidfd_poll(struct file *file, struct poll_table *table)
{
	struct pid *pid = file->data;

	poll_wait(table, &pid->exit_wait);
	return has_ended(pid) ? POLLIN | POLLRDNORM : 0;
}

static int pidfd_stat(struct file *file, struct stat *stat)
{
	file_stat_anonymous(file, stat);
	return 0;
}

static void pidfd_info(struct file *file, struct file_info *info)
{
	struct pid *pid = file->data;
	struct proc *proc = pid_get_proc(pid);
	int number = proc ? (int)pid->number : -1;

	if (proc)
		proc_put(proc);
	file_info_print(info, "Pid:\t%d\nNSpid:\t%d\n", number, number);
}

static void pidfd_release(struct file *file)
{
	pid_put(file->data);
}

static const struct file_ops pidfd_ops = {
	.name = "[pidfd]",
	.poll = pidfd_poll,
	.stat = pidfd_stat,
	.info = pidfd_info,
	.release = pidfd_release,
};

int pidfd_create(struct pid *pid, uint32_t flags, struct cred *cred, struct file **file)
{
	int err = file_create(&pidfd_ops, O_RDWR | flags, cred, pid, file);

	if (!err)
		pid_get(pid);
	return err;
}

struct pid *pidfd_pid(const struct file *file)
{
	return file->ops == &pidfd_ops ? file->data : NULL;
}
