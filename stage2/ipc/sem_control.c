/*
 * semctl(2).
 */
#include "abi/errno.h"
#include "ipc/sem_set.h"
#include "mm/slab.h"

static void describe(const struct sem_set *set, struct semid_ds *stat)
{
	*stat = (struct semid_ds){
		.sem_perm = set->object.perm,
		.sem_otime = set->operated_s,
		.sem_ctime = set->object.changed_s,
		.sem_nsems = set->count,
	};
}

int sem_stat(int32_t id, enum ipc_stat how, struct semid_ds *stat)
{
	struct ipc_object *object;
	int result = ipc_lock_stat(&sem_table, id, how, &object);

	if (result)
		return result;
	describe(sem_set_of(object), stat);
	result = how == IPC_STAT_ID ? 0 : object->id;
	ipc_unlock(object);
	return result;
}

bool sem_next(uint32_t *index, struct semid_ds *stat)
{
	struct ipc_object *object;

	if (!ipc_lock_next(&sem_table, index, &object))
		return false;
	describe(sem_set_of(object), stat);
	ipc_unlock(object);
	return true;
}

int sem_set(int32_t id, const struct ipc_perm *perm)
{
	struct ipc_object *object;
	int err = ipc_lock_owned(&sem_table, id, &object);

	if (err)
		return err;
	err = ipc_set_perm(object, perm);
	ipc_unlock(object);
	return err;
}

int sem_remove(int32_t id)
{
	return ipc_remove(&sem_table, id);
}

static int ask_locked(const struct sem_set *set, int number, int command)
{
	const struct sem *sem = &set->sems[number];

	switch (command) {
	case GETVAL:
		return sem->value;
	case GETPID:
		return (int)sem->last_pid;
	default:
		return sem_waiters(set, (uint32_t)number, command == GETZCNT);
	}
}

static bool has(const struct sem_set *set, int number)
{
	return number >= 0 && (uint32_t)number < set->count;
}

int sem_ask(int32_t id, int number, int command)
{
	struct ipc_object *object;
	int result = ipc_lock(&sem_table, id, IPC_READ, &object);

	if (result)
		return result;
	result = has(sem_set_of(object), number) ? ask_locked(sem_set_of(object), number, command)
	                                         : -EINVAL;
	ipc_unlock(object);
	return result;
}

/* What was to be taken back of these semaphores is not any more. */
static void set_locked(struct sem_set *set, uint32_t first, const uint16_t *values, size_t count)
{
	uint32_t pid = ipc_caller_pid();

	for (size_t i = 0; i < count; i++)
		set->sems[first + i] = (struct sem){ .value = values[i], .last_pid = pid };
	sem_undos_clear(set, first, (uint32_t)count);
	set->object.changed_s = ipc_now_s();
	sem_changed(set);
}

int sem_set_value(int32_t id, int number, int value)
{
	uint16_t values[1] = { (uint16_t)value };
	struct ipc_object *object;
	int err;

	if (value < 0 || value > SEMVMX)
		return -ERANGE;
	err = ipc_lock(&sem_table, id, 0, &object);
	if (err)
		return err;
	if (!has(sem_set_of(object), number))
		err = -EINVAL;
	else if (!ipc_permits(object, IPC_WRITE))
		err = -EACCES;
	else
		set_locked(sem_set_of(object), (uint32_t)number, values, 1);
	ipc_unlock(object);
	return err;
}

int sem_get_values(int32_t id, uint16_t **values, size_t *count)
{
	struct ipc_object *object;
	struct sem_set *set;
	int err = ipc_lock(&sem_table, id, IPC_READ, &object);

	if (err)
		return err;
	set = sem_set_of(object);
	*count = set->count;
	*values = kmalloc(set->count * sizeof(**values));
	for (uint32_t i = 0; *values && i < set->count; i++)
		(*values)[i] = (uint16_t)set->sems[i].value;
	ipc_unlock(object);
	return *values ? 0 : -ENOMEM;
}

int sem_count_to_set(int32_t id, size_t *count)
{
	struct ipc_object *object;
	int err = ipc_lock(&sem_table, id, IPC_WRITE, &object);

	if (err)
		return err;
	*count = sem_set_of(object)->count;
	ipc_unlock(object);
	return 0;
}

int sem_set_values(int32_t id, const uint16_t *values, size_t count)
{
	struct ipc_object *object;
	int err;

	for (size_t i = 0; i < count; i++)
		if (values[i] > SEMVMX)
			return -ERANGE;
	err = ipc_lock(&sem_table, id, IPC_WRITE, &object);
	if (err)
		return err;
	if (sem_set_of(object)->count == count)
		set_locked(sem_set_of(object), 0, values, count);
	else
		err = -EIDRM;
	ipc_unlock(object);
	return err;
}
