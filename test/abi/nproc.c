/* RLIMIT_NPROC: how many processes and threads a user may have. */
#define _GNU_SOURCE
#include "show.h"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int thread(void *unused)
{
	for (;;)
		pause();
	return 0;
}

static int start_thread(void)
{
	char *stack = malloc(16384);

	return clone(thread, stack + 16384,
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL);
}

static pid_t start_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

/* A process that has become another user. */
static pid_t start_user(int uid)
{
	int fds[2];
	char byte;
	pid_t pid;

	pipe(fds);
	pid = fork();
	if (pid == 0) {
		setuid(uid);
		write(fds[1], "x", 1);
		for (;;)
			pause();
	}
	read(fds[0], &byte, 1);
	close(fds[0]);
	close(fds[1]);
	return pid;
}

static void as_user(void)
{
	pid_t pids[8], pid;
	int count = 0, threads = 0, status;

	while (count < 8 && (pids[count] = start_process()) > 0)
		count++;
	printf("%d processes, then %s\n", count, strerror(errno));
	/* Until it is waited for, a process that has ended counts. */
	kill(pids[0], SIGKILL);
	siginfo_t info;
	waitid(P_PID, pids[0], &info, WEXITED | WNOWAIT);
	SHOW(start_process() > 0);
	SHOW(waitpid(pids[0], NULL, 0) == pids[0]);
	while (threads < 8 && start_thread() > 0)
		threads++;
	printf("%d threads, then %s\n", threads, strerror(errno));
	for (int i = 1; i < count; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	pid = fork();
	if (pid == 0)
		_exit(3);
	waitpid(pid, &status, 0);
	SHOW(WEXITSTATUS(status));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct rlimit limit = { 5, 5 };
	int status;
	pid_t pid;

	if (argc > 1)
		return 21;
	setpgid(0, 0);
	setrlimit(RLIMIT_NPROC, &limit);
	/* Root may have any number. */
	for (int i = 0; i < 10; i++)
		if (start_process() < 0)
			printf("root: %s\n", strerror(errno));
	pid = fork();
	if (pid == 0) {
		SHOW(setuid(4000));
		as_user();
		exit(0);
	}
	waitpid(pid, NULL, 0);
	/* Who becomes a user that has too many may not start a program while that is so. */
	limit.rlim_cur = 1;
	pid = fork();
	if (pid == 0) {
		pid_t others[2];

		for (int i = 0; i < 2; i++)
			others[i] = start_user(4001);
		setrlimit(RLIMIT_NPROC, &limit);
		SHOW(setuid(4001));
		execl("/proc/self/exe", "nproc", "again", NULL);
		SHOW(errno == EAGAIN);
		for (int i = 0; i < 2; i++) {
			kill(others[i], SIGKILL);
			waitpid(others[i], NULL, 0);
		}
		execl("/proc/self/exe", "nproc", "again", NULL);
		exit(1);
	}
	waitpid(pid, &status, 0);
	SHOW(WEXITSTATUS(status));
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	return 0;
}
