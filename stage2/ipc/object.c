#include "ipc/object.h"

#include "abi/errno.h"
#include "core/clock.h"
#include "io/cred.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/slab.h"

/* Places are given out in turn, so that an identifier does not soon come back: among so many at
 * least, and half as many again as are in use. */
#define PLACES_MIN 64u

static struct slab_cache node_cache = SLAB_CACHE("ipc_node", struct page_tree_node);

static struct page_tree_node *node_alloc(void)
{
	return slab_alloc(&node_cache);
}

static void node_free(struct page_tree_node *node)
{
	slab_free(&node_cache, node);
}

const struct page_tree_ops ipc_tree_ops = { .node_alloc = node_alloc, .node_free = node_free };

/* ---- keys ----------------------------------------------------------------------------------- */

static const struct ipc_object *keyed(const struct rb_node *node)
{
	return rb_entry((struct rb_node *)node, struct ipc_object, by_key);
}

static bool key_less(const struct rb_node *a, const struct rb_node *b)
{
	return keyed(a)->perm.key < keyed(b)->perm.key;
}

const struct rb_ops ipc_key_ops = { .less = key_less };

static bool key_before(const struct rb_node *node, const void *key)
{
	return keyed(node)->perm.key < *(const int32_t *)key;
}

static struct ipc_object *find_key(const struct ipc_table *table, int32_t key)
{
	struct rb_node *node = rb_lower_bound(&table->keys, key_before, &key);

	if (!node || keyed(node)->perm.key != key)
		return NULL;
	return rb_entry(node, struct ipc_object, by_key);
}

/* Both locks are held. */
static void forget_key(struct ipc_table *table, struct ipc_object *object)
{
	if (object->perm.key == IPC_PRIVATE)
		return;
	rb_erase(&table->keys, &object->by_key);
	object->perm.key = IPC_PRIVATE;
}

/* ---- who may -------------------------------------------------------------------------------- */

uint32_t ipc_caller_pid(void)
{
	uint32_t pid;

	on_caller_wanted(&pid);
	return pid;
}

int64_t ipc_now_s(void)
{
	return clock_wall_ns() / (int64_t)NS_PER_SEC;
}

/* Bits of any of the three places are asked for, of all who may have them. */
bool ipc_permits(const struct ipc_object *object, uint32_t want)
{
	const struct ipc_perm *perm = &object->perm;
	const struct cred *cred = on_caller_wanted(NULL);
	uint32_t granted = perm->mode;

	want = want >> 6 | want >> 3 | want;
	if (cred->euid == perm->cuid || cred->euid == perm->uid)
		granted >>= 6;
	else if (cred_in_group(cred, perm->cgid) || cred_in_group(cred, perm->gid))
		granted >>= 3;
	return (want & ~granted & 07) == 0 || cred_may(cred, CAP_IPC_OWNER);
}

static bool is_owned(const struct ipc_object *object)
{
	const struct cred *cred = on_caller_wanted(NULL);

	return cred->euid == object->perm.cuid || cred->euid == object->perm.uid ||
	       cred_may(cred, CAP_SYS_ADMIN);
}

int ipc_set_perm(struct ipc_object *object, const struct ipc_perm *perm)
{
	if (perm->uid == UINT32_MAX || perm->gid == UINT32_MAX)
		return -EINVAL;
	object->perm.uid = perm->uid;
	object->perm.gid = perm->gid;
	object->perm.mode = (object->perm.mode & ~0777u) | (perm->mode & 0777);
	object->changed_s = ipc_now_s();
	return 0;
}

/* ---- looking up ----------------------------------------------------------------------------- */

static int find_id(const struct ipc_table *table, int32_t id, struct ipc_object **object)
{
	if (id < 0)
		return -EINVAL;
	*object = page_tree_get(&table->objects, (uint32_t)id % IPC_OBJECTS_MAX);
	if (!*object)
		return -EINVAL;
	return (*object)->id == id ? 0 : -EIDRM;
}

void ipc_object_get(struct ipc_object *object)
{
	__atomic_fetch_add(&object->refs, 1, __ATOMIC_RELAXED);
}

