/* Semaphores of System V: sets, operations, semctl. */
#define _GNU_SOURCE
#include "ipc.h"

#include <signal.h>
#include <sys/sem.h>

#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif

#define KEY 0x5e11

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
	void *info;
};

static int set_id; /* for children */

static void show_set(int id, int count)
{
	unsigned short values[16];

	printf("  values");
	if (semctl(id, 0, GETALL, (union semun){ .array = values }))
		printf(" %s", strerror(errno));
	else
		for (int i = 0; i < count; i++)
			printf(" %d", values[i]);
	printf("\n");
}

static void show_stat(int id)
{
	struct semid_ds st;

	if (SHOW(semctl(id, 0, IPC_STAT, (union semun){ .buf = &st })))
		return;
	printf("  key %#x mode %o count %lu o %s c %s uid %d gid %d cuid %d cgid %d\n",
		st.sem_perm.__key, st.sem_perm.mode, (unsigned long)st.sem_nsems,
		is_now(st.sem_otime), is_now(st.sem_ctime), st.sem_perm.uid, st.sem_perm.gid,
		st.sem_perm.cuid, st.sem_perm.cgid);
}

static int op(int id, int number, int by, int flags)
{
	struct sembuf buf = { number, by, flags };

	return semop(id, &buf, 1);
}

static void getting(void)
{
	int id;

	puts("-- get");
	SHOW(semget(KEY, 1, 0600));
	SHOW(semget(KEY, 0, IPC_CREAT | 0600));
	SHOW(semget(KEY, -1, IPC_CREAT | 0600));
	SHOW(semget(KEY, 32001, IPC_CREAT | 0600));
	id = MAKE(semget(KEY, 4, IPC_CREAT | 0640));
	show_stat(id);
	show_set(id, 4);
	printf("the same: %d %d %d\n", semget(KEY, 0, 0) == id, semget(KEY, 4, 0600) == id,
		semget(KEY, 1, 0) == id);
	SHOW(semget(KEY, 5, 0));
	SHOW(semget(KEY, 32001, 0));
	SHOW(semget(KEY, 4, IPC_CREAT | IPC_EXCL | 0600));
	SHOW(semctl(id, 0, IPC_RMID));
	SHOW(semctl(id, 0, IPC_RMID));
	SHOW(semctl(-1, 0, IPC_RMID));
	SHOW(op(id, 0, 1, 0));
	SHOW(semctl(id, 0, 99));
}

static void operations(void)
{
	struct sembuf many[501], ops[4] = {
		{ 0, 2, 0 },
		{ 1, 1, 0 },
		{ 0, -1, 0 },
		{ 2, 0, 0 },
	};
	struct sembuf blocked[3] = { { 0, 5, 0 }, { 1, -100, IPC_NOWAIT }, { 2, 1, 0 } };
	struct timespec no_time = { 0, 0 }, short_time = { 0, 5000000 }, bad = { 0, 1000000000 };
	struct sembuf zero = { 0, 0, 0 }, take = { 3, -1, 0 };
	int id = semget(IPC_PRIVATE, 4, 0600);

	puts("-- operations");
	SHOW(semop(id, ops, 4));
	show_set(id, 4);
	show_stat(id);
	SHOW(semop(id, blocked, 3));
	show_set(id, 4);
	SHOW(semop(id, ops, 0));
	SHOW(semop(-1, ops, 1));
	SHOW(semop(id, (void *)8, 1));
	memset(many, 0, sizeof(many));
	for (int i = 0; i < 501; i++)
		many[i] = (struct sembuf){ 3, i % 2 ? -1 : 1, 0 };
	SHOW(semop(id, many, 500));
	SHOW(semop(id, many, 501));
	show_set(id, 4);
	SHOW(op(id, 4, 1, 0));
	SHOW(op(id, 0xffff, 1, 0));
	SHOW(op(id, 0, 32766, 0));
	SHOW(op(id, 0, 32767, 0));
	show_set(id, 4);
	SHOW(op(id, 0, 1, 0));
	SHOW(op(id, 0, -32767, IPC_NOWAIT));
	SHOW(op(id, 0, -1, IPC_NOWAIT));
	SHOW(op(id, 0, 0, IPC_NOWAIT));
	SHOW(op(id, 1, 0, IPC_NOWAIT));
	SHOW(semtimedop(id, &take, 1, &no_time));
	SHOW(semtimedop(id, &take, 1, &short_time));
	SHOW(semtimedop(id, &zero, 1, &no_time));
	SHOW(semtimedop(id, &take, 1, &bad));
	SHOW(semtimedop(id, &take, 1, (void *)8));
	SHOW(semctl(id, 0, IPC_RMID));
}

