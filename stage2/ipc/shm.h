#ifndef IPC_SHM_H
#define IPC_SHM_H
/*
 * Shared memory of System V: segments that are mapped into address spaces by identifier, and last
 * until somebody removes them. One that is removed while it is mapped goes with the last mapping;
 * until then it can be found by its identifier, but not by its key.
 *
 * Identifiers: -EINVAL, -EIDRM as everywhere in ipc.
 */
#include "ipc/object.h"
#include "lib/types.h"

struct aspace;

/* /proc/sys/kernel/shmmax, shmall, shmmni: bytes of a segment, pages of all, segments. */
extern struct shm_limits {
	uint64_t bytes, pages;
	uint32_t segments;
} shm_limits;

/* shmget. -EINVAL, -ENOSPC, -ENOMEM, -ENOENT, -EEXIST, -EACCES. */
int shm_get(int32_t key, uint64_t bytes, uint32_t flags);
/* shmat: *address is where, or 0, and gets where it is. -EINVAL, -EACCES, and as aspace_map. */
int shm_attach(struct aspace *aspace, int32_t id, uint32_t flags, uptr_t *address);
/* shmdt. -EINVAL. */
int shm_detach(struct aspace *aspace, uptr_t address);

/* shmctl. */
int shm_stat(int32_t id, enum ipc_stat how, struct shmid_ds *stat); /* the identifier, or 0 */
int shm_set(int32_t id, const struct ipc_perm *perm);
int shm_remove(int32_t id);
/* SHM_LOCK, SHM_UNLOCK: nothing is swapped out here, but it counts; limit: RLIMIT_MEMLOCK. */
int shm_lock(int32_t id, bool lock, uint64_t limit_bytes);
int shm_info(struct shm_info *info); /* the highest index */
/* The next one at *index or behind it, and the pages of it that there are. False: no more. */
bool shm_next(uint32_t *index, struct shmid_ds *stat, uint64_t *present);

#endif
