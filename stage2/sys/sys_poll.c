/*
 * poll(2): a look at each descriptor, sleep, another look. Only what has changed is written to the
 * program's memory.
 */
#include "abi/poll.h"
#include "core/clock.h"
#include "lib/bitmap.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sys/poller.h"
#include "sys/sys.h"

#define COUNT_ON_STACK 64

/* A poll's descriptors, and which are no longer as they came. */
struct polled {
	uint32_t count;
	struct pollfd *fds;
	uint64_t *changed;
	uint64_t stack[COUNT_ON_STACK + BITMAP_WORDS(COUNT_ON_STACK)];
};

static int polled_fetch(struct polled *polled, uptr_t fds, uint32_t count)
{
	size_t words = BITMAP_WORDS((size_t)count);
	uint64_t *memory = polled->stack;

	_Static_assert(sizeof(struct pollfd) == sizeof(uint64_t), "fds are so many words");
	if (count > COUNT_ON_STACK)
		memory = kmalloc((words + count) * sizeof(uint64_t));
	if (!memory)
		return -ENOMEM;
	polled->count = count;
	polled->changed = memory;
	polled->fds = (struct pollfd *)(memory + words);
	memset(polled->changed, 0, words * sizeof(uint64_t));
	return copy_from_user(polled->fds, fds, count * sizeof(struct pollfd));
}

static void polled_free(struct polled *polled)
{
	if (polled->changed != polled->stack)
		kfree(polled->changed);
}

/* One look: how many have something to say. Mostly there is nothing, and nothing to write. */
static int polled_look(struct polled *polled, struct poller *poller)
{
	struct pollfd *one = polled->fds, *end = one + polled->count;
	int ready = 0;

	for (; one < end; one++) {
		uint32_t events = poller_ask(poller, one->fd, (uint16_t)one->events);

		if (likely(!(events | (uint16_t)one->revents)))
			continue;
		if (events)
			ready++;
		if ((uint16_t)one->revents != events) {
			one->revents = (int16_t)events;
			bitmap_set(polled->changed, (size_t)(one - polled->fds));
		}
	}
	return ready;
}

/* How many are ready, 0 at the deadline, -EINTR, -ENOMEM. */
static int polled_wait(struct polled *polled, uint64_t deadline_ns)
{
	struct poller poller;
	int ready;

	poller_init(&poller, deadline_ns);
	do
		ready = polled_look(polled, &poller);
	while (ready == 0 && poller_sleep(&poller));
	poller_leave(&poller);
	return ready || poller.err == -ETIMEDOUT ? ready : poller.err;
}

static int polled_store(const struct polled *polled, uptr_t fds)
{
	size_t count = polled->count, i = 0;

	while ((i = bitmap_find_set(polled->changed, count, i)) < count) {
		uptr_t at = fds + i * sizeof(struct pollfd) + offsetof(struct pollfd, revents);

		if (put_user(at, &polled->fds[i].revents))
			return -EFAULT;
		i++;
	}
	return 0;
}

/* deadline_ns 0: do not wait. */
static long poll_until(uptr_t fds, uint32_t count, uint64_t deadline_ns)
{
	struct polled polled;
	int result;

	if (count > proc_limit(proc_current(), RLIMIT_NOFILE))
		return -EINVAL;
	result = polled_fetch(&polled, fds, count);
	if (result == -ENOMEM)
		return result;
	if (result == 0)
		result = polled_wait(&polled, deadline_ns);
	if (result >= 0 && polled_store(&polled, fds))
		result = -EFAULT;
	polled_free(&polled);
	return result == -EINTR ? sys_sleep_interrupted(deadline_ns) : result;
}

long sys_poll(uptr_t fds, uint32_t count, int timeout_ms)
{
	uint64_t span_ns = timeout_ms < 0 ? WAIT_FOREVER : (uint64_t)timeout_ms * NS_PER_MS;

	return poll_until(fds, count, timeout_ms == 0 ? 0 : sys_deadline(span_ns));
}

int sys_timeout(uptr_t timeout, uint64_t *deadline_ns)
{
	int64_t ns;
	int err;

	*deadline_ns = WAIT_FOREVER;
	if (timeout == 0)
		return 0;
	err = sys_get_time(timeout, &ns);
	if (err == 0)
		*deadline_ns = ns ? sys_deadline((uint64_t)ns) : 0;
	return err;
}

void sys_timeout_left(uptr_t timeout, uint64_t deadline_ns)
{
	uint64_t now_ns = clock_ns();
	int ignored;

	if (timeout == 0)
		return;
	ignored = sys_put_time(timeout, (int64_t)(max(deadline_ns, now_ns) - now_ns));
	(void)ignored;
}

int sys_mask_install(uptr_t sigmask, size_t set_bytes)
{
	sigset_t mask;

	if (sigmask == 0)
		return 0;
	if (set_bytes != sizeof(mask))
		return -EINVAL;
	if (get_user(&mask, sigmask))
		return -EFAULT;
	signal_set_mask_until_return(mask);
	return 0;
}

long sys_mask_finish(long result)
{
	if (result != -ERESTARTNOHAND && result != -EINTR)
		signal_restore_mask();
	return result;
}

long sys_ppoll(uptr_t fds, uint32_t count, uptr_t timeout, uptr_t sigmask, size_t set_bytes)
{
	uint64_t deadline_ns;
	long result;

	result = sys_timeout(timeout, &deadline_ns);
	if (result == 0)
		result = sys_mask_install(sigmask, set_bytes);
	if (result)
		return result;
	result = sys_mask_finish(poll_until(fds, count, deadline_ns));
	sys_timeout_left(timeout, deadline_ns);
	return result;
}
