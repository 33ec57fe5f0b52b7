/* What is taken back of semaphores: SEM_UNDO. */
#define _GNU_SOURCE
#include "ipc.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/sem.h>

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

static int id;

static void show_set(void)
{
	unsigned short values[3];

	semctl(id, 0, GETALL, (union semun){ .array = values });
	printf("  values %d %d %d\n", values[0], values[1], values[2]);
	fflush(stdout);
}

static int op(int number, int by, int flags)
{
	struct sembuf buf = { number, by, flags };

	return semop(id, &buf, 1);
}

static void set(int a, int b, int c)
{
	unsigned short values[3] = { a, b, c };

	semctl(id, 0, SETALL, (union semun){ .array = values });
}

static void takes_and_ends(int how)
{
	struct sembuf ops[3] = { { 0, -2, SEM_UNDO }, { 1, 3, SEM_UNDO }, { 2, 1, 0 } };

	SHOW(semop(id, ops, 3));
	show_set();
	if (how == 1) {
		fflush(stdout);
		kill(getpid(), SIGKILL);
	}
	if (how == 2)
		SHOW(semctl(id, 0, SETVAL, (union semun){ .val = 5 }));
	if (how == 3)
		set(5, 5, 5);
	if (how == 4)
		execl("/proc/self/exe", "sem_undo", "exec", NULL);
}

static void ends(void)
{
	static const char *const ways[] = { "exit", "kill", "SETVAL", "SETALL", "exec" };

	for (int how = 0; how < 5; how++) {
		printf("-- %s\n", ways[how]);
		set(5, 0, 0);
		in_child(takes_and_ends, how, 0, 0);
		show_set();
		printf("by it: %d\n", semctl(id, 0, GETPID) != getpid());
	}
}

static void grows(int unused)
{
	SHOW(op(0, 5, SEM_UNDO));
}

static void grows_much(int unused)
{
	SHOW(op(0, 32767, SEM_UNDO));
	SHOW(op(0, -32767, 0));
	SHOW(op(0, 1, SEM_UNDO));
	SHOW(op(0, 1, SEM_UNDO));
	SHOW(op(1, 1, 0));
	SHOW(op(1, -1, SEM_UNDO));
	/* All or nothing. */
	struct sembuf ops[2] = { { 1, 3, SEM_UNDO }, { 0, 32767, SEM_UNDO } };

	SHOW(semop(id, ops, 2));
	show_set();
}

static void shrinks_much(int unused)
{
	SHOW(op(2, 32767, 0));
	SHOW(op(2, -32767, SEM_UNDO));
	SHOW(op(2, 1, 0));
	SHOW(op(2, -1, SEM_UNDO));
}

static void clamps(void)
{
	puts("-- the ends of the range");
	set(0, 0, 0);
	in_child(grows, 0, 0, 0);
	show_set();
	/* It took less back than was left. */
	int pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		SHOW(op(0, 5, SEM_UNDO));
		SHOW(op(0, -3, 0));
		fflush(stdout);
		_exit(0);
	}
	join(pid);
	show_set();
	set(0, 0, 0);
	in_child(grows_much, 0, 0, 0);
	show_set();
	set(0, 0, 0);
	in_child(shrinks_much, 0, 0, 0);
	show_set();
}

static void waits(int unused)
{
	int result = op(0, -1, 0);

	printf("  went on: %s\n", result ? strerror(errno) : "ok");
}

static void holds(int fd)
{
	char byte;

	op(0, -1, SEM_UNDO);
	read(fd, &byte, 1);
}

static void wakes(void)
{
	int ends[2], holder, waiter;

	puts("-- the end of a holder");
	pipe(ends);
	set(1, 0, 0);
	holder = start(holds, ends[0]);
	doze(100);
	waiter = start(waits, 0);
	doze(100);
	SHOW(semctl(id, 0, GETNCNT));
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	join(waiter);
	show_set();
}

static void forks_after(int unused)
{
	int pid;

	SHOW(op(0, -1, SEM_UNDO));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		SHOW(op(1, -1, SEM_UNDO));
		fflush(stdout);
		_exit(0);
	}
	join(pid);
	show_set();
}

static void *in_thread(void *unused)
{
	SHOW(op(0, -1, SEM_UNDO));
	return NULL;
}

static void threads(int unused)
{
	pthread_t thread;

	pthread_create(&thread, NULL, in_thread, NULL);
	pthread_join(thread, NULL);
	doze(50);
	/* Threads have one list: it is the process's end that counts. */
	show_set();
}

static char stack[16384] __attribute__((aligned(16)));

static int shares(void *unused)
{
	SHOW(op(0, -1, SEM_UNDO));
	_exit(0);
}

static void clones(int flags)
{
	int pid = clone(shares, stack + sizeof(stack), flags | SIGCHLD, NULL);

	join(pid);
	show_set();
}

static void removed(int unused)
{
	op(0, -1, SEM_UNDO);
	op(1, 1, SEM_UNDO);
	SHOW(semctl(id, 0, IPC_RMID));
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1) {
		puts("  another program");
		return 0;
	}
	id = MAKE(semget(IPC_PRIVATE, 3, 0600));
	ends();
	clamps();
	wakes();
	puts("-- fork");
	set(3, 3, 3);
	in_child(forks_after, 0, 0, 0);
	show_set();
	puts("-- threads");
	in_child(threads, 0, 0, 0);
	show_set();
	puts("-- clone");
	in_child(clones, 0, 0, 0);
	show_set();
	puts("-- clone with CLONE_SYSVSEM");
	in_child(clones, CLONE_SYSVSEM, 0, 0);
	show_set();
	puts("-- removed");
	in_child(removed, 0, 0, 0);
	return 0;
}
