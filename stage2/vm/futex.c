/*
 * Futexes.
 *
 * Main idea: enter the queue first, look at the word second. Whoever changes the word wakes after
 * the change; so a sleeper that read the old value is already in the queue when the wake-up comes,
 * and the word, which may have to be brought in from disk, is read without any lock. A sleeper that
 * was woken between the two has been woken, whatever it then reads.
 *
 * Waiters are on the sleepers' stacks, in buckets by the hash of their key. A waiter leaves its
 * bucket under the bucket's lock, its own or the waker's doing; it goes on only after the waker has
 * let go of it, or after it has taken that lock once more, so a waker never touches one that has
 * gone.
 *
 * A requeue moves a waiter from one bucket to another without holding both locks: in between the
 * waiter is in none, and whoever wants to leave waits those few instructions.
 *
 * Not here: priority inheritance and robust lists.
 */
#include "vm/futex.h"

#include "abi/errno.h"
#include "abi/futex.h"
#include "abi/mman.h"
#include "lib/assert.h"
#include "lib/list.h"
#include "sched/thread.h"
#include "sched/wait.h"
#include "vm/aspace.h"
#include "vm/uaccess.h"

#define BUCKET_BITS     8
#define BUCKETS         (1u << BUCKET_BITS)
#define GOLDEN_RATIO_64 0x9e3779b97f4a7c15ull

struct futex_key {
	const void *object;  /* struct aspace, or struct pager */
	uint64_t offset;     /* the address, or the byte in the object */
	struct pager *pager; /* reference held; NULL: the object is the address space */
};

struct futex_bucket {
	struct spinlock lock;
	struct list_head waiters; /* [lock] made on first use */
};

struct futex_waiter {
	struct list_head link;       /* [bucket lock] */
	struct futex_bucket *bucket; /* [a] where it is, or was woken; NULL: between two */
	struct futex_key key;        /* [bucket lock] */
	struct thread *thread;       /* [I] */
	uint32_t bitset;             /* [I] */
	bool woken;                  /* [bucket lock; read without] */
	bool let_go;                 /* [a] the last that is done to it by who wakes it */
};

static struct {
	struct futex_bucket bucket[BUCKETS];
} futexes = {
	.bucket = { [0 ... BUCKETS - 1] = { .lock = SPINLOCK_INIT("futex", RANK_FUTEX) } },
};

/* ---- keys -------------------------------------------------------------------------------- */

