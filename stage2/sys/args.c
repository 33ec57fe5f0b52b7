/*
 * Arguments: fetching from the program's memory what several handlers take.
 */
#include "abi/fcntl.h"
#include "core/clock.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sched/wait.h"
#include "sys/sys.h"

int sys_install(struct file *file, bool cloexec)
{
	struct proc *proc = proc_current();
	uint64_t limit = proc_limit(proc, RLIMIT_NOFILE);
	int err, fd;

	err = fd_install(proc->files, file, 0, limit, cloexec, &fd);
	if (err) {
		file_put(file);
		return err;
	}
	return fd;
}

int sys_file(int fd, struct file **file)
{
	return fd_get(proc_current()->files, fd, file);
}

int sys_file_opened(int fd, struct file **file)
{
	int err;

	err = sys_file(fd, file);
	if (err == 0 && ((*file)->flags & O_PATH)) {
		file_put(*file);
		err = -EBADF;
	}
	return err;
}

struct fs_call sys_call_here(void)
{
	struct proc *proc = proc_current();

	return (struct fs_call){ .context = proc->fs, .cred = cred_current() };
}

/* The text does not fit where short ones do. */
static ssize_t path_get_long(struct sys_path *path, uptr_t text)
{
	ssize_t length;

	path->text = kmalloc(PATH_MAX);
	if (!path->text)
		return -ENOMEM;
	length = copy_string_from_user(path->text, text, PATH_MAX);
	if (length < 0)
		kfree(path->text);
	return length;
}

static void path_free(struct sys_path *path)
{
	if (path->text != path->short_text)
		kfree(path->text);
}

int sys_path_get(struct sys_path *path, int dirfd, uptr_t text)
{
	ssize_t length;
	int err = 0;

	path->call = sys_call_here();
	path->text = path->short_text;
	length = copy_string_from_user(path->short_text, text, sizeof(path->short_text));
	if (unlikely(length == -ENAMETOOLONG))
		length = path_get_long(path, text);
	if (length < 0)
		return (int)length;
	if (path->text[0] != '/' && dirfd != AT_FDCWD)
		err = sys_file(dirfd, &path->call.base);
	if (err)
		path_free(path);
	return err;
}

void sys_path_put(struct sys_path *path)
{
	if (path->call.base)
		file_put(path->call.base);
	path_free(path);
}

int sys_get_struct(void *to, size_t known, size_t least, uptr_t from, size_t bytes)
{
	uint8_t more[64];

	if (bytes > PAGE_SIZE)
		return -E2BIG;
	if (bytes < least)
		return -EINVAL;
	memset(to, 0, known);
	if (copy_from_user(to, from, min(bytes, known)))
		return -EFAULT;
	for (size_t at = known; at < bytes; at += sizeof(more)) {
		size_t part = min(bytes - at, sizeof(more));

		if (copy_from_user(more, from + at, part))
			return -EFAULT;
		for (size_t i = 0; i < part; i++)
			if (more[i])
				return -E2BIG;
	}
	return 0;
}

/* False: not a time. What does not fit is as good as for ever. */
static bool time_join(int64_t seconds, int64_t rest_ns, int64_t *ns)
{
	if (seconds < 0 || rest_ns < 0 || rest_ns >= (int64_t)NS_PER_SEC)
		return false;
	if (seconds >= INT64_MAX / (int64_t)NS_PER_SEC)
		*ns = INT64_MAX;
	else
		*ns = seconds * (int64_t)NS_PER_SEC + rest_ns;
	return true;
}

int sys_get_time(uptr_t address, int64_t *ns)
{
	struct timespec time;

	if (get_user(&time, address))
		return -EFAULT;
	return time_join(time.tv_sec, time.tv_nsec, ns) ? 0 : -EINVAL;
}

bool sys_timeval_ns(const struct timeval *time, int64_t *ns)
{
	int64_t rest_ns;

	return !__builtin_mul_overflow(time->tv_usec, (int64_t)NS_PER_US, &rest_ns) &&
	       time_join(time->tv_sec, rest_ns, ns);
}

struct timespec sys_timespec(int64_t ns)
{
	return (struct timespec){
		.tv_sec = ns / (int64_t)NS_PER_SEC,
		.tv_nsec = ns % (int64_t)NS_PER_SEC,
	};
}

int sys_put_time(uptr_t address, int64_t ns)
{
	struct timespec time = sys_timespec(ns);

	return put_user(address, &time);
}

struct timeval sys_timeval(uint64_t ns)
{
	return (struct timeval){
		.tv_sec = (int64_t)(ns / NS_PER_SEC),
		.tv_usec = (int64_t)(ns % NS_PER_SEC / NS_PER_US),
	};
}

static uint64_t deadline_at(uint64_t now_ns, uint64_t span_ns)
{
	return span_ns >= INT64_MAX - now_ns ? WAIT_FOREVER : now_ns + span_ns;
}

uint64_t sys_deadline_after(uint64_t span_ns)
{
	return deadline_at(clock_ns(), span_ns);
}

uint64_t sys_deadline_from(uint64_t now_ns, uint64_t span_ns)
{
	struct uthread *self = uthread_current();
	uint64_t deadline_ns = self->restart_deadline_ns;

	self->restart_deadline_ns = 0;
	if (deadline_ns)
		return deadline_ns;
	return deadline_at(now_ns, span_ns);
}

uint64_t sys_deadline(uint64_t span_ns)
{
	return sys_deadline_from(clock_ns(), span_ns);
}

/* Without a deadline nothing is kept, for the call does not ask when it is made again. */
long sys_sleep_interrupted(uint64_t deadline_ns)
{
	if (deadline_ns != WAIT_FOREVER)
		uthread_current()->restart_deadline_ns = deadline_ns;
	return -ERESTARTNOHAND;
}
