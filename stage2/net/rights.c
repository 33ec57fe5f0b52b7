/*
 * Descriptors in messages, and whose account they are on: somebody who sends descriptors and lets
 * nobody receive them would keep files open beyond all limits.
 */
#include "net/rights.h"

#include "abi/errno.h"
#include "core/spinlock.h"
#include "lib/assert.h"
#include "mm/slab.h"
#include "net/unix/garbage.h"

struct account {
	struct list_head link;
	uint32_t uid;   /* [I] */
	uint64_t count; /* [accounts.lock] descriptors in flight, more than 0 */
};

static struct {
	struct spinlock lock; /* RANK_REFS */
	struct list_head all; /* [lock] struct account.link: few have any */
} accounts = {
	.lock = SPINLOCK_INIT("rights", RANK_REFS),
	.all = LIST_INIT(accounts.all),
};

static struct slab_cache account_cache = SLAB_CACHE("rights-account", struct account);

struct socket_rights *rights_create(uint32_t room)
{
	struct socket_rights *rights = kzalloc(sizeof(*rights) + room * sizeof(rights->files[0]));

	if (rights)
		list_init(&rights->link);
	return rights;
}

struct socket_rights *rights_copy(const struct socket_rights *rights)
{
	struct socket_rights *copy = rights_create(rights->count);

	if (!copy)
		return NULL;
	for (uint32_t i = 0; i < rights->count; i++) {
		copy->files[i] = rights->files[i];
		file_get(copy->files[i]);
	}
	copy->count = rights->count;
	return copy;
}

void rights_destroy(struct socket_rights *rights)
{
	if (!rights)
		return;
	assert(!rights->in_flight);
	for (uint32_t i = 0; i < rights->count; i++)
		file_put(rights->files[i]);
	kfree(rights);
}

/* ---- accounts -------------------------------------------------------------------------------- */

static struct account *account_find_locked(uint32_t uid)
{
	struct account *account;

	spin_assert_held(&accounts.lock);
	list_for_each(account, &accounts.all, link)
		if (account->uid == uid)
			return account;
	return NULL;
}

static struct account *account_create_locked(uint32_t uid)
{
	struct account *account = slab_alloc(&account_cache);

	if (!account)
		return NULL;
	account->uid = uid;
	account->count = 0;
	list_add(&account->link, &accounts.all);
	return account;
}

static int account_add(const struct socket_rights *rights)
{
	struct account *account;
	int err = 0;

	spin_lock(&accounts.lock);
	account = account_find_locked(rights->uid);
	if (account && account->count > rights->limit)
		err = -ETOOMANYREFS;
	if (!account)
		account = account_create_locked(rights->uid);
	if (!account)
		err = -ENOMEM;
	if (!err)
		account->count += rights->count;
	spin_unlock(&accounts.lock);
	return err;
}

static void account_subtract(const struct socket_rights *rights)
{
	struct account *account;

	spin_lock(&accounts.lock);
	account = account_find_locked(rights->uid);
	account->count -= rights->count;
	if (account->count == 0) {
		list_del(&account->link);
		slab_free(&account_cache, account);
	}
	spin_unlock(&accounts.lock);
}

/* ---- in flight ------------------------------------------------------------------------------- */

int rights_take_off(struct socket_rights *rights)
{
	int err = account_add(rights);

	if (err)
		return err;
	rights->in_flight = true;
	for (uint32_t i = 0; i < rights->count; i++) {
		struct unix_socket *socket = unix_of_file(rights->files[i]);

		if (socket)
			garbage_take_off(socket);
	}
	return 0;
}

void rights_land(struct socket_rights *rights)
{
	assert(rights->in_flight);
	rights->in_flight = false;
	for (uint32_t i = 0; i < rights->count; i++) {
		struct unix_socket *socket = unix_of_file(rights->files[i]);

		if (socket)
			garbage_land(socket);
	}
	account_subtract(rights);
}

void rights_peeked(const struct socket_rights *rights)
{
	for (uint32_t i = 0; i < rights->count; i++) {
		if (unix_of_file(rights->files[i])) {
			garbage_wait();
			return;
		}
	}
}
