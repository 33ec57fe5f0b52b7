/*
 * Semaphores of System V: semget(2), semop(2), semctl(2).
 */
#include "ipc/sem.h"
#include "mm/slab.h"
#include "sys/sys.h"

#define OPS_FEW 8

long sys_semget(int key, int count, uint32_t flags)
{
	return sem_get(key, count, flags);
}

/* ---- semop ---------------------------------------------------------------------------------- */

static long operate(int id, uptr_t from, uint32_t count, uint64_t deadline_ns)
{
	struct sembuf few[OPS_FEW], *ops = few;
	long result;

	if (count > OPS_FEW)
		ops = kmalloc(count * sizeof(*ops));
	if (!ops)
		return -ENOMEM;
	result = copy_from_user(ops, from, count * sizeof(*ops));
	if (result == 0)
		result = sem_operate(id, ops, count, &uthread_current()->sem_undos, deadline_ns);
	if (ops != few)
		kfree(ops);
	return result;
}

/* Never made again after a signal, not even one without a handler. */
long sys_semtimedop(int id, uptr_t ops, uint32_t count, uptr_t timeout)
{
	uint64_t deadline_ns = WAIT_FOREVER;
	int64_t ns;
	int err;

	if (timeout) {
		err = sys_get_time(timeout, &ns);
		if (err)
			return err;
		deadline_ns = sys_deadline_after((uint64_t)ns);
	}
	if (count < 1 || id < 0)
		return -EINVAL;
	if (count > READ_ONCE(sem_limits.per_call))
		return -E2BIG;
	return operate(id, ops, count, deadline_ns);
}

long sys_semop(int id, uptr_t ops, uint32_t count)
{
	return sys_semtimedop(id, ops, count, 0);
}

/* ---- semctl --------------------------------------------------------------------------------- */

static long put_info(uptr_t buf, bool usage)
{
	struct seminfo info;
	int highest = sem_info(&info, usage);

	return put_user(buf, &info) ? -EFAULT : highest;
}

static long put_stat(int id, enum ipc_stat how, uptr_t buf)
{
	struct semid_ds stat;
	int result = sem_stat(id, how, &stat);

	if (result < 0)
		return result;
	return put_user(buf, &stat) ? -EFAULT : result;
}

static long put_values(int id, uptr_t buf)
{
	uint16_t *values;
	size_t count;
	long err = sem_get_values(id, &values, &count);

	if (err)
		return err;
	err = copy_to_user(buf, values, count * sizeof(*values));
	kfree(values);
	return err;
}

static long set_values(int id, uptr_t buf)
{
	uint16_t *values;
	size_t count;
	long err = sem_count_to_set(id, &count);

	if (err)
		return err;
	values = kmalloc(count * sizeof(*values));
	if (!values)
		return -ENOMEM;
	err = copy_from_user(values, buf, count * sizeof(*values));
	if (err == 0)
		err = sem_set_values(id, values, count);
	kfree(values);
	return err;
}

static long set(int id, uptr_t buf)
{
	struct semid_ds stat;

	return get_user(&stat, buf) ? -EFAULT : sem_set(id, &stat.sem_perm);
}

/* arg: a union, of a pointer and an int. */
long sys_semctl(int id, int number, int command, uint64_t arg)
{
	if (id < 0)
		return -EINVAL;
	switch (command) {
	case IPC_INFO:
	case SEM_INFO:
		return put_info(arg, command == SEM_INFO);
	case IPC_STAT:
		return put_stat(id, IPC_STAT_ID, arg);
	case SEM_STAT:
		return put_stat(id, IPC_STAT_INDEX, arg);
	case SEM_STAT_ANY:
		return put_stat(id, IPC_STAT_ANY, arg);
	case GETALL:
		return put_values(id, arg);
	case SETALL:
		return set_values(id, arg);
	case GETVAL:
	case GETPID:
	case GETNCNT:
	case GETZCNT:
		return sem_ask(id, number, command);
	case SETVAL:
		return sem_set_value(id, number, (int)arg);
	case IPC_SET:
		return set(id, arg);
	case IPC_RMID:
		return sem_remove(id);
	default:
		return -EINVAL;
	}
}
