#ifndef IPC_SEM_H
#define IPC_SEM_H
/*
 * Semaphores of System V: sets of counters, and operations on several of a set that are done all or
 * not at all. What a thread did with SEM_UNDO is taken back when it ends.
 *
 * Identifiers: -EINVAL, -EIDRM, -EACCES as everywhere in ipc.
 */
#include <stddef.h>

#include "ipc/object.h"

/* /proc/sys/kernel/sem: semaphores of a set, of all; operations of a call; sets. */
extern struct sem_limits {
	uint32_t per_set, total, per_call, sets;
} sem_limits;

/* What the end of some threads takes back: those that CLONE_SYSVSEM made. */
struct sem_undos;

/* semget. -EINVAL, -ENOSPC, -ENOMEM, -ENOENT, -EEXIST. */
int sem_get(int32_t key, int count, uint32_t flags);
/* semop, semtimedop; count at least 1. *undos may be NULL, and be made. -EFBIG, -EAGAIN, -ERANGE,
 * -EINTR, -ENOMEM. */
int sem_operate(int32_t id, const struct sembuf *ops, size_t count, struct sem_undos **undos,
	uint64_t deadline_ns);

/* semctl. */
int sem_stat(int32_t id, enum ipc_stat how, struct semid_ds *stat); /* the identifier, or 0 */
int sem_set(int32_t id, const struct ipc_perm *perm);
int sem_remove(int32_t id);
int sem_info(struct seminfo *info, bool usage); /* the highest index */
/* GETVAL, GETPID, GETNCNT, GETZCNT; SETVAL (-ERANGE). */
int sem_ask(int32_t id, int number, int command);
int sem_set_value(int32_t id, int number, int value);
/* GETALL: the values are the caller's, to be kfree'd. */
__must_check int sem_get_values(int32_t id, uint16_t **values, size_t *count);
/* SETALL: how many they must be, if they may be set; then all of them. -ERANGE. */
__must_check int sem_count_to_set(int32_t id, size_t *count);
int sem_set_values(int32_t id, const uint16_t *values, size_t count);
bool sem_next(uint32_t *index, struct semid_ds *stat);

/* CLONE_SYSVSEM: both threads have the same, made now if there was none. -ENOMEM. */
__must_check int sem_undos_share(struct sem_undos **undos);
/* A thread has done with them: the last one takes back. NULL is allowed. Sleeps. */
void sem_undos_put(struct sem_undos *undos);

#endif
