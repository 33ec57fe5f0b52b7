/* fork: memory is copied, files are shared; orphans; groups; many children. */
#include "show.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static int data = 1;
static int zeroed[4096];

static int status_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status;
}

static void memory(void)
{
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int *private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int local = 5;
	pid_t pid;

	*shared = *private = 7;
	pid = fork();
	if (pid == 0) {
		data = 2;
		local = 6;
		zeroed[1000] = 1;
		*shared = *private = 8;
		_exit(data + local + zeroed[1000]);
	}
	printf("child computed %d\n", WEXITSTATUS(status_of(pid)));
	printf("data %d local %d zeroed %d private %d shared %d\n", data, local, zeroed[1000],
		*private, *shared);
	data = 3;
	pid = fork();
	if (pid == 0)
		_exit(data);
	data = 4;
	printf("child saw %d\n", WEXITSTATUS(status_of(pid)));
}

static void files(void)
{
	int fd = open("shared", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char text[16] = "";
	pid_t pid = fork();

	if (pid == 0) {
		write(fd, "child", 5);
		close(fd);
		_exit(0);
	}
	status_of(pid);
	write(fd, " parent", 7);
	pread(fd, text, 15, 0);
	printf("\"%s\", position %ld\n", text, lseek(fd, 0, SEEK_CUR));
}

static void orphans(void)
{
	int fd = open("orphan", O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct timespec span = { 0, 20000000 };
	char text[2] = "";
	pid_t pid = fork();

	if (pid == 0) {
		if (fork() == 0) {
			while (getppid() == pid || getppid() != 1)
				nanosleep(&span, NULL);
			write(fd, "1", 1);
		}
		_exit(0);
	}
	status_of(pid);
	for (int i = 0; i < 100 && pread(fd, text, 1, 0) == 0; i++)
		nanosleep(&span, NULL);
	printf("the orphan's parent: %s\n", text);
}

static void groups(void)
{
	int pid = getpid();
	pid_t child;

	SHOW(setpgid(0, 0));
	printf("own group: %d\n", getpgrp() == pid);
	child = fork();
	if (child == 0) {
		printf("inherited: %d\n", getpgrp() == pid);
		SHOW(setsid() == getpid());
		printf("own session: %d\n", getsid(0) == getpid() && getpgrp() == getpid());
		SHOW(setsid());
		SHOW(setpgid(0, 0));
		exit(0);
	}
	status_of(child);
	child = fork();
	if (child == 0)
		for (;;)
			pause();
	SHOW(setpgid(child, child));
	printf("child's group: %d\n", getpgid(child) == child);
	SHOW(kill(-child, SIGTERM));
	printf("ended by %d\n", WTERMSIG(status_of(child)));
	SHOW(getpgid(child));
	SHOW(setpgid(1, 0));
	SHOW(setpgid(0, -1));
	SHOW(setpgid(-1, 0));
}

static void many(void)
{
	int sum = 0, status;

	for (int i = 0; i < 50; i++) {
		if (fork() == 0)
			_exit(i);
	}
	while (wait(&status) > 0)
		sum += WEXITSTATUS(status);
	printf("sum of 50 statuses: %d, then %s\n", sum, strerror(errno));
}

static void no_zombies(void)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	if (pid == 0)
		_exit(1);
	SHOW(waitpid(pid, NULL, 0));
	signal(SIGCHLD, SIG_DFL);
}

int main(void)
{
	struct rusage usage;

	memory();
	files();
	fflush(stdout);
	orphans();
	fflush(stdout);
	groups();
	fflush(stdout);
	many();
	no_zombies();
	SHOW(getrusage(RUSAGE_CHILDREN, &usage));
	return 0;
}
