/*
 * epoll(7).
 */
#include "abi/epoll.h"
#include "abi/fcntl.h"
#include "core/clock.h"
#include "io/epoll.h"
#include "sys/sys.h"

long sys_epoll_create1(int flags)
{
	struct file *file;
	int err;

	if ((uint32_t)flags & ~(uint32_t)O_CLOEXEC)
		return -EINVAL;
	err = epoll_create_file(cred_current(), &file);
	return err ? err : sys_install(file, flags & O_CLOEXEC);
}

long sys_epoll_create(int size)
{
	return size <= 0 ? -EINVAL : sys_epoll_create1(0);
}

long sys_epoll_ctl(int epoll, int command, int fd, uptr_t user_event)
{
	struct epoll_event event = { 0 };
	struct file *set, *file;
	long err;

	if (command != EPOLL_CTL_DEL && get_user(&event, user_event))
		return -EFAULT;
	err = sys_file_opened(epoll, &set);
	if (err)
		return err;
	err = sys_file_opened(fd, &file);
	if (!err) {
		err = epoll_control(set, command, fd, file, &event);
		file_put(file);
	}
	file_put(set);
	return err;
}

static long collect(int epoll, uptr_t events, int max, uint64_t deadline_ns)
{
	struct fd_ref set;
	long n;

	if (max <= 0 || (uint32_t)max > INT32_MAX / sizeof(struct epoll_event))
		return -EINVAL;
	if (!user_range_ok(events, (uint64_t)max * sizeof(struct epoll_event)))
		return -EFAULT;
	set = fd_borrow(proc_current()->files, epoll);
	if (!set.file)
		return -EBADF;
	n = epoll_collect(set.file, events, max, deadline_ns);
	fd_return(set);
	return n;
}

static uint64_t deadline_of(int timeout_ms)
{
	if (timeout_ms < 0)
		return WAIT_FOREVER;
	return timeout_ms == 0 ? 0 : clock_ns() + (uint64_t)timeout_ms * NS_PER_MS;
}

long sys_epoll_wait(int epoll, uptr_t events, int max, int timeout_ms)
{
	return collect(epoll, events, max, deadline_of(timeout_ms));
}

long sys_epoll_pwait(
	int epoll, uptr_t events, int max, int timeout_ms, uptr_t sigmask, size_t set_bytes)
{
	long err = sys_mask_install(sigmask, set_bytes);

	if (err)
		return err;
	return sys_mask_finish(collect(epoll, events, max, deadline_of(timeout_ms)));
}

long sys_epoll_pwait2(
	int epoll, uptr_t events, int max, uptr_t timeout, uptr_t sigmask, size_t set_bytes)
{
	uint64_t deadline_ns;
	long err = sys_timeout(timeout, &deadline_ns);

	if (err == 0)
		err = sys_mask_install(sigmask, set_bytes);
	if (err)
		return err;
	return sys_mask_finish(collect(epoll, events, max, deadline_ns));
}
