/*
 * Waiting for several files: poll(2) and select(2).
 *
 * The main idea: select is poll with its sets taken apart and put together again. A poller enters
 * all wait queues on its first look at the files; from then on it sleeps and looks until something
 * holds.
 */
#include "abi/poll.h"
#include "abi/time.h"
#include "core/clock.h"
#include "io/poll.h"
#include "lib/bitmap.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sys/sys.h"

#define ENTRIES_FIRST 8  /* queues, before memory is asked for */
#define ENTRIES_MORE  32 /* queues in each further piece */

struct poll_entry {
	struct wait_queue *queue;
	struct wait_entry wait;
};

struct poll_piece {
	struct list_head link;
	struct poll_entry entries[ENTRIES_MORE];
};

struct poller {
	struct poll_table table;
	struct poll_entry first[ENTRIES_FIRST];
	uint32_t count;          /* queues entered */
	int err;                 /* -ENOMEM: a queue could not be entered */
	struct list_head pieces; /* struct poll_piece, behind `first` */
};

static struct poll_entry *poller_next_entry(struct poller *poller)
{
	uint32_t more = poller->count - ENTRIES_FIRST;
	struct poll_piece *piece;

	if (poller->count < ENTRIES_FIRST)
		return &poller->first[poller->count];
	if (more % ENTRIES_MORE == 0) {
		piece = kzalloc(sizeof(*piece));
		if (!piece)
			return NULL;
		list_add_tail(&piece->link, &poller->pieces);
	}
	piece = list_last(&poller->pieces, struct poll_piece, link);
	return &piece->entries[more % ENTRIES_MORE];
}

static void poller_enter(struct poll_table *table, struct wait_queue *queue)
{
	struct poller *poller = container_of(table, struct poller, table);
	struct poll_entry *entry = poller_next_entry(poller);

	if (!entry) {
		poller->err = -ENOMEM;
		return;
	}
	entry->queue = queue;
	entry->wait = (struct wait_entry)WAIT_ENTRY_INIT(entry->wait);
	wait_add(queue, &entry->wait);
	poller->count++;
}

static void poller_init(struct poller *poller)
{
	poller->table.enter = poller_enter;
	poller->count = 0;
	poller->err = 0;
	list_init(&poller->pieces);
}

static void poll_entry_leave(struct poll_entry *entry)
{
	wait_remove(entry->queue, &entry->wait);
}

static void poller_leave(struct poller *poller)
{
	struct poll_piece *piece, *next;
	uint32_t left = poller->count;

	for (uint32_t i = 0; i < ENTRIES_FIRST && left > 0; i++, left--)
		poll_entry_leave(&poller->first[i]);
	list_for_each_safe(piece, next, &poller->pieces, link) {
		for (uint32_t i = 0; i < ENTRIES_MORE && left > 0; i++, left--)
			poll_entry_leave(&piece->entries[i]);
		kfree(piece);
	}
}

/* The files of a poll, looked up once, each with a reference; NULL: not open, or not asked for. */
struct polled {
	struct pollfd fd;
	struct file *file;
};

/* One look: how many have something to say. */
static int polled_look(struct polled *polled, uint32_t count, struct poll_table *table)
{
	int ready = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct polled *one = &polled[i];
		uint32_t wanted = (uint16_t)one->fd.events | POLLERR | POLLHUP;

		if (one->file)
			one->fd.revents = (int16_t)(file_poll(one->file, table) & wanted);
		else
			one->fd.revents = one->fd.fd < 0 ? 0 : POLLNVAL;
		if (one->fd.revents) {
			ready++;
			table = NULL; /* it will not sleep */
		}
	}
	return ready;
}

static void polled_get_files(struct polled *polled, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (polled[i].fd.fd < 0 || sys_file_opened(polled[i].fd.fd, &polled[i].file))
			polled[i].file = NULL;
	}
}

static void polled_put_files(struct polled *polled, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (polled[i].file)
			file_put(polled[i].file);
	}
}

