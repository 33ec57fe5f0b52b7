/*
 * Process numbers: a bitmap says which are taken, a hash finds the object of one.
 *
 * The main idea: numbers are given out in a circle, so that one is not used again soon after its
 * process has gone. One spinlock guards bitmap, hash and the links to processes and threads; it is
 * held for a few instructions and never while calling out.
 */
#include "proc/pid.h"

#include "abi/errno.h"
#include "core/spinlock.h"
#include "lib/bitmap.h"
#include "lib/hash.h"
#include "mm/slab.h"
#include "proc/proc.h"

#define PID_BUCKETS     256
#define PID_FIRST_AGAIN 300 /* where the circle begins after the first round, as in Linux */

/* Not in the struct, whose other members are initialised: the image would carry them. */
static uint64_t taken[BITMAP_WORDS(PID_MAX)]; /* [pids.lock] */
static struct list_head buckets[PID_BUCKETS]; /* [pids.lock] next NULL: empty, never used */

static struct {
	struct spinlock lock;
	uint32_t next; /* [lock] where the search begins */
	uint32_t last; /* [lock; read anywhere] given out last */
} pids = { .lock = SPINLOCK_INIT("pids", RANK_REFS), .next = 1 };

static struct slab_cache pid_cache = SLAB_CACHE("pid", struct pid);

static struct list_head *pid_bucket(uint32_t number)
{
	struct list_head *bucket = &buckets[hash_u64(number) % PID_BUCKETS];

	if (!bucket->next)
		list_init(bucket);
	return bucket;
}

/* A free number; 0: none. */
static uint32_t pid_take_number_locked(void)
{
	uint32_t number;

	spin_assert_held(&pids.lock);
	number = bitmap_find_clear(taken, PID_MAX, pids.next);
	if (number == PID_MAX)
		number = bitmap_find_clear(taken, PID_MAX, PID_FIRST_AGAIN);
	if (number == PID_MAX)
		return 0;
	bitmap_set(taken, number);
	WRITE_ONCE(pids.last, number);
	pids.next = number + 1 < PID_MAX ? number + 1 : PID_FIRST_AGAIN;
	return number;
}

uint32_t pid_last(void)
{
	return READ_ONCE(pids.last);
}

int pid_alloc(struct pid **result)
{
	struct pid *pid = slab_zalloc(&pid_cache);

	if (!pid)
		return -ENOMEM;
	pid->refs = 1;
	list_init(&pid->group);
	list_init(&pid->session);
	wait_queue_init(&pid->exit_wait);
	spin_lock(&pids.lock);
	pid->number = pid_take_number_locked();
	if (pid->number)
		list_add(&pid->link, pid_bucket(pid->number));
	spin_unlock(&pids.lock);
	if (!pid->number) {
		slab_free(&pid_cache, pid);
		return -EAGAIN;
	}
	*result = pid;
	return 0;
}

struct pid *pid_zero(void)
{
	static struct pid zero = {
		.refs = 1, /* its own: it is never freed */
		.link = LIST_INIT(zero.link),
		.group = LIST_INIT(zero.group),
		.session = LIST_INIT(zero.session),
		.exit_wait = WAIT_QUEUE_INIT(zero.exit_wait),
	};

	pid_get(&zero);
	return &zero;
}

void pid_get(struct pid *pid)
{
	__atomic_fetch_add(&pid->refs, 1, __ATOMIC_RELAXED);
}

/* The last reference is dropped under the lock: pid_find may be about to take one. */
void pid_put(struct pid *pid)
{
	bool last;

	spin_lock(&pids.lock);
	last = __atomic_sub_fetch(&pid->refs, 1, __ATOMIC_ACQ_REL) == 0;
	if (last) {
		list_del(&pid->link);
		bitmap_clear(taken, pid->number);
	}
	spin_unlock(&pids.lock);
	if (last)
		slab_free(&pid_cache, pid);
}

static struct pid *pid_find_locked(uint32_t number)
{
	struct pid *pid;

	list_for_each(pid, pid_bucket(number), link) {
		if (pid->number == number)
			return pid;
	}
	return NULL;
}

struct pid *pid_find(uint32_t number)
{
	struct pid *pid;

	spin_lock(&pids.lock);
	pid = pid_find_locked(number);
	if (pid)
		pid_get(pid);
	spin_unlock(&pids.lock);
	return pid;
}

void pid_set_proc(struct pid *pid, struct proc *proc)
{
	spin_lock(&pids.lock);
	pid->proc = proc;
	spin_unlock(&pids.lock);
}

void pid_set_thread(struct pid *pid, struct uthread *thread)
{
	spin_lock(&pids.lock);
	pid->thread = thread;
	spin_unlock(&pids.lock);
}

struct proc *pid_proc(uint32_t number)
{
	struct proc *proc = NULL;
	struct pid *pid;

	spin_lock(&pids.lock);
	pid = pid_find_locked(number);
	if (pid && pid->proc) {
		proc = pid->proc;
		proc_get(proc);
	}
	spin_unlock(&pids.lock);
	return proc;
}

struct proc *pid_get_proc(struct pid *pid)
{
	struct proc *proc;

	spin_lock(&pids.lock);
	proc = pid->proc;
	if (proc)
		proc_get(proc);
	spin_unlock(&pids.lock);
	return proc;
}

struct proc *pid_thread_proc(uint32_t number, struct uthread **thread)
{
	struct proc *proc = NULL;
	struct pid *pid;

	spin_lock(&pids.lock);
	pid = pid_find_locked(number);
	if (pid && pid->thread) {
		*thread = pid->thread;
		proc = pid->thread->proc;
		proc_get(proc);
	}
	spin_unlock(&pids.lock);
	return proc;
}

struct proc *pid_next_proc(uint32_t *number)
{
	struct proc *proc = NULL;

	while (!proc && *number < PID_MAX) {
		spin_lock(&pids.lock);
		*number = bitmap_find_set(taken, PID_MAX, *number);
		spin_unlock(&pids.lock);
		if (*number < PID_MAX)
			proc = pid_proc((*number)++);
	}
	return proc;
}

int pid_for_each_proc(int (*fn)(struct proc *proc, void *data), void *data)
{
	uint32_t number = 1;
	struct proc *proc;
	int result = 0;

	while (result == 0 && (proc = pid_next_proc(&number))) {
		result = fn(proc, data);
		proc_put(proc);
	}
	return result;
}