void ipc_object_put(struct ipc_object *object)
{
	if (__atomic_sub_fetch(&object->refs, 1, __ATOMIC_ACQ_REL) == 0)
		object->table->ops->free(object);
}

void ipc_unlock(struct ipc_object *object)
{
	mutex_unlock(&object->lock);
	ipc_object_put(object);
}

/* Found under the table's lock, which is let go: another object's owner does not wait for this one.
 */
static int lock_found(struct ipc_table *table, struct ipc_object *object)
{
	ipc_object_get(object);
	mutex_unlock(&table->lock);
	mutex_lock(&object->lock);
	if (!object->removed)
		return 0;
	ipc_unlock(object);
	return -EIDRM;
}

static int lock_id(struct ipc_table *table, int32_t id, struct ipc_object **object)
{
	int err;

	mutex_lock(&table->lock);
	err = find_id(table, id, object);
	if (!err)
		return lock_found(table, *object);
	mutex_unlock(&table->lock);
	return err;
}

static int lock_index(struct ipc_table *table, int32_t index, struct ipc_object **object)
{
	mutex_lock(&table->lock);
	*object = index < 0 ? NULL
	                    : page_tree_get(&table->objects, (uint32_t)index % IPC_OBJECTS_MAX);
	if (*object)
		return lock_found(table, *object);
	mutex_unlock(&table->lock);
	return -EINVAL;
}

int ipc_lock(struct ipc_table *table, int32_t id, uint32_t want, struct ipc_object **object)
{
	int err = lock_id(table, id, object);

	if (err || want == 0 || ipc_permits(*object, want))
		return err;
	ipc_unlock(*object);
	return -EACCES;
}

int ipc_lock_owned(struct ipc_table *table, int32_t id, struct ipc_object **object)
{
	int err = lock_id(table, id, object);

	if (err || is_owned(*object))
		return err;
	ipc_unlock(*object);
	return -EPERM;
}

int ipc_lock_stat(
	struct ipc_table *table, int32_t id, enum ipc_stat how, struct ipc_object **object)
{
	int err = how == IPC_STAT_ID ? lock_id(table, id, object) : lock_index(table, id, object);

	if (err || how == IPC_STAT_ANY || ipc_permits(*object, IPC_READ))
		return err;
	ipc_unlock(*object);
	return -EACCES;
}

bool ipc_lock_next(struct ipc_table *table, uint32_t *index, struct ipc_object **object)
{
	uint64_t at = *index;

	for (;; at++) {
		mutex_lock(&table->lock);
		*object = page_tree_next(&table->objects, PAGE_TREE_PRESENT, &at);
		if (!*object)
			break;
		if (lock_found(table, *object) == 0) {
			*index = (uint32_t)at;
			return true;
		}
	}
	mutex_unlock(&table->lock);
	return false;
}

int ipc_highest_locked(const struct ipc_table *table)
{
	uint64_t index = 0;
	int highest = 0;

	for (; page_tree_next(&table->objects, PAGE_TREE_PRESENT, &index); index++)
		highest = (int)index;
	return highest;
}

/* ---- making --------------------------------------------------------------------------------- */

void ipc_object_init(struct ipc_object *object, struct ipc_table *table)
{
	object->table = table;
	object->refs = 1;
	mutex_init(&object->lock, "ipc object", RANK_IPC_OBJECT);
}

/* Into a free place; there is one. */
static int place(struct ipc_table *table, struct ipc_object *object)
{
	uint32_t places = min(max(table->count * 3 / 2, PLACES_MIN), IPC_OBJECTS_MAX);
	uint32_t index = table->next;
	int err;

	if (index >= places)
		index = 0;
	while (page_tree_get(&table->objects, index))
		index = index + 1 < places ? index + 1 : 0;
	err = page_tree_insert(&table->objects, index, object);
	if (err)
		return err;
	if (index < table->next)
		table->seq = table->seq + 1 < UINT16_MAX ? table->seq + 1 : 0;
	table->next = index + 1;
	table->count++;
	object->perm.seq = table->seq;
	object->id = (int32_t)((uint32_t)table->seq << IPC_INDEX_BITS | index);
	return 0;
}

