/*
 * Users that have anything that is counted, in a small table. Its lock is taken under a process's,
 * which timers take, so always with interrupts off.
 */
#include "io/user.h"

#include "abi/errno.h"
#include "core/spinlock.h"
#include "lib/assert.h"
#include "lib/hash.h"
#include "lib/list.h"
#include "mm/slab.h"

#define BUCKETS 64 /* a power of two */

struct user {
	struct user *next;
	uint32_t uid;
	uint32_t counts[USER_THINGS];
	uint32_t sum; /* of all of them */
};

static struct {
	struct spinlock lock; /* RANK_REFS */
	struct user *buckets[BUCKETS];
} users = { .lock = SPINLOCK_INIT("users", RANK_REFS) };

static struct slab_cache user_cache = SLAB_CACHE("user", struct user);

/* The link that points at the user's record, or at NULL where it would be. */
static struct user **user_link_locked(uint32_t uid)
{
	struct user **link = &users.buckets[hash_u64(uid) & (BUCKETS - 1)];

	while (*link && (*link)->uid != uid)
		link = &(*link)->next;
	return link;
}

static int user_create(struct user **link, uint32_t uid)
{
	struct user *user = slab_alloc(&user_cache);

	if (!user)
		return -ENOMEM;
	*user = (struct user){ .uid = uid };
	*link = user;
	return 0;
}

static bool is_counted(enum user_thing thing, uint32_t uid)
{
	return thing != USER_THREADS || uid != 0;
}

int user_charge(enum user_thing thing, uint32_t uid, uint32_t count, uint64_t limit)
{
	struct user **link;
	int err = 0;

	if (!is_counted(thing, uid))
		return 0;
	uint64_t flags = spin_lock_irqsave(&users.lock);
	link = user_link_locked(uid);
	if ((uint64_t)(*link ? (*link)->counts[thing] : 0) + count > limit)
		err = -EAGAIN;
	else if (!*link)
		err = user_create(link, uid);
	if (!err) {
		(*link)->counts[thing] += count;
		(*link)->sum += count;
	}
	spin_unlock_irqrestore(&users.lock, flags);
	return err;
}

void user_uncharge(enum user_thing thing, uint32_t uid, uint32_t count)
{
	struct user **link, *user;

	if (!is_counted(thing, uid))
		return;
	uint64_t flags = spin_lock_irqsave(&users.lock);
	link = user_link_locked(uid);
	user = *link;
	assert(user && user->counts[thing] >= count);
	user->counts[thing] -= count;
	user->sum -= count;
	if (user->sum == 0) {
		*link = user->next;
		slab_free(&user_cache, user);
	}
	spin_unlock_irqrestore(&users.lock, flags);
}

uint64_t user_count(enum user_thing thing, uint32_t uid)
{
	uint64_t count = 0;

	if (!is_counted(thing, uid))
		return 0;
	uint64_t flags = spin_lock_irqsave(&users.lock);
	const struct user *user = *user_link_locked(uid);

	if (user)
		count = user->counts[thing];
	spin_unlock_irqrestore(&users.lock, flags);
	return count;
}
