/*
 * select(2): sets of descriptors, a word of each at a time.
 */
#include "abi/poll.h"
#include "abi/time.h"
#include "core/clock.h"
#include "lib/bitmap.h"
#include "lib/string.h"
#include "sys/poller.h"
#include "sys/sys.h"

#define SELECT_MAX    1024 /* descriptors: as many as an fd_set of libc's holds */
#define SELECT_IN     (POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR | POLLNVAL)
#define SELECT_OUT    (POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR | POLLNVAL)
#define SELECT_EXCEPT (POLLPRI | POLLNVAL)

enum { IN, OUT, EXCEPT, SETS };

static const uint16_t select_events[SETS] = { SELECT_IN, SELECT_OUT, SELECT_EXCEPT };

/* The three sets of a select: what is asked for, and what is found. */
struct select_sets {
	uptr_t address[SETS]; /* 0: there is none */
	size_t count, words;  /* of descriptors, of the words they are in */
	uint64_t asked[SETS][BITMAP_WORDS(SELECT_MAX)];
	uint64_t found[SETS][BITMAP_WORDS(SELECT_MAX)];
};

/* -EFAULT; -EBADF: one is not open. */
static int sets_fetch(struct select_sets *sets)
{
	size_t bytes = sets->words * sizeof(uint64_t);

	for (int i = 0; i < SETS; i++) {
		if (!sets->address[i])
			memset(sets->asked[i], 0, bytes);
		else if (copy_from_user(sets->asked[i], sets->address[i], bytes))
			return -EFAULT;
	}
	for (int i = 0; i < SETS; i++) {
		if (sets->count % 64)
			sets->asked[i][sets->words - 1] &= BIT(sets->count % 64) - 1;
		if (!fds_are_open(proc_current()->files, sets->asked[i], sets->words))
			return -EBADF;
	}
	return 0;
}

static int sets_store(const struct select_sets *sets)
{
	size_t bytes = sets->words * sizeof(uint64_t);

	for (int i = 0; i < SETS; i++) {
		if (sets->address[i] && copy_to_user(sets->address[i], sets->found[i], bytes))
			return -EFAULT;
	}
	return 0;
}

/* What was found of a descriptor that is in those sets: in how many of them. */
static int note(struct select_sets *sets, unsigned fd, unsigned in_sets, uint32_t events)
{
	int found = 0;

	for (int i = 0; i < SETS; i++) {
		if ((in_sets & BIT(i)) && (events & select_events[i])) {
			bitmap_set(sets->found[i], fd);
			found++;
		}
	}
	return found;
}

/* Those of `left`, descriptors of a word, that are in the same sets as the first: in which? */
static uint64_t asked_alike(
	const struct select_sets *sets, size_t word, uint64_t left, unsigned *in_sets)
{
	uint64_t first = left & -left;

	*in_sets = 0;
	for (int i = 0; i < SETS; i++) {
		uint64_t asked = sets->asked[i][word];

		*in_sets |= asked & first ? BIT(i) : 0;
		left &= asked & first ? asked : ~asked;
	}
	return left;
}

/* A look at descriptors of a word that are all in those sets: how many bits were found. */
static int look_alike(struct select_sets *sets, struct poller *poller, size_t word, uint64_t alike,
	unsigned in_sets)
{
	uint32_t wanted = 0;
	int ready = 0;

	for (int i = 0; i < SETS; i++)
		wanted |= in_sets & BIT(i) ? select_events[i] : 0;
	for (; alike; alike &= alike - 1) {
		unsigned fd = (unsigned)word * 64 + (unsigned)__builtin_ctzll(alike);
		uint32_t events = poller_ask(poller, (int)fd, wanted);

		if (unlikely(events))
			ready += note(sets, fd, in_sets, events);
	}
	return ready;
}

static int look_at_word(struct select_sets *sets, struct poller *poller, size_t word)
{
	uint64_t left = 0, alike;
	unsigned in_sets;
	int ready = 0;

	for (int i = 0; i < SETS; i++)
		left |= sets->asked[i][word];
	for (; left; left &= ~alike) {
		alike = asked_alike(sets, word, left, &in_sets);
		ready += look_alike(sets, poller, word, alike, in_sets);
	}
	return ready;
}

static int sets_look(struct select_sets *sets, struct poller *poller)
{
	int ready = 0;

	for (int i = 0; i < SETS; i++)
		memset(sets->found[i], 0, sets->words * sizeof(uint64_t));
	for (size_t word = 0; word < sets->words; word++)
		ready += look_at_word(sets, poller, word);
	return ready;
}

static long select_until(int count, const uptr_t address[SETS], uint64_t deadline_ns)
{
	struct select_sets sets;
	struct poller poller;
	int ready;

	if (count < 0)
		return -EINVAL;
	memcpy(sets.address, address, sizeof(sets.address));
	sets.count = (size_t)min(count, SELECT_MAX);
	sets.words = BITMAP_WORDS(sets.count);
	ready = sets_fetch(&sets);
	if (ready)
		return ready;
	poller_init(&poller, deadline_ns);
	do
		ready = sets_look(&sets, &poller);
	while (ready == 0 && poller_sleep(&poller));
	poller_leave(&poller);
	if (ready == 0 && poller.err == -EINTR)
		return sys_sleep_interrupted(deadline_ns);
	if (ready == 0 && poller.err != -ETIMEDOUT)
		return poller.err;
	return sets_store(&sets) ? -EFAULT : ready;
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
	sys_timeout_left(timeout, deadline_ns);
	return result;
}
