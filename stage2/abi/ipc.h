#ifndef ABI_IPC_H
#define ABI_IPC_H
/*
 * System V IPC (linux/ipc.h, shm.h, sem.h, msg.h): shmget(2), semget(2), msgget(2) and what belongs
 * to them. The structures are those of the 64-bit calls (ipc64_perm, shmid64_ds ...).
 */
#include <stdint.h>

#define IPC_PRIVATE 0

#define IPC_CREAT  01000
#define IPC_EXCL   02000
#define IPC_NOWAIT 04000

#define IPC_RMID 0
#define IPC_SET  1
#define IPC_STAT 2
#define IPC_INFO 3

struct ipc_perm {
	int32_t key;
	uint32_t uid, gid;   /* owner */
	uint32_t cuid, cgid; /* maker */
	uint32_t mode;
	uint16_t seq; /* part of the identifier that makes it another one when a place is used again
	               */
	uint16_t pad[3];
	uint64_t unused[2];
};
_Static_assert(sizeof(struct ipc_perm) == 48, "as Linux has it");

/* ---- shared memory -------------------------------------------------------------------------- */

#define SHM_LOCK     11
#define SHM_UNLOCK   12
#define SHM_STAT     13
#define SHM_INFO     14
#define SHM_STAT_ANY 15

/* shmget */
#define SHM_HUGETLB   04000
#define SHM_NORESERVE 010000
/* shmat */
#define SHM_RDONLY 010000
#define SHM_RND    020000
#define SHM_REMAP  040000
#define SHM_EXEC   0100000
/* in a mode */
#define SHM_DEST   01000
#define SHM_LOCKED 02000

struct shmid_ds {
	struct ipc_perm shm_perm;
	uint64_t shm_segsz;
	int64_t shm_atime, shm_dtime, shm_ctime;
	int32_t shm_cpid, shm_lpid;
	uint64_t shm_nattch;
	uint64_t unused[2];
};
_Static_assert(sizeof(struct shmid_ds) == 112, "as Linux has it");

struct shminfo {
	uint64_t shmmax, shmmin, shmmni, shmseg, shmall;
	uint64_t unused[4];
};

struct shm_info {
	int32_t used_ids;
	uint64_t shm_tot, shm_rss, shm_swp; /* pages */
	uint64_t swap_attempts, swap_successes;
};

/* ---- semaphores ----------------------------------------------------------------------------- */

#define GETPID       11
#define GETVAL       12
#define GETALL       13
#define GETNCNT      14
#define GETZCNT      15
#define SETVAL       16
#define SETALL       17
#define SEM_STAT     18
#define SEM_INFO     19
#define SEM_STAT_ANY 20

#define SEM_UNDO 0x1000

#define SEMVMX 32767 /* the largest value, and the largest adjustment at exit */

struct sembuf {
	uint16_t sem_num;
	int16_t sem_op, sem_flg;
};

struct semid_ds {
	struct ipc_perm sem_perm;
	int64_t sem_otime;
	uint64_t unused1;
	int64_t sem_ctime;
	uint64_t unused2;
	uint64_t sem_nsems;
	uint64_t unused3[2];
};
_Static_assert(sizeof(struct semid_ds) == 104, "as Linux has it");

struct seminfo {
	int32_t semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz, semvmx, semaem;
};

/* ---- messages ------------------------------------------------------------------------------- */

#define MSG_STAT     11
#define MSG_INFO     12
#define MSG_STAT_ANY 13

#define MSG_NOERROR 010000
#define MSG_EXCEPT  020000
#define MSG_COPY    040000

struct msqid_ds {
	struct ipc_perm msg_perm;
	int64_t msg_stime, msg_rtime, msg_ctime;
	uint64_t msg_cbytes, msg_qnum, msg_qbytes;
	int32_t msg_lspid, msg_lrpid;
	uint64_t unused[2];
};
_Static_assert(sizeof(struct msqid_ds) == 120, "as Linux has it");

struct msginfo {
	int32_t msgpool, msgmap, msgmax, msgmnb, msgmni, msgssz, msgtql;
	uint16_t msgseg;
};

#endif
