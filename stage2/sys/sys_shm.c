/*
 * Shared memory of System V: shmget(2), shmop(2), shmctl(2).
 */
#include "ipc/shm.h"
#include "sys/sys.h"

long sys_shmget(int key, size_t bytes, uint32_t flags)
{
	return shm_get(key, bytes, flags);
}

long sys_shmat(int id, uptr_t address, uint32_t flags)
{
	int err = shm_attach(proc_current()->aspace, id, flags, &address);

	return err ? err : (long)address;
}

long sys_shmdt(uptr_t address)
{
	return shm_detach(proc_current()->aspace, address);
}

/* ---- shmctl --------------------------------------------------------------------------------- */

static long put_limits(uptr_t buf)
{
	struct shminfo limits = {
		.shmmax = READ_ONCE(shm_limits.bytes),
		.shmmin = 1,
		.shmmni = READ_ONCE(shm_limits.segments),
		.shmseg = READ_ONCE(shm_limits.segments),
		.shmall = READ_ONCE(shm_limits.pages),
	};
	struct shm_info unused;
	int highest = shm_info(&unused);

	return put_user(buf, &limits) ? -EFAULT : highest;
}

static long put_info(uptr_t buf)
{
	struct shm_info info;
	int highest = shm_info(&info);

	return put_user(buf, &info) ? -EFAULT : highest;
}

static long put_stat(int id, enum ipc_stat how, uptr_t buf)
{
	struct shmid_ds stat;
	int result = shm_stat(id, how, &stat);

	if (result < 0)
		return result;
	return put_user(buf, &stat) ? -EFAULT : result;
}

static long set(int id, uptr_t buf)
{
	struct shmid_ds stat;

	return get_user(&stat, buf) ? -EFAULT : shm_set(id, &stat.shm_perm);
}

long sys_shmctl(int id, int command, uptr_t buf)
{
	if (id < 0 || command < 0)
		return -EINVAL;
	switch (command) {
	case IPC_INFO:
		return put_limits(buf);
	case SHM_INFO:
		return put_info(buf);
	case IPC_STAT:
		return put_stat(id, IPC_STAT_ID, buf);
	case SHM_STAT:
		return put_stat(id, IPC_STAT_INDEX, buf);
	case SHM_STAT_ANY:
		return put_stat(id, IPC_STAT_ANY, buf);
	case IPC_SET:
		return set(id, buf);
	case IPC_RMID:
		return shm_remove(id);
	case SHM_LOCK:
	case SHM_UNLOCK:
		return shm_lock(
			id, command == SHM_LOCK, proc_limit(proc_current(), RLIMIT_MEMLOCK));
	default:
		return -EINVAL;
	}
}
