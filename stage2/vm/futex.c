/*
 * Futexes.
 *
 * Main idea: enter the queue first, look at the word second. Whoever changes the word wakes after
 * the change; so a sleeper that read the old value is already in the queue when the wake-up comes,
 * and the word, which may have to be brought in from disk, is read without any lock. A sleeper that
 * was woken between the two has been woken, whatever it then reads.
 *
 * Waiters are on the sleepers' stacks, in buckets by the hash of their key. A waiter leaves its
 * bucket under the bucket's lock, its own or the waker's doing; it goes on only after it has taken
 * that lock once more, so a waker never touches one that has gone.
 *
 * Not here: priority inheritance and robust lists.
 */
#include "vm/futex.h"

#include "abi/errno.h"
#include "abi/mman.h"
#include "lib/assert.h"
#include "lib/hash.h"
#include "lib/list.h"
#include "sched/thread.h"
#include "sched/wait.h"
#include "vm/aspace.h"
#include "vm/uaccess.h"

#define BUCKETS 256

struct futex_key {
	const void *object;  /* struct aspace, or struct pager */
	uint64_t offset;     /* the address, or the byte in the object */
	struct pager *pager; /* reference held; NULL: the object is the address space */
};

struct futex_waiter {
	struct list_head link; /* [bucket lock]; not linked: woken */
	struct futex_key key;  /* [bucket lock] */
	struct thread *thread; /* [I] */
	uint32_t bitset;       /* [I] */
};

struct futex_bucket {
	struct spinlock lock;
	struct list_head waiters; /* [lock] made on first use */
};

static struct {
	struct futex_bucket bucket[BUCKETS];
} futexes = {
	.bucket = { [0 ... BUCKETS - 1] = { .lock = SPINLOCK_INIT("futex", RANK_FUTEX) } },
};

/* ---- keys
 * ---------------------------------------------------------------------------------------- */

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

static int key_get(uptr_t address, bool is_private, struct futex_key *key)
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

/* The bucket of a key, locked. */
static struct futex_bucket *bucket_lock(const struct futex_key *key)
{
	uint64_t hash = hash_u64((uint64_t)key->object + key->offset);
	struct futex_bucket *bucket = &futexes.bucket[hash % BUCKETS];

	spin_lock(&bucket->lock);
	if (!bucket->waiters.next)
		list_init(&bucket->waiters);
	return bucket;
}

/* ---- waiting and waking
 * -------------------------------------------------------------------------- */

static void waiter_enter(struct futex_waiter *waiter)
{
	struct futex_bucket *bucket = bucket_lock(&waiter->key);

	list_add_tail(&waiter->link, &bucket->waiters);
	spin_unlock(&bucket->lock);
}

/* True if it had been woken. */
static bool waiter_leave(struct futex_waiter *waiter)
{
	struct futex_bucket *bucket = bucket_lock(&waiter->key);
	bool woken = !list_is_linked(&waiter->link);

	list_del(&waiter->link);
	spin_unlock(&bucket->lock);
	return woken;
}

static bool waiter_woken(const struct futex_waiter *waiter)
{
	return READ_ONCE(waiter->link.next) == &waiter->link;
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
	struct futex_waiter waiter = { .thread = thread_current(), .bitset = bitset };
	int err;

	if (bitset == 0)
		return -EINVAL;
	err = key_get(address, is_private, &waiter.key);
	if (err < 0)
		return err;
	waiter_enter(&waiter);
	err = check_word(address, expected);
	while (err == 0 && !waiter_woken(&waiter))
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
		thread_wake(waiter->thread);
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
