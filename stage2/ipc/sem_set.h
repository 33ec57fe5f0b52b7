#ifndef IPC_SEM_SET_H
#define IPC_SEM_SET_H
/*
 * The inside of a set of semaphores, for sem.c, sem_control.c and sem_undo.c.
 */
#include "ipc/sem.h"

struct sem {
	int32_t value;     /* 0 to SEMVMX */
	uint32_t last_pid; /* who operated on it last, or set it */
};

struct sem_set {
	struct ipc_object object; /* its lock is [lock] here */
	uint32_t count;           /* [I] */
	int64_t operated_s;       /* [lock] */
	struct list_head readers; /* [lock] struct sem_call that only wait for zeros; */
	struct list_head writers; /* [lock] the others */
	struct list_head undos;   /* [lock] struct sem_undo.of_set */
	struct sem sems[];        /* [lock] */
};

/* What one holder takes back of one set. Goes with either. */
struct sem_undo {
	struct sem_set *set;       /* [I] */
	struct sem_undos *owner;   /* [I] */
	struct list_head of_set;   /* [set's lock] */
	struct list_head of_owner; /* [owner's lock] */
	int16_t by[];              /* [set's lock] to be added, for each semaphore */
};

extern struct ipc_table sem_table;

static inline struct sem_set *sem_set_of(const struct ipc_object *object)
{
	return container_of((struct ipc_object *)object, struct sem_set, object);
}

/* The set's lock is held. */

/* Values have changed: those who wait go on, as far as they can. */
void sem_changed(struct sem_set *set);
/* Of the running thread, made if there is none. -ENOMEM. */
__must_check int sem_undo_get(
	struct sem_set *set, struct sem_undos **undos, struct sem_undo **undo);
/* The set goes. */
void sem_undos_forget(struct sem_set *set);
/* Semaphores have been set: there is nothing to take back of them. */
void sem_undos_clear(struct sem_set *set, uint32_t first, uint32_t count);
/* Who waits for that semaphore to become 0, or to grow. */
int sem_waiters(const struct sem_set *set, uint32_t number, bool for_zero);

#endif
