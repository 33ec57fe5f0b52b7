/*
 * What is taken back of semaphores when threads end.
 *
 * An adjustment is in two lists, its set's and its owner's, and is taken out of both under the
 * set's lock and, within, the owner's. So who has found it in the owner's list under the owner's
 * lock has found a set that is still there; and who then has the set's lock looks again whether
 * the adjustment is.
 */
#include "abi/errno.h"
#include "ipc/sem_set.h"
#include "lib/string.h"
#include "mm/slab.h"

struct sem_undos {
	uint32_t refs;         /* [a] threads */
	struct spinlock lock;  /* RANK_REFS */
	struct list_head list; /* [lock] struct sem_undo.of_owner */
};

static struct slab_cache undos_cache = SLAB_CACHE("sem_undos", struct sem_undos);

static int undos_create(struct sem_undos **undos)
{
	struct sem_undos *made = slab_alloc(&undos_cache);

	if (!made)
		return -ENOMEM;
	made->refs = 1;
	spin_init(&made->lock, "sem undos", RANK_REFS);
	list_init(&made->list);
	*undos = made;
	return 0;
}

int sem_undos_share(struct sem_undos **undos)
{
	int err = *undos ? 0 : undos_create(undos);

	if (!err)
		__atomic_fetch_add(&(*undos)->refs, 1, __ATOMIC_RELAXED);
	return err;
}

static struct sem_undo *find(struct sem_undos *undos, const struct sem_set *set)
{
	struct sem_undo *undo, *found = NULL;

	spin_lock(&undos->lock);
	list_for_each(undo, &undos->list, of_owner) {
		if (undo->set == set) {
			found = undo;
			break;
		}
	}
	spin_unlock(&undos->lock);
	return found;
}

static int undo_create(struct sem_undos *owner, struct sem_set *set, struct sem_undo **undo)
{
	struct sem_undo *made = kzalloc(sizeof(*made) + set->count * sizeof(made->by[0]));

	if (!made)
		return -ENOMEM;
	made->set = set;
	made->owner = owner;
	list_add(&made->of_set, &set->undos);
	spin_lock(&owner->lock);
	list_add(&made->of_owner, &owner->list);
	spin_unlock(&owner->lock);
	*undo = made;
	return 0;
}

int sem_undo_get(struct sem_set *set, struct sem_undos **undos, struct sem_undo **undo)
{
	int err = *undos ? 0 : undos_create(undos);

	if (err)
		return err;
	*undo = find(*undos, set);
	return *undo ? 0 : undo_create(*undos, set, undo);
}

static void undo_free(struct sem_undo *undo)
{
	struct sem_undos *owner = undo->owner;

	list_del(&undo->of_set);
	spin_lock(&owner->lock);
	list_del(&undo->of_owner);
	spin_unlock(&owner->lock);
	kfree(undo);
}

void sem_undos_forget(struct sem_set *set)
{
	struct sem_undo *undo, *next;

	list_for_each_safe(undo, next, &set->undos, of_set)
		undo_free(undo);
}

void sem_undos_clear(struct sem_set *set, uint32_t first, uint32_t count)
{
	struct sem_undo *undo;

	list_for_each(undo, &set->undos, of_set)
		memset(&undo->by[first], 0, count * sizeof(undo->by[0]));
}

/* ---- the end -------------------------------------------------------------------------------- */

static void adjust(struct sem_set *set, const struct sem_undo *undo)
{
	uint32_t pid = ipc_caller_pid();

	for (uint32_t i = 0; i < set->count; i++) {
		if (undo->by[i] == 0)
			continue;
		set->sems[i].value = min(max(set->sems[i].value + undo->by[i], 0), SEMVMX);
		set->sems[i].last_pid = pid;
	}
	set->operated_s = ipc_now_s();
	sem_changed(set);
}

/* A set of which something is to be taken back, with a reference; NULL: none. */
static struct sem_set *first_set(struct sem_undos *undos)
{
	struct sem_set *set = NULL;

	spin_lock(&undos->lock);
	if (!list_empty(&undos->list)) {
		set = container_of(undos->list.next, struct sem_undo, of_owner)->set;
		ipc_object_get(&set->object);
	}
	spin_unlock(&undos->lock);
	return set;
}

void sem_undos_put(struct sem_undos *undos)
{
	struct sem_undo *undo;
	struct sem_set *set;

	if (!undos || __atomic_sub_fetch(&undos->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	while ((set = first_set(undos))) {
		mutex_lock(&set->object.lock);
		undo = find(undos, set);
		if (undo) {
			adjust(set, undo);
			undo_free(undo);
		}
		ipc_unlock(&set->object);
	}
	slab_free(&undos_cache, undos);
}