static void control(void)
{
	unsigned short values[4] = { 1, 2, 3, 4 }, large[4] = { 1, 2, 32768, 4 };
	int id = semget(IPC_PRIVATE, 4, 0600);

	puts("-- control");
	SHOW(semctl(id, 0, SETALL, (union semun){ .array = values }));
	show_set(id, 4);
	SHOW(semctl(id, 0, SETALL, (union semun){ .array = large }));
	SHOW(semctl(id, 0, SETALL, (union semun){ .array = (void *)8 }));
	SHOW(semctl(id, 0, GETALL, (union semun){ .array = (void *)8 }));
	SHOW(semctl(id, 2, GETVAL));
	SHOW(semctl(id, 4, GETVAL));
	SHOW(semctl(id, -1, GETVAL));
	SHOW(semctl(id, 2, SETVAL, (union semun){ .val = 7 }));
	SHOW(semctl(id, 2, SETVAL, (union semun){ .val = 32768 }));
	SHOW(semctl(id, 2, SETVAL, (union semun){ .val = -1 }));
	SHOW(semctl(id, 4, SETVAL, (union semun){ .val = 1 }));
	show_set(id, 4);
	printf("by me: %d\n", semctl(id, 2, GETPID) == getpid());
	SHOW(semctl(id, 0, GETNCNT));
	SHOW(semctl(id, 0, GETZCNT));
	SHOW(semctl(id, 5, GETNCNT));
	SHOW(semctl(id, 5, GETPID));
	SHOW(semctl(id, 0, IPC_STAT, (union semun){ .buf = (void *)8 }));
	SHOW(semctl(id, 0, IPC_SET, (union semun){ .buf = (void *)8 }));
	SHOW(semctl(id, 0, IPC_RMID));
	SHOW(semctl(id, 0, GETVAL));
}

static void takes(int number)
{
	int result = op(set_id, number, -1, 0);

	printf("  took %d: %s\n", number, result ? strerror(errno) : "ok");
}

static void takes_two(int number)
{
	struct sembuf ops[2] = { { number, -1, 0 }, { number + 1, -1, 0 } };
	int result = semop(set_id, ops, 2);

	printf("  took two: %s\n", result ? strerror(errno) : "ok");
}

static void waits_for_zero(int number)
{
	int result = op(set_id, number, 0, 0);

	printf("  zero %d: %s\n", number, result ? strerror(errno) : "ok");
}

static void on_signal(int signal)
{
}

static void is_interrupted(int number)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &action, NULL);
	takes(number);
}

static void waiting(void)
{
	struct sembuf both[2] = { { 0, 1, 0 }, { 1, 1, 0 } };
	int a, b, c;

	puts("-- waiting");
	set_id = semget(IPC_PRIVATE, 3, 0600);
	a = start(takes, 0);
	doze(100);
	SHOW(semctl(set_id, 0, GETNCNT));
	SHOW(semctl(set_id, 0, GETZCNT));
	SHOW(semctl(set_id, 1, GETNCNT));
	SHOW_AFTER(op(set_id, 0, 1, 0), a);
	show_set(set_id, 3);
	/* Two at once wait for two. */
	a = start(takes_two, 0);
	doze(100);
	SHOW(op(set_id, 0, 1, 0));
	SHOW(semctl(set_id, 0, GETNCNT));
	SHOW(semctl(set_id, 1, GETNCNT));
	show_set(set_id, 3);
	SHOW_AFTER(op(set_id, 1, 1, 0), a);
	show_set(set_id, 3);
	/* In order: the first comes first. */
	a = start(takes, 0);
	doze(100);
	b = start(takes, 0);
	doze(100);
	SHOW_AFTER(op(set_id, 0, 1, 0), a);
	SHOW_AFTER(op(set_id, 0, 1, 0), b);
	/* Zero, which others pass through. */
	SHOW(op(set_id, 0, 1, 0));
	a = start(waits_for_zero, 0);
	doze(100);
	SHOW(semctl(set_id, 0, GETZCNT));
	SHOW_AFTER(op(set_id, 0, -1, 0), a);
	/* A chain. */
	a = start(takes_two, 0);
	doze(100);
	SHOW_AFTER(semop(set_id, both, 2), a);
	show_set(set_id, 3);
	/* SETVAL, SETALL wake too. */
	a = start(takes, 2);
	doze(100);
	SHOW_AFTER(semctl(set_id, 2, SETVAL, (union semun){ .val = 1 }), a);
	show_set(set_id, 3);
	/* Signals: no restart, whatever the handler. */
	a = start(is_interrupted, 2);
	doze(100);
	kill(a, SIGUSR1);
	join(a);
	/* Removed. */
	a = start(takes, 2);
	b = start(takes_two, 0);
	SHOW(op(set_id, 2, 0, 0));
	semctl(set_id, 1, SETVAL, (union semun){ .val = 1 });
	c = start(waits_for_zero, 1);
	doze(200);
	SHOW(semctl(set_id, 0, GETNCNT) + semctl(set_id, 2, GETNCNT));
	fflush(stdout);
	kill(c, SIGKILL);
	waitpid(c, NULL, 0);
	SHOW(semctl(set_id, 1, GETZCNT));
	kill(b, SIGKILL);
	waitpid(b, NULL, 0);
	SHOW_AFTER(semctl(set_id, 0, IPC_RMID), a);
}