static bool key_equal(const struct futex_key *a, const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

/* The object behind a shared mapping, if there is one at the address. */
static int key_find_shared(struct aspace *aspace, uptr_t address, struct futex_key *key)
{
	struct vm_area *area;
	int err = 0;

	mutex_lock(&aspace->lock);
	area = areas_at(&aspace->areas, address);
	if (!area) {
		err = -EFAULT;
	} else if (area->flags & MAP_SHARED) {
		key->pager = area->pager;
		key->pager->ops->get(key->pager);
		key->object = key->pager;
		key->offset = (area->pager_index << PAGE_SHIFT) + (address - area->start);
	}
	mutex_unlock(&aspace->lock);
	return err;
}

static inline int key_get(uptr_t address, bool is_private, struct futex_key *key)
{
	struct aspace *aspace = thread_current()->aspace;

	if (!IS_ALIGNED(address, sizeof(uint32_t)))
		return -EINVAL;
	if (!user_range_ok(address, sizeof(uint32_t)))
		return -EFAULT;
	*key = (struct futex_key){ .object = aspace, .offset = address };
	return is_private ? 0 : key_find_shared(aspace, address, key);
}

static void key_put(struct futex_key *key)
{
	if (key->pager)
		key->pager->ops->put(key->pager);
}

/* The bucket of a key, locked. The top bits of the product hang on all of the sum's. */
static inline struct futex_bucket *bucket_lock(const struct futex_key *key)
{
	uint64_t hash = ((uint64_t)key->object + key->offset) * GOLDEN_RATIO_64;
	struct futex_bucket *bucket = &futexes.bucket[hash >> (64 - BUCKET_BITS)];

	spin_lock(&bucket->lock);
	if (!bucket->waiters.next)
		list_init(&bucket->waiters);
	return bucket;
}

/* ---- waiting and waking ------------------------------------------------------------------ */

static void waiter_enter(struct futex_waiter *waiter)
{
	struct futex_bucket *bucket = bucket_lock(&waiter->key);

	list_add_tail(&waiter->link, &bucket->waiters);
	__atomic_store_n(&waiter->bucket, bucket, __ATOMIC_RELEASE);
	spin_unlock(&bucket->lock);
}

/* The waiter's bucket, locked: it stays there. */
static struct futex_bucket *waiter_lock(struct futex_waiter *waiter)
{
	struct futex_bucket *bucket;

	for (;;) {
		bucket = __atomic_load_n(&waiter->bucket, __ATOMIC_ACQUIRE);
		if (!bucket) {
			cpu_relax();
			continue;
		}
		spin_lock(&bucket->lock);
		if (__atomic_load_n(&waiter->bucket, __ATOMIC_RELAXED) == bucket)
			return bucket;
		spin_unlock(&bucket->lock);
	}
}

/* True if it had been woken. */
static bool waiter_leave(struct futex_waiter *waiter)
{
	struct futex_bucket *bucket;
	bool woken;

	if (__atomic_load_n(&waiter->let_go, __ATOMIC_ACQUIRE))
		return true;
	bucket = waiter_lock(waiter);
	woken = waiter->woken;

	list_del(&waiter->link);
	spin_unlock(&bucket->lock);
	return woken;
}

static int check_word(uptr_t address, uint32_t expected)
{
	uint32_t value;

	if (get_user(&value, address) < 0)
		return -EFAULT;
	return value == expected ? 0 : -EAGAIN;
}

int futex_wait(
	uptr_t address, bool is_private, uint32_t expected, uint32_t bitset, uint64_t deadline_ns)
{
	struct futex_waiter waiter;
	int err;

	if (bitset == 0)
		return -EINVAL;
	err = key_get(address, is_private, &waiter.key);
	if (err < 0)
		return err;
	waiter.thread = thread_current();
	waiter.bitset = bitset;
	waiter.woken = waiter.let_go = false;
	waiter_enter(&waiter);
	err = check_word(address, expected);
	while (err == 0 && !READ_ONCE(waiter.woken))
		err = wait_sleep(WAIT_INTERRUPTIBLE, deadline_ns);
	if (waiter_leave(&waiter))
		err = 0;
	key_put(&waiter.key);
	return err;
}

static int wake_locked(
	struct futex_bucket *bucket, const struct futex_key *key, int count, uint32_t bitset)
{
	struct futex_waiter *waiter, *following;
	int woken = 0;

	list_for_each_safe(waiter, following, &bucket->waiters, link) {
		if (!key_equal(&waiter->key, key) || !(waiter->bitset & bitset))
			continue;
		list_del(&waiter->link);
		WRITE_ONCE(waiter->woken, true);
		thread_wake(waiter->thread);
		__atomic_store_n(&waiter->let_go, true, __ATOMIC_RELEASE);
		if (++woken >= count)
			break;
	}
	return woken;
}

int futex_wake(uptr_t address, bool is_private, int count, uint32_t bitset)
{
	struct futex_bucket *bucket;
	struct futex_key key;
	int err, woken;

	if (bitset == 0)
		return -EINVAL;
	err = key_get(address, is_private, &key);
	if (err < 0)
		return err;
	bucket = bucket_lock(&key);
	woken = wake_locked(bucket, &key, count, bitset);
	spin_unlock(&bucket->lock);
	key_put(&key);
	return woken;
}

/* ---- requeuing --------------------------------------------------------------------------- */

/* Take the first waiter of a key out of its bucket; it is in none then. NULL: there is none. */
static struct futex_waiter *waiter_take(const struct futex_key *key)
{
	struct futex_bucket *bucket = bucket_lock(key);
	struct futex_waiter *waiter, *found = NULL;

	list_for_each(waiter, &bucket->waiters, link) {
		if (key_equal(&waiter->key, key)) {
			found = waiter;
			break;
		}
	}
	if (found) {
		list_del(&found->link);
		__atomic_store_n(&found->bucket, NULL, __ATOMIC_RELEASE);
	}
	spin_unlock(&bucket->lock);
	return found;
}

/* Move the first waiter of one key behind those of another. False: there is none. */
static bool requeue_one(const struct futex_key *from, const struct futex_key *to)
{
	struct futex_waiter *waiter;
	struct futex_key old = { 0 };

	preempt_disable();
	waiter = waiter_take(from);
	if (waiter) {
		old = waiter->key;
		waiter->key = *to;
		if (to->pager)
			to->pager->ops->get(to->pager);
		waiter_enter(waiter);
	}
	preempt_enable();
	key_put(&old);
	return waiter;
}

/* Wake, then move. Moving to where they are already would never end. */
static int requeue_keys(
	const struct futex_key *from, const struct futex_key *to, int wake, int move)
{
	struct futex_bucket *bucket;
	int done = 0, moved = 0;

	if (wake > 0) {
		bucket = bucket_lock(from);
		done = wake_locked(bucket, from, wake, FUTEX_BITSET_MATCH_ANY);
		spin_unlock(&bucket->lock);
	}
	while (!key_equal(from, to) && moved < move && requeue_one(from, to))
		moved++;
	return done + moved;
}

int futex_requeue(
	uptr_t address, uptr_t to, bool is_private, int wake, int move, const uint32_t *expected)
{
	struct futex_key from_key, to_key;
	int result;

	if (wake < 0 || move < 0)
		return -EINVAL;
	result = key_get(address, is_private, &from_key);
	if (result < 0)
		return result;
	result = key_get(to, is_private, &to_key);
	if (result < 0)
		goto put_from;
	if (expected)
		result = check_word(address, *expected);
	if (result == 0)
		result = requeue_keys(&from_key, &to_key, wake, move);
	key_put(&to_key);
put_from:
	key_put(&from_key);
	return result;
}