/* How many are ready, 0 at the deadline (0: at once), -EINTR, -ENOMEM. */
static int polled_wait(struct polled *polled, uint32_t count, uint64_t deadline_ns)
{
	struct poller poller;
	int ready, err = 0;

	polled_get_files(polled, count);
	do {
		poller_init(&poller);
		ready = polled_look(polled, count, deadline_ns ? &poller.table : NULL);
		if (ready || deadline_ns == 0)
			err = -ETIMEDOUT;
		else
			err = poller.err ? poller.err : wait_sleep(WAIT_INTERRUPTIBLE, deadline_ns);
		poller_leave(&poller);
	} while (err == 0);
	if (ready == 0)
		ready = polled_look(polled, count, NULL);
	polled_put_files(polled, count);
	if (ready || err == -ETIMEDOUT)
		return ready;
	return err;
}

/* ---- poll ----------------------------------------------------------------------------------- */

static int poll_fetch(struct polled *polled, uptr_t fds, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (get_user(&polled[i].fd, fds + i * sizeof(struct pollfd)))
			return -EFAULT;
	}
	return 0;
}

static int poll_store(const struct polled *polled, uptr_t fds, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uptr_t at = fds + i * sizeof(struct pollfd) + offsetof(struct pollfd, revents);

		if (put_user(at, &polled[i].fd.revents))
			return -EFAULT;
	}
	return 0;
}

/* deadline_ns 0: do not wait. */
static long poll_until(uptr_t fds, uint32_t count, uint64_t deadline_ns)
{
	struct polled *polled;
	int result, err;

	if (count > proc_limit(proc_current(), RLIMIT_NOFILE))
		return -EINVAL;
	polled = kzalloc(max(count, 1u) * sizeof(*polled));
	if (!polled)
		return -ENOMEM;
	result = poll_fetch(polled, fds, count);
	if (result == 0)
		result = polled_wait(polled, count, deadline_ns);
	if (result >= 0) {
		err = poll_store(polled, fds, count);
		if (err)
			result = err;
	}
	kfree(polled);
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

/* Linux stores what is left of the time. */
static void timeout_store(uptr_t timeout, uint64_t deadline_ns)
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
	timeout_store(timeout, deadline_ns);
	return result;
}

/* ---- select --------------------------------------------------------------------------------- */

#define SELECT_MAX    1024 /* descriptors: as many as an fd_set of libc's holds */
#define SELECT_IN     (POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR | POLLNVAL)
#define SELECT_OUT    (POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR | POLLNVAL)
#define SELECT_EXCEPT (POLLPRI | POLLNVAL)

/* The three sets of a select; which event each is about. */
struct select_sets {
	uptr_t address[3];
	uint64_t bits[3][BITMAP_WORDS(SELECT_MAX)];
};

static const uint16_t select_events[3] = { SELECT_IN, SELECT_OUT, SELECT_EXCEPT };

static size_t set_bytes_of(uint32_t count)
{
	return BITMAP_WORDS(count) * sizeof(uint64_t);
}

static int select_fetch(struct select_sets *sets, uint32_t count)
{
	for (int i = 0; i < 3; i++) {
		memset(sets->bits[i], 0, sizeof(sets->bits[i]));
		if (sets->address[i] &&
			copy_from_user(sets->bits[i], sets->address[i], set_bytes_of(count)))
			return -EFAULT;
	}
	return 0;
}

static int select_store(const struct select_sets *sets, uint32_t count)
{
	for (int i = 0; i < 3; i++) {
		if (sets->address[i] &&
			copy_to_user(sets->address[i], sets->bits[i], set_bytes_of(count)))
			return -EFAULT;
	}
	return 0;
}

static uint16_t select_wanted(const struct select_sets *sets, uint32_t fd)
{
	uint16_t events = 0;

	for (int i = 0; i < 3; i++) {
		if (bitmap_test(sets->bits[i], fd))
			events |= select_events[i];
	}
	return events;
}

/* A poll for each descriptor that is in a set: how many those are. -EBADF: one is not open. */
static int select_to_poll(const struct select_sets *sets, uint32_t count, struct polled *polled)
{
	uint32_t n = 0;

	for (uint32_t fd = 0; fd < count; fd++) {
		uint16_t events = select_wanted(sets, fd);
		struct file *file;

		if (!events)
			continue;
		if (sys_file((int)fd, &file))
			return -EBADF;
		file_put(file);
		polled[n++].fd = (struct pollfd){ .fd = (int)fd, .events = (int16_t)events };
	}
	return (int)n;
}

