/*
 * exec by a process of many threads: by two of them at once, while others make threads, while
 * others open and close files. All others end, and the new program runs with the process's number.
 */
#include "show.h"

#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>

#define ROUNDS 30

static const char *self;
static volatile int go;
static const char *locks; /* not NULL: the new program is to look for them */

static void exec_self(void)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", (int)getpid());
	execl(self, self, number, locks, NULL);
	_exit(99);
}

static void *exec_soon(void *arg)
{
	while (!go)
		sched_yield();
	exec_self();
	return NULL;
}

static void *end(void *arg)
{
	return arg;
}

static void *make_threads(void *arg)
{
	pthread_attr_t detached;
	pthread_t thread;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	for (;;) {
		if (pthread_create(&thread, &detached, end, NULL))
			sched_yield();
	}
	return NULL;
}

/* Each thread makes one that does the same: somebody is always in the middle of it. */
static void *chain(void *arg)
{
	pthread_attr_t detached;
	pthread_t thread;

	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	while (pthread_create(&thread, &detached, chain, NULL))
		sched_yield();
	return NULL;
}

static void *open_files(void *arg)
{
	for (;;)
		close(open("/dev/null", O_RDONLY));
	return NULL;
}

static void run(const char *what, void *(*first)(void *), void *(*second)(void *))
{
	int status, good = 0;

	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			pthread_t thread;

			pthread_create(&thread, NULL, first, NULL);
			pthread_create(&thread, NULL, second, NULL);
			for (int k = 0; k < i; k++)
				sched_yield();
			go = 1;
			exec_self();
		}
		if (waitpid(pid, &status, 0) == pid && status == 0x0700)
			good++;
		else
			printf("%s: status %x\n", what, status);
	}
	printf("%s: %s\n", what, good == ROUNDS ? "each time the new program" : "not each time");
	fflush(stdout);
}

/* 1: another process finds the record lock of this one. */
static int is_locked(void)
{
	struct flock lock = { .l_type = F_WRLCK };
	int status = -1;

	if (fork() == 0) {
		fcntl(open("locked", O_RDWR), F_GETLK, &lock);
		_exit(lock.l_type != F_UNLCK);
	}
	wait(&status);
	return WEXITSTATUS(status);
}

static void *just_pause(void *arg)
{
	while (pause())
		;
	return NULL;
}

static void keep_locks(int by_main)
{
	struct flock lock = { .l_type = F_WRLCK };
	int status = -1;
	pthread_t thread;

	if (fork() == 0) {
		fcntl(open("locked", O_RDWR | O_CREAT, 0600), F_SETLK, &lock);
		locks = "locks";
		pthread_create(&thread, NULL, by_main ? just_pause : exec_soon, NULL);
		go = 1;
		if (by_main)
			exec_self();
		pause();
	}
	wait(&status);
	printf("exec by the %s thread: %x\n", by_main ? "main" : "other", status);
}

int main(int argc, char **argv)
{
	if (argc == 3)
		return is_locked();
	if (argc == 2)
		return atoi(argv[1]) == getpid() ? 7 : 8;
	self = "/abi/exec_threads";
	alarm(60);
	run("three execs at once", exec_soon, exec_soon);
	run("exec while threads are made", make_threads, open_files);
	run("exec in a chain of threads", chain, exec_soon);
	keep_locks(0);
	keep_locks(1);
	return 0;
}
