/*
 * /proc/sysvipc: shared memory, semaphores, message queues of System V, a line each.
 */
#include "arch/memory_map.h"
#include "ipc/msg.h"
#include "ipc/sem.h"
#include "ipc/shm.h"
#include "procfs/files.h"

static uint32_t identifier(const struct ipc_perm *perm, uint32_t index)
{
	return (uint32_t)perm->seq << IPC_INDEX_BITS | index;
}

static int shm_read(const struct synth_key *key, struct synth_text *text)
{
	uint64_t present;
	struct shmid_ds stat;

	synth_print(text, "       key      shmid perms                  size  cpid  lpid nattch   "
			  "uid   gid  cuid  cgid      atime      dtime      ctime"
			  "                   rss                  swap\n");
	for (uint32_t index = 0; shm_next(&index, &stat, &present); index++)
		synth_print(text,
			"%10d %10u  %4o %21lu %5d %5d  %5lu %5u %5u %5u %5u %10ld %10ld %10ld "
			"%21lu %21lu\n",
			stat.shm_perm.key, identifier(&stat.shm_perm, index), stat.shm_perm.mode,
			stat.shm_segsz, stat.shm_cpid, stat.shm_lpid, stat.shm_nattch,
			stat.shm_perm.uid, stat.shm_perm.gid, stat.shm_perm.cuid,
			stat.shm_perm.cgid, stat.shm_atime, stat.shm_dtime, stat.shm_ctime,
			present * PAGE_SIZE, 0ul);
	return 0;
}

static int sem_read(const struct synth_key *key, struct synth_text *text)
{
	struct semid_ds stat;

	synth_print(text, "       key      semid perms      nsems   uid   gid  cuid  cgid"
			  "      otime      ctime\n");
	for (uint32_t index = 0; sem_next(&index, &stat); index++)
		synth_print(text, "%10d %10u  %4o %10lu %5u %5u %5u %5u %10ld %10ld\n",
			stat.sem_perm.key, identifier(&stat.sem_perm, index), stat.sem_perm.mode,
			stat.sem_nsems, stat.sem_perm.uid, stat.sem_perm.gid, stat.sem_perm.cuid,
			stat.sem_perm.cgid, stat.sem_otime, stat.sem_ctime);
	return 0;
}

static int msg_read(const struct synth_key *key, struct synth_text *text)
{
	struct msqid_ds stat;

	synth_print(text, "       key      msqid perms      cbytes       qnum lspid lrpid   uid"
			  "   gid  cuid  cgid      stime      rtime      ctime\n");
	for (uint32_t index = 0; msg_next(&index, &stat); index++)
		synth_print(text,
			"%10d %10u  %4o  %10lu %10lu %5d %5d %5u %5u %5u %5u %10ld %10ld %10ld\n",
			stat.msg_perm.key, identifier(&stat.msg_perm, index), stat.msg_perm.mode,
			stat.msg_cbytes, stat.msg_qnum, stat.msg_lspid, stat.msg_lrpid,
			stat.msg_perm.uid, stat.msg_perm.gid, stat.msg_perm.cuid,
			stat.msg_perm.cgid, stat.msg_stime, stat.msg_rtime, stat.msg_ctime);
	return 0;
}

const struct synth_entry sysvipc_entries[] = {
	FILE_ENTRY("msg", 0444, msg_read),
	FILE_ENTRY("sem", 0444, sem_read),
	FILE_ENTRY("shm", 0444, shm_read),
	{ .name = NULL },
};
