/*
 * Advisory locks.
 *
 * The main idea: one list of all locks there are, under one mutex, in order of their first byte.
 * Locks are few and short-lived; a file that nobody locks costs one load when it is closed. Whoever
 * waits for a lock waits for any change of the list and tries again.
 *
 * Two processes that wait for each other are noticed: a waiter notes whom it waits for, and who
 * would close the circle gets -EDEADLK. What an open file owns is nobody's in particular: anybody
 * may give it up, and nothing is noticed.
 */
#include "io/lock.h"

#include "abi/errno.h"
#include "lib/assert.h"
#include "lib/list.h"
#include "mm/slab.h"
#include "sched/wait.h"

#define DEADLOCK_STEPS 64 /* longer chains of waiters are not followed */

struct lock {
	struct list_head link;
	const struct vnode *vnode;
	const void *owner; /* struct fdtable (a record of a process), or struct file */
	bool whole;        /* flock */
	struct lock_range range;
};

struct lock_waiter {
	struct list_head link;
	const void *owner, *blocker;
};

static struct {
	struct mutex lock;        /* RANK_FS_DEVICE */
	struct list_head all;     /* [lock] struct lock.link */
	struct list_head waiters; /* [lock] struct lock_waiter.link */
	uint32_t count;           /* [lock; read without] entries of all */
	uint32_t changes;         /* [lock; read without] */
	struct wait_queue changed;
} locks = {
	.lock = MUTEX_INIT(locks.lock, "file locks", RANK_FS_DEVICE),
	.all = LIST_INIT(locks.all),
	.waiters = LIST_INIT(locks.waiters),
	.changed = WAIT_QUEUE_INIT(locks.changed),
};

static struct slab_cache lock_cache = SLAB_CACHE("file_lock", struct lock);

/* What somebody wants: a lock that is not in the list. */
static struct lock lock_wanted(
	const struct file *file, const void *owner, bool whole, const struct lock_range *range)
{
	return (struct lock){
		.vnode = file->vnode, .owner = owner, .whole = whole, .range = *range
	};
}

static bool lock_same_file(const struct lock *a, const struct lock *b)
{
	return a->vnode == b->vnode && a->whole == b->whole;
}

static bool lock_overlaps(const struct lock *a, const struct lock *b)
{
	return a->range.first <= b->range.last && b->range.first <= a->range.last;
}

/* The first lock of another owner in the way; NULL: none. */
static struct lock *lock_conflict_locked(const struct lock *wanted)
{
	struct lock *lock;

	list_for_each(lock, &locks.all, link) {
		if (lock_same_file(lock, wanted) && lock->owner != wanted->owner &&
			lock_overlaps(lock, wanted) &&
			(lock->range.type == LOCK_EXCLUSIVE ||
				wanted->range.type == LOCK_EXCLUSIVE))
			return lock;
	}
	return NULL;
}

static void lock_insert_locked(struct lock *lock)
{
	struct lock *after;

	list_for_each(after, &locks.all, link) {
		if (after->range.first > lock->range.first)
			break;
	}
	list_add_tail(&lock->link, &after->link);
	locks.count++;
}

static void lock_remove_locked(struct lock *lock)
{
	list_del(&lock->link);
	locks.count--;
	slab_free(&lock_cache, lock);
}

/* Takes [first, last] out of one lock of the owner's; *spare becomes the part behind, if there is
 * one on both sides. */
static void lock_cut_locked(struct lock *lock, const struct lock_range *range, struct lock **spare)
{
	struct lock_range old = lock->range;

	if (old.first < range->first && old.last > range->last) {
		struct lock *tail = *spare;

		assert(tail); /* own locks do not overlap: only one reaches over both ends */
		*spare = NULL;
		*tail = *lock;
		tail->range.first = range->last + 1;
		lock->range.last = range->first - 1;
		lock_insert_locked(tail);
	} else if (old.first < range->first) {
		lock->range.last = range->first - 1;
	} else if (old.last > range->last) {
		list_del(&lock->link);
		locks.count--;
		lock->range.first = range->last + 1;
		lock_insert_locked(lock);
	} else {
		lock_remove_locked(lock);
	}
}

/* Own locks of the same type that touch the wanted one become part of it. */
static bool lock_joins(const struct lock *lock, const struct lock *wanted)
{
	return lock->range.type == wanted->range.type &&
	       (lock_overlaps(lock, wanted) || lock->range.last + 1 == wanted->range.first ||
		       wanted->range.last + 1 == lock->range.first);
}

/* Nothing is in the way: make the owner's locks what it wants. Uses up new[]: what is left in it is
 * the caller's to free. */
static void lock_apply_locked(struct lock *wanted, struct lock *new[2])
{
	struct lock *lock, *next;

	list_for_each_safe(lock, next, &locks.all, link) {
		if (!lock_same_file(lock, wanted) || lock->owner != wanted->owner)
			continue;
		if (lock_joins(lock, wanted)) {
			wanted->range.first = min(wanted->range.first, lock->range.first);
			wanted->range.last = max(wanted->range.last, lock->range.last);
			lock_remove_locked(lock);
		} else if (lock_overlaps(lock, wanted)) {
			lock_cut_locked(lock, &wanted->range, &new[1]);
		}
	}
	if (wanted->range.type != LOCK_NONE) {
		*new[0] = *wanted;
		lock_insert_locked(new[0]);
		new[0] = NULL;
	}
	WRITE_ONCE(locks.changes, locks.changes + 1);
}