static int create(struct ipc_table *table, int32_t key, uint32_t flags, uint64_t size)
{
	const struct cred *cred = on_caller_wanted(NULL);
	struct ipc_object *object;
	int err = table->ops->create(size, flags, &object);

	if (err)
		return err;
	object->perm = (struct ipc_perm){
		.key = key,
		.uid = cred->euid,
		.gid = cred->egid,
		.cuid = cred->euid,
		.cgid = cred->egid,
		.mode = flags & 0777,
	};
	object->first_key = key;
	object->changed_s = ipc_now_s();
	err = table->count >= READ_ONCE(*table->limit) ? -ENOSPC : place(table, object);
	if (err) {
		mutex_lock(&object->lock);
		table->ops->remove(object);
		ipc_unlock(object);
		return err;
	}
	if (key != IPC_PRIVATE)
		rb_insert(&table->keys, &object->by_key);
	return object->id;
}

/* What has the key already. */
static int use(struct ipc_table *table, struct ipc_object *object, uint32_t flags, uint64_t size)
{
	int result = object->id;

	if ((flags & IPC_CREAT) && (flags & IPC_EXCL))
		return -EEXIST;
	mutex_lock(&object->lock);
	if (!table->ops->suits(object, size))
		result = -EINVAL;
	else if (!ipc_permits(object, flags & 0777))
		result = -EACCES;
	mutex_unlock(&object->lock);
	return result;
}

int ipc_get(struct ipc_table *table, int32_t key, uint32_t flags, uint64_t size)
{
	struct ipc_object *object;
	int result;

	mutex_lock(&table->lock);
	object = key == IPC_PRIVATE ? NULL : find_key(table, key);
	if (object)
		result = use(table, object, flags, size);
	else if (key == IPC_PRIVATE || (flags & IPC_CREAT))
		result = create(table, key, flags, size);
	else
		result = -ENOENT;
	mutex_unlock(&table->lock);
	return result;
}

/* ---- removing ------------------------------------------------------------------------------- */

/* Both locks are held, and a reference. */
static void remove_locked(struct ipc_table *table, struct ipc_object *object)
{
	forget_key(table, object);
	if (!table->ops->remove(object))
		return;
	page_tree_remove(&table->objects, (uint32_t)object->id % IPC_OBJECTS_MAX);
	table->count--;
	object->removed = true;
	ipc_object_put(object);
}

int ipc_remove(struct ipc_table *table, int32_t id)
{
	struct ipc_object *object;
	int err;

	mutex_lock(&table->lock);
	err = find_id(table, id, &object);
	if (err)
		goto unlock;
	ipc_object_get(object);
	mutex_lock(&object->lock);
	if (is_owned(object))
		remove_locked(table, object);
	else
		err = -EPERM;
	mutex_unlock(&object->lock);
	mutex_unlock(&table->lock);
	ipc_object_put(object); /* there may be much to free: without locks */
	return err;

unlock:
	mutex_unlock(&table->lock);
	return err;
}

void ipc_retire(struct ipc_object *object)
{
	struct ipc_table *table = object->table;

	mutex_lock(&table->lock);
	mutex_lock(&object->lock);
	if (!object->removed)
		remove_locked(table, object);
	mutex_unlock(&object->lock);
	mutex_unlock(&table->lock);
}

/* ---- sleep ---------------------------------------------------------------------------------- */

/* Who wakes holds the object's lock until it has done with the sleeper, who takes it last. */
int ipc_sleep(struct ipc_object *object, struct ipc_sleeper *sleeper, struct list_head *list,
	uint64_t deadline_ns)
{
	int err;

	sleeper->result = IPC_ASLEEP;
	wait_queue_init(&sleeper->queue);
	list_add_tail(&sleeper->link, list);
	mutex_unlock(&object->lock);
	err = wait_event(&sleeper->queue, WAIT_INTERRUPTIBLE, deadline_ns,
		READ_ONCE(sleeper->result) != IPC_ASLEEP);
	mutex_lock(&object->lock);
	if (sleeper->result != IPC_ASLEEP)
		return sleeper->result;
	list_del(&sleeper->link);
	return err;
}

void ipc_wake(struct ipc_sleeper *sleeper, int result)
{
	list_del(&sleeper->link);
	WRITE_ONCE(sleeper->result, result);
	wait_wake_all(&sleeper->queue, 0);
}
