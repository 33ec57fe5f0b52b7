/*
 * Processes and threads that come and go. Bare calls, but for threads: what a program pays for
 * those is libc's doing as well.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- live processes that do nothing ------------------------------------------------------ */

static int sleepers_end; /* closed: they end */

bool sleepers_start(unsigned of)
{
	int ends[2];

	if (pipe(ends))
		return false;
	sleepers_end = ends[1];
	for (unsigned i = 1; i < of; i++) {
		int pid = fork();

		if (pid == 0) {
			close(ends[1]);
			read(ends[0], buffer, 1);
			_exit(0);
		}
		if (pid < 0)
			fail("fork");
	}
	close(ends[0]);
	return true;
}

void sleepers_stop(void)
{
	close(sleepers_end);
	while (wait(0) > 0)
		;
}

/* ---- fork and exec ----------------------------------------------------------------------- */

static void wait_for(long pid)
{
	int status;

	if (pid < 0 || call6(SYS_wait4, pid, (long)&status, 0, 0, 0, 0) != pid || status)
		fail("a child");
}

void fork_exit(unsigned times)
{
	while (times--) {
		long pid = call0(SYS_fork);

		if (pid == 0)
			call3(SYS_exit_group, 0, 0, 0);
		wait_for(pid);
	}
}

static inline void exec_exit(void)
{
	static const char *arguments[] = { "rows", "exit", 0 }, *environment[] = { 0 };

	call3(SYS_execve, (long)self, (long)arguments, (long)environment);
	call3(SYS_exit_group, 127, 0, 0);
}

void fork_exec(unsigned times)
{
	while (times--) {
		long pid = call0(SYS_fork);

		if (pid == 0)
			exec_exit();
		wait_for(pid);
	}
}

void vfork_exec(unsigned times)
{
	while (times--) {
		long pid = call0(SYS_vfork);

		if (pid == 0)
			exec_exit();
		wait_for(pid);
	}
}

/* ---- threads ----------------------------------------------------------------------------- */

static void *thread_main(void *unused)
{
	return 0;
}

void thread_join(unsigned times)
{
	while (times--) {
		pthread_t thread;

		if ((errno = pthread_create(&thread, 0, thread_main, 0)))
			fail("pthread_create");
		pthread_join(thread, 0);
	}
}