/* Would `owner` waiting for `blocker` close a circle? */
static bool lock_deadlock_locked(const void *owner, const void *blocker)
{
	for (int step = 0; step < DEADLOCK_STEPS; step++) {
		struct lock_waiter *waiter;
		const void *next = NULL;

		if (blocker == owner)
			return true;
		list_for_each(waiter, &locks.waiters, link) {
			if (waiter->owner == blocker)
				next = waiter->blocker;
		}
		if (!next)
			return false;
		blocker = next;
	}
	return false;
}

/* Waits for a change; leaves the mutex for that. watch: not where that would never end. */
static int lock_wait_locked(const struct lock *wanted, const struct lock *conflict, bool watch)
{
	struct lock_waiter waiter = { .owner = wanted->owner, .blocker = conflict->owner };
	uint32_t seen = locks.changes;
	int err;

	if (watch && lock_deadlock_locked(waiter.owner, waiter.blocker))
		return -EDEADLK;
	list_add_tail(&waiter.link, &locks.waiters);
	mutex_unlock(&locks.lock);
	err = wait_event(
		&locks.changed, WAIT_INTERRUPTIBLE, WAIT_FOREVER, READ_ONCE(locks.changes) != seen);
	mutex_lock(&locks.lock);
	list_del(&waiter.link);
	return err;
}

/* flock(2): another type is not a change but a new lock, for which the old one is given up first;
 * two who wait for each other's would wait for ever. */
static void lock_drop_old_locked(const struct lock *wanted)
{
	struct lock *lock, *next;

	list_for_each_safe(lock, next, &locks.all, link) {
		if (lock_same_file(lock, wanted) && lock->owner == wanted->owner &&
			lock->range.type != wanted->range.type) {
			lock_remove_locked(lock);
			WRITE_ONCE(locks.changes, locks.changes + 1);
			wait_wake_all(&locks.changed, 0);
		}
	}
}

static int lock_set_locked(struct lock *wanted, struct lock *new[2], bool wait, bool watch)
{
	struct lock *conflict;
	int err;

	if (wanted->whole)
		lock_drop_old_locked(wanted);
	while (wanted->range.type != LOCK_NONE && (conflict = lock_conflict_locked(wanted))) {
		err = wait ? lock_wait_locked(wanted, conflict, watch) : -EAGAIN;
		if (err)
			return err;
	}
	lock_apply_locked(wanted, new);
	return 0;
}

/* Memory first: one for the new lock, one for what is left behind a hole. */
static int lock_set(struct lock *wanted, bool wait, bool watch)
{
	struct lock *new[2] = { slab_alloc(&lock_cache), slab_alloc(&lock_cache) };
	int err = -ENOLCK;

	if (new[0] && new[1]) {
		mutex_lock(&locks.lock);
		err = lock_set_locked(wanted, new, wait, watch);
		mutex_unlock(&locks.lock);
		if (err == 0)
			wait_wake_all(&locks.changed, 0);
	}
	for (int i = 0; i < 2; i++) {
		if (new[i])
			slab_free(&lock_cache, new[i]);
	}
	return err;
}

int lock_set_record(struct file *file, const void *owner, const struct lock_range *range, bool wait)
{
	struct lock wanted = lock_wanted(file, owner, false, range);

	return file->vnode ? lock_set(&wanted, wait, owner != file) : -EINVAL;
}

int lock_set_whole(struct file *file, enum lock_type type, bool wait)
{
	struct lock_range range = { .type = type, .last = INT64_MAX };
	struct lock wanted = lock_wanted(file, file, true, &range);

	return file->vnode ? lock_set(&wanted, wait, false) : -EINVAL;
}

void lock_test_record(struct file *file, const void *owner, struct lock_range *range)
{
	struct lock wanted = lock_wanted(file, owner, false, range);
	struct lock *conflict;

	mutex_lock(&locks.lock);
	conflict = lock_conflict_locked(&wanted);
	if (conflict)
		*range = conflict->range;
	else
		range->type = LOCK_NONE;
	mutex_unlock(&locks.lock);
}

static void lock_release(const struct file *file, const void *owner)
{
	struct lock *lock, *next;
	bool any = false;

	if (READ_ONCE(locks.count) == 0)
		return;
	mutex_lock(&locks.lock);
	list_for_each_safe(lock, next, &locks.all, link) {
		if (lock->vnode != file->vnode || lock->owner != owner)
			continue;
		lock_remove_locked(lock);
		any = true;
	}
	if (any)
		WRITE_ONCE(locks.changes, locks.changes + 1);
	mutex_unlock(&locks.lock);
	if (any)
		wait_wake_all(&locks.changed, 0);
}

void lock_release_records(struct file *file, struct fdtable *owner)
{
	lock_release(file, owner);
}

void lock_release_own(struct file *file)
{
	lock_release(file, file);
}
