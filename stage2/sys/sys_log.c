/*
 * syslog(2): the kernel's log, for dmesg and klogd. Debian's kernel has it for root alone, and so
 * has this one.
 */
#include "abi/klog.h"
#include "core/clock.h"
#include "core/log.h"
#include "sys/sys.h"

#define CHUNK_BYTES 256
#define LEVEL_MIN   1 /* of the console: lines below it are shown */
#define LEVEL_MAX   8
#define LOOK_NS     (100 * NS_PER_MS) /* a line may be logged where nobody can be woken */

/* Positions in the log. */
static struct {
	struct spinlock lock;  /* RANK_REFS */
	uint64_t read;         /* [lock] up to there SYSLOG_READ has taken it */
	uint64_t cleared;      /* [lock] up to there SYSLOG_READ_ALL leaves it out */
	enum log_level silent; /* [lock] the level before SYSLOG_CONSOLE_OFF; 0: it is on */
} klog = { .lock = SPINLOCK_INIT("klog", RANK_REFS) };

/* What is between two positions, or `bytes` of it: how many that were, and *from moved on. */
static long log_copy(uptr_t buf, size_t bytes, uint64_t *from, uint64_t end)
{
	size_t done = 0;

	while (*from < end && done < bytes) {
		char chunk[CHUNK_BYTES];
		uint64_t pos = *from;
		size_t left = min(bytes - done, (size_t)(end - pos));
		size_t got = log_read(&pos, chunk, min(left, sizeof(chunk)));

		if (copy_to_user(buf + done, chunk, got))
			return -EFAULT;
		done += got;
		*from = pos;
	}
	return (long)done;
}

static long log_take(uptr_t buf, size_t bytes)
{
	uint64_t pos;
	long done;

	while ((pos = READ_ONCE(klog.read)) >= log_end())
		if (sleep_until(WAIT_INTERRUPTIBLE, clock_ns() + LOOK_NS))
			return -ERESTARTSYS;
	done = log_copy(buf, bytes, &pos, log_end());
	spin_lock(&klog.lock);
	klog.read = max(klog.read, pos);
	spin_unlock(&klog.lock);
	return done;
}

static long log_all(uptr_t buf, size_t bytes, bool clear)
{
	uint64_t pos = log_last(READ_ONCE(klog.cleared), bytes), end = log_end();
	long done = log_copy(buf, bytes, &pos, end);

	if (done < 0 || !clear)
		return done;
	spin_lock(&klog.lock);
	klog.cleared = max(klog.cleared, end);
	spin_unlock(&klog.lock);
	return done;
}

static long log_fetch(int action, uptr_t buf, int bytes)
{
	if (!buf || bytes < 0)
		return -EINVAL;
	if (bytes == 0)
		return 0;
	if (action == SYSLOG_READ)
		return log_take(buf, (size_t)bytes);
	return log_all(buf, (size_t)bytes, action == SYSLOG_READ_CLEAR);
}

static long log_clear(void)
{
	spin_lock(&klog.lock);
	klog.cleared = max(klog.cleared, log_end());
	spin_unlock(&klog.lock);
	return 0;
}

static long console_switch(bool on)
{
	spin_lock(&klog.lock);
	if (!on && !klog.silent) {
		klog.silent = log_get_level();
		log_set_level((enum log_level)(LEVEL_MIN - 1));
	} else if (on && klog.silent) {
		log_set_level(klog.silent);
		klog.silent = 0;
	}
	spin_unlock(&klog.lock);
	return 0;
}

static long console_level(int level)
{
	if (level < LEVEL_MIN || level > LEVEL_MAX)
		return -EINVAL;
	spin_lock(&klog.lock);
	klog.silent = 0;
	log_set_level((enum log_level)(level - 1));
	spin_unlock(&klog.lock);
	return 0;
}

long sys_syslog(int action, uptr_t buf, int bytes)
{
	if (!cred_may_either(cred_current(), CAP_SYSLOG, CAP_SYS_ADMIN))
		return -EPERM;
	switch (action) {
	case SYSLOG_CLOSE:
	case SYSLOG_OPEN:
		return 0;
	case SYSLOG_READ:
	case SYSLOG_READ_ALL:
	case SYSLOG_READ_CLEAR:
		return log_fetch(action, buf, bytes);
	case SYSLOG_CLEAR:
		return log_clear();
	case SYSLOG_CONSOLE_OFF:
	case SYSLOG_CONSOLE_ON:
		return console_switch(action == SYSLOG_CONSOLE_ON);
	case SYSLOG_CONSOLE_LEVEL:
		return console_level(bytes);
	case SYSLOG_SIZE_UNREAD:
		return (long)min(log_end() - READ_ONCE(klog.read), (uint64_t)LOG_RING_BYTES);
	case SYSLOG_SIZE_BUFFER:
		return LOG_RING_BYTES;
	default:
		return -EINVAL;
	}
}