/* Leaves in the sets what is ready; returns how many bits that are. */
static int select_from_poll(struct select_sets *sets, const struct polled *polled, uint32_t n)
{
	int ready = 0;
	uint64_t old[3][BITMAP_WORDS(SELECT_MAX)];

	memcpy(old, sets->bits, sizeof(old));
	memset(sets->bits, 0, sizeof(sets->bits));
	for (uint32_t i = 0; i < n; i++) {
		uint32_t fd = (uint32_t)polled[i].fd.fd;

		for (int k = 0; k < 3; k++) {
			if (!bitmap_test(old[k], fd) ||
				!((uint16_t)polled[i].fd.revents & select_events[k]))
				continue;
			bitmap_set(sets->bits[k], fd);
			ready++;
		}
	}
	return ready;
}

static long select_run(struct select_sets *sets, uint32_t count, uint64_t deadline_ns)
{
	struct polled *polled;
	int n, result;

	result = select_fetch(sets, count);
	if (result)
		return result;
	polled = kzalloc(max(count, 1u) * sizeof(*polled));
	if (!polled)
		return -ENOMEM;
	n = result = select_to_poll(sets, count, polled);
	if (n >= 0)
		result = polled_wait(polled, (uint32_t)n, deadline_ns);
	if (result >= 0) {
		result = select_from_poll(sets, polled, (uint32_t)n);
		if (select_store(sets, count))
			result = -EFAULT;
	}
	kfree(polled);
	return result == -EINTR ? sys_sleep_interrupted(deadline_ns) : result;
}

static long select_until(int count, const uptr_t address[3], uint64_t deadline_ns)
{
	struct select_sets *sets;
	long result;

	if (count < 0)
		return -EINVAL;
	sets = kmalloc(sizeof(*sets));
	if (!sets)
		return -ENOMEM;
	memcpy(sets->address, address, sizeof(sets->address));
	result = select_run(sets, (uint32_t)min(count, SELECT_MAX), deadline_ns);
	kfree(sets);
	return result;
}

static int deadline_from_timeval(uptr_t timeout, uint64_t *deadline_ns)
{
	struct timeval time;
	int64_t ns;

	*deadline_ns = WAIT_FOREVER;
	if (timeout == 0)
		return 0;
	if (get_user(&time, timeout))
		return -EFAULT;
	if (time.tv_sec < 0 || time.tv_usec < 0)
		return -EINVAL;
	if (__builtin_add_overflow(time.tv_sec, time.tv_usec / 1000000, &time.tv_sec))
		return -EINVAL;
	time.tv_sec = min(time.tv_sec, (int64_t)1 << 32);
	ns = time.tv_sec * (int64_t)NS_PER_SEC + time.tv_usec % 1000000 * (int64_t)NS_PER_US;
	*deadline_ns = ns ? sys_deadline((uint64_t)ns) : 0;
	return 0;
}

static void timeval_store(uptr_t timeout, uint64_t deadline_ns)
{
	uint64_t now_ns = clock_ns();
	int64_t us = (int64_t)((max(deadline_ns, now_ns) - now_ns) / NS_PER_US);
	struct timeval time = { .tv_sec = us / 1000000, .tv_usec = us % 1000000 };
	int ignored;

	if (timeout == 0)
		return;
	ignored = put_user(timeout, &time);
	(void)ignored;
}

long sys_select(int count, uptr_t in, uptr_t out, uptr_t except, uptr_t timeout)
{
	uint64_t deadline_ns;
	long result;

	result = deadline_from_timeval(timeout, &deadline_ns);
	if (result)
		return result;
	result = select_until(count, (uptr_t[]){ in, out, except }, deadline_ns);
	timeval_store(timeout, deadline_ns);
	return result;
}

/* The sixth argument points at a mask's address and size. */
long sys_pselect6(int count, uptr_t in, uptr_t out, uptr_t except, uptr_t timeout, uptr_t sigmask)
{
	uint64_t mask[2] = { 0, 0 }, deadline_ns;
	long result;

	if (sigmask && copy_from_user(mask, sigmask, sizeof(mask)))
		return -EFAULT;
	result = sys_timeout(timeout, &deadline_ns);
	if (result == 0)
		result = sys_mask_install(mask[0], mask[1]);
	if (result)
		return result;
	result = sys_mask_finish(select_until(count, (uptr_t[]){ in, out, except }, deadline_ns));
	timeout_store(timeout, deadline_ns);
	return result;
}