static void by_others(int id)
{
	struct semid_ds st;
	unsigned short values[2];

	SHOW(op(id, 0, 1, 0));
	SHOW(op(id, 0, 0, IPC_NOWAIT));
	SHOW(op(id, 9, 1, 0));
	SHOW(semctl(id, 0, GETVAL));
	SHOW(semctl(id, 9, GETVAL));
	SHOW(semctl(id, 0, GETALL, (union semun){ .array = values }));
	SHOW(semctl(id, 0, SETVAL, (union semun){ .val = 0 }));
	SHOW(semctl(id, 0, SETALL, (union semun){ .array = values }));
	SHOW(semctl(id, 0, IPC_STAT, (union semun){ .buf = &st }));
	SHOW(semctl(id, 0, IPC_RMID));
	SHOW(semctl(id, 0, IPC_SET, (union semun){ .buf = &st }));
}

static void rights(void)
{
	int id = semget(IPC_PRIVATE, 2, 0640);
	struct semid_ds st;

	puts("-- rights");
	semctl(id, 0, IPC_STAT, (union semun){ .buf = &st });
	st.sem_perm.uid = 1000;
	st.sem_perm.gid = 100;
	st.sem_perm.mode = 0640;
	SHOW(semctl(id, 0, IPC_SET, (union semun){ .buf = &st }));
	show_stat(id);
	puts("another:");
	in_child(by_others, id, 2000, 2000);
	puts("the group:");
	in_child(by_others, id, 2000, 100);
	puts("the owner:");
	in_child(by_others, id, 1000, 2000);
	show_stat(id);
}

static void infos(void)
{
	int id = semget(IPC_PRIVATE, 3, 0600), highest, found = 0;
	struct seminfo info, usage;
	struct semid_ds st;

	puts("-- info");
	highest = semctl(0, 0, IPC_INFO, (union semun){ .info = &info });
	printf("map %d mni %d mns %d mnu %d msl %d opm %d ume %d usz %d vmx %d aem %d\n",
		info.semmap, info.semmni, info.semmns, info.semmnu, info.semmsl, info.semopm,
		info.semume, info.semusz, info.semvmx, info.semaem);
	semctl(0, 0, SEM_INFO, (union semun){ .info = &usage });
	printf("sets %d semaphores %d\n", usage.semusz > 0, usage.semaem >= 3);
	for (int index = 0; index <= highest; index++) {
		found += semctl(index, 0, SEM_STAT, (union semun){ .buf = &st }) == id;
		found += semctl(index, 0, SEM_STAT_ANY, (union semun){ .buf = &st }) == id;
	}
	printf("found %d\n", found);
	SHOW(semctl(highest + 1, 0, SEM_STAT, (union semun){ .buf = &st }));
	show_proc("/proc/sysvipc/sem", id);
	semctl(id, 0, IPC_RMID);
	show_file("/proc/sys/kernel/sem");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	getting();
	operations();
	control();
	waiting();
	rights();
	infos();
	return 0;
}
