#ifndef IPC_OBJECT_H
#define IPC_OBJECT_H
/*
 * What shared memory, semaphores and message queues of System V have in common: tables of objects
 * that programs name by identifiers, and find by keys; owners and rights; and how a thread sleeps
 * until an object lets it go on.
 *
 * An identifier is the object's place in its table, and a number that changes when places are used
 * again: one that was kept too long is refused, and not taken for another's.
 *
 * Locks: the table's guards what is in it; each object's what it is. No memory of programs is
 * touched under either.
 */
#include <stdbool.h>
#include <stdint.h>

#include "abi/ipc.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/page_tree.h"
#include "lib/rbtree.h"
#include "sched/mutex.h"
#include "sched/wait.h"

#define IPC_INDEX_BITS  15
#define IPC_OBJECTS_MAX (1u << IPC_INDEX_BITS) /* no table's limit is more */

/* Rights, of owner, group and others. */
#define IPC_READ  0444u
#define IPC_WRITE 0222u

struct ipc_table;

struct ipc_object {
	struct ipc_table *table; /* [I] */
	struct mutex lock;       /* RANK_IPC_OBJECT */
	uint32_t refs;           /* [a] one is the table's */
	bool removed;            /* [lock] it is in the table no more */
	int32_t id;              /* [I] */
	int32_t first_key;       /* [I] with which it was made */
	struct rb_node by_key;   /* [table lock] in the tree, if it has a key */
	struct ipc_perm perm;    /* [lock; key: written under both locks] */
	int64_t changed_s;       /* [lock] when it was made, or IPC_SET: seconds since 1970 */
};

/* All but free are called with the table's lock held, and suits and remove with the object's. */
struct ipc_ops {
	/* A new object, refs 1; ipc_get does the rest. -EINVAL, -ENOSPC, -ENOMEM. */
	int (*create)(uint64_t size, uint32_t flags, struct ipc_object **object);
	/* Is the object, found by its key, as large as that? */
	bool (*suits)(const struct ipc_object *object, uint64_t size);
	/* Nobody shall use it any more: who sleeps is woken. False: it stays until ipc_retire. */
	bool (*remove)(struct ipc_object *object);
	void (*free)(struct ipc_object *object);
};

struct ipc_table {
	struct mutex lock; /* RANK_IPC_TABLE */
	const struct ipc_ops *ops;
	const uint32_t *limit;    /* objects; may change at any time */
	struct page_tree objects; /* [lock] by index */
	struct rb_tree keys;      /* [lock] */
	uint32_t count;           /* [lock] */
	uint32_t next;            /* [lock] index to try first: behind the newest object's */
	uint16_t seq;             /* [lock] */
};

extern const struct page_tree_ops ipc_tree_ops;
extern const struct rb_ops ipc_key_ops;
#define IPC_TABLE(table, table_ops, table_limit)                                                   \
	{                                                                                          \
		.lock = MUTEX_INIT((table).lock, "ipc table", RANK_IPC_TABLE), .ops = (table_ops), \
		.limit = (table_limit), .objects = { .ops = &ipc_tree_ops }, .keys = {             \
			.ops = &ipc_key_ops                                                        \
		}                                                                                  \
	}

/* For create: a zeroed object. */
void ipc_object_init(struct ipc_object *object, struct ipc_table *table);

/* shmget and the like: an identifier. -ENOENT, -EEXIST, -EACCES, -EINVAL, -ENOSPC, -ENOMEM. */
int ipc_get(struct ipc_table *table, int32_t key, uint32_t flags, uint64_t size);

/* The object, locked, with a reference; ipc_unlock gives both back. want: rights that the running
 * thread must have, or 0. -EINVAL, -EIDRM, -EACCES. */
__must_check int ipc_lock(
	struct ipc_table *table, int32_t id, uint32_t want, struct ipc_object **object);
void ipc_unlock(struct ipc_object *object);
/* The same for its owner, its maker and CAP_SYS_ADMIN: IPC_SET. -EPERM. */
__must_check int ipc_lock_owned(struct ipc_table *table, int32_t id, struct ipc_object **object);
/* IPC_STAT, SHM_STAT, SHM_STAT_ANY and the like, by their place in this order: by identifier; by
 * index; by index, without asking for rights. */
enum ipc_stat { IPC_STAT_ID, IPC_STAT_INDEX, IPC_STAT_ANY };
__must_check int ipc_lock_stat(
	struct ipc_table *table, int32_t id, enum ipc_stat how, struct ipc_object **object);
/* The first at *index or behind it. False: there is none. */
bool ipc_lock_next(struct ipc_table *table, uint32_t *index, struct ipc_object **object);

/* Locked already: has the running thread these rights? */
bool ipc_permits(const struct ipc_object *object, uint32_t want);
/* IPC_SET: owner and rights as they are in `perm`. -EINVAL: no such user or group. */
__must_check int ipc_set_perm(struct ipc_object *object, const struct ipc_perm *perm);

void ipc_object_get(struct ipc_object *object);
void ipc_object_put(struct ipc_object *object);

/* IPC_RMID. -EINVAL, -EIDRM, -EPERM. */
int ipc_remove(struct ipc_table *table, int32_t id);
/* What kept a removed object there may have gone: its `remove` is asked again. The caller has a
 * reference. */
void ipc_retire(struct ipc_object *object);

/* The table's lock is held: the highest index in use, or 0. */
int ipc_highest_locked(const struct ipc_table *table);

int64_t ipc_now_s(void);
/* The running thread's process. */
uint32_t ipc_caller_pid(void);

/* ---- sleep ---------------------------------------------------------------------------------- */

#define IPC_ASLEEP 1

/* Who waits for an object, on its stack. */
struct ipc_sleeper {
	struct list_head link; /* [object's lock] a list of the object's */
	int result;            /* [object's lock; read without] IPC_ASLEEP, 0 or -errno */
	struct wait_queue queue;
};

/* Enter the list and sleep, the object's lock let go meanwhile: what ipc_wake says, or -EINTR,
 * -ETIMEDOUT. */
int ipc_sleep(struct ipc_object *object, struct ipc_sleeper *sleeper, struct list_head *list,
	uint64_t deadline_ns);
/* The object's lock is held. */
void ipc_wake(struct ipc_sleeper *sleeper, int result);

#endif
