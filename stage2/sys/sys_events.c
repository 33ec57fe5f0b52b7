/*
 * What happens, as files: eventfd(2), timerfd_create(2), signalfd(2), inotify(7).
 */
#include "abi/epoll.h"
#include "abi/fcntl.h"
#include "abi/time.h"
#include "abi/timerfd.h"
#include "fs/inotify.h"
#include "io/eventfd.h"
#include "io/timerfd.h"
#include "proc/signalfd.h"
#include "sys/sys.h"

long sys_eventfd2(uint32_t initial, int flags)
{
	struct file *file;
	int err;

	if ((uint32_t)flags & ~(uint32_t)(O_CLOEXEC | O_NONBLOCK | EFD_SEMAPHORE))
		return -EINVAL;
	err = eventfd_create(initial, flags & EFD_SEMAPHORE, (uint32_t)flags & O_NONBLOCK,
		cred_current(), &file);
	return err ? err : sys_install(file, flags & O_CLOEXEC);
}

long sys_eventfd(uint32_t initial)
{
	return sys_eventfd2(initial, 0);
}

/* ---- timers ---------------------------------------------------------------------------------- */

static bool clock_is_alarm(int number)
{
	return number == CLOCK_REALTIME_ALARM || number == CLOCK_BOOTTIME_ALARM;
}

/* Not everybody may wake the machine. */
static int clock_permission(int number)
{
	return clock_is_alarm(number) && !cred_may(cred_current(), CAP_WAKE_ALARM) ? -EPERM : 0;
}

long sys_timerfd_create(int number, int flags)
{
	bool wall = number == CLOCK_REALTIME || number == CLOCK_REALTIME_ALARM;
	struct file *file;
	int err;

	if ((uint32_t)flags & ~(uint32_t)(TFD_CLOEXEC | TFD_NONBLOCK))
		return -EINVAL;
	if (!wall && number != CLOCK_MONOTONIC && number != CLOCK_BOOTTIME &&
		number != CLOCK_BOOTTIME_ALARM)
		return -EINVAL;
	err = clock_permission(number);
	if (err == 0)
		err = timerfd_create(
			number, wall, (uint32_t)flags & O_NONBLOCK, cred_current(), &file);
	return err ? err : sys_install(file, (uint32_t)flags & O_CLOEXEC);
}

static int settime_file(struct file *file, int flags, const struct itimer_setting *setting,
	struct itimer_setting *old)
{
	int number = timerfd_clock(file);
	int err = number < 0 ? number : clock_permission(number);

	return err ? err : timerfd_set(file, flags, setting, old);
}

long sys_timerfd_settime(int fd, int flags, uptr_t value, uptr_t old_value)
{
	struct itimer_setting setting, old;
	struct file *file;
	int err;

	err = sys_get_itimerspec(value, &setting);
	if (err)
		return err;
	if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET))
		return -EINVAL;
	err = sys_file_opened(fd, &file);
	if (err)
		return err;
	err = settime_file(file, flags, &setting, &old);
	file_put(file);
	if (old_value && (err == 0 || err == -ECANCELED) && sys_put_itimerspec(old_value, &old))
		err = -EFAULT;
	return err;
}

long sys_timerfd_gettime(int fd, uptr_t value)
{
	struct itimer_setting setting;
	struct file *file;
	int err;

	err = sys_file_opened(fd, &file);
	if (err)
		return err;
	err = timerfd_get(file, &setting);
	file_put(file);
	return err ? err : sys_put_itimerspec(value, &setting);
}

/* ---- signals --------------------------------------------------------------------------------- */

long sys_signalfd4(int fd, uptr_t set, size_t set_bytes, int flags)
{
	sigset_t wanted;
	struct file *file;
	int err;

	if (set_bytes != sizeof(wanted))
		return -EINVAL;
	if (get_user(&wanted, set))
		return -EFAULT;
	if ((uint32_t)flags & ~(uint32_t)(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	if (fd == -1) {
		err = signalfd_create(wanted, (uint32_t)flags & O_NONBLOCK, cred_current(), &file);
		return err ? err : sys_install(file, (uint32_t)flags & O_CLOEXEC);
	}
	err = sys_file_opened(fd, &file);
	if (err)
		return err;
	err = signalfd_set(file, wanted);
	file_put(file);
	return err ? err : fd;
}

long sys_signalfd(int fd, uptr_t set, size_t set_bytes)
{
	return sys_signalfd4(fd, set, set_bytes, 0);
}

/* ---- files that are watched ------------------------------------------------------------------ */

long sys_inotify_init1(int flags)
{
	struct file *file;
	int err;

	if ((uint32_t)flags & ~(uint32_t)(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	err = inotify_create((uint32_t)flags & O_NONBLOCK, cred_current(), &file);
	return err ? err : sys_install(file, (uint32_t)flags & O_CLOEXEC);
}

long sys_inotify_init(void)
{
	return sys_inotify_init1(0);
}

long sys_inotify_add_watch(int fd, uptr_t text, uint32_t mask)
{
	struct sys_path path;
	struct file *file;
	long result;

	if (!inotify_mask_ok(mask))
		return -EINVAL;
	result = sys_file_opened(fd, &file);
	if (result)
		return result;
	result = sys_path_get(&path, AT_FDCWD, text);
	if (result == 0) {
		result = inotify_add(file, &path.call, path.text, mask);
		sys_path_put(&path);
	}
	file_put(file);
	return result;
}

long sys_inotify_rm_watch(int fd, int32_t wd)
{
	struct file *file;
	long result = sys_file_opened(fd, &file);

	if (result)
		return result;
	result = inotify_remove(file, wd);
	file_put(file);
	return result;
}
