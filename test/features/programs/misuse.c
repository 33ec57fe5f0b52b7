/*
 * misuse HOW: a program that takes what there is and does not give it back, or that dies in the
 * middle of a call; its parent clears it away. Says "usable" if the machine is afterwards.
 */
#include "scenarios.h"

#include <sys/resource.h>

/* A program still starts, and ends. */
static int is_usable(void)
{
	return forks() == 0 && opens() == 0 && pipes() == 0 && maps() == 0;
}

/* Every process makes two, until there are no more to be had. */
static void bomb(void)
{
	for (;;)
		if (fork() < 0)
			pause();
}

/* Threads as well, and none ever ends. */
static int stay(void *unused)
{
	for (;;)
		pause();
	return 0;
}

static void threads_without_end(void)
{
	static char stack[4096];

	while (clone(stay, stack + sizeof(stack),
		       CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL) > 0)
		;
	stay(NULL);
}

/* Descriptors of all kinds, up to the limit. */
static void descriptors_without_end(void)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };
	int fds[2];

	setrlimit(RLIMIT_NOFILE, &limit);
	for (int i = 0;; i++) {
		int got = -1;

		switch (i % 6) {
		case 0:
			got = pipe(fds);
			break;
		case 1:
			got = socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
			break;
		case 2:
			got = open("/dev/zero", O_RDONLY);
			break;
		case 3:
			got = eventfd(0, 0);
			break;
		case 4:
			got = epoll_create1(0);
			break;
		case 5:
			got = timerfd_create(CLOCK_MONOTONIC, 0);
			break;
		}
		if (got < 0)
			break;
	}
	stay(NULL);
}

/* A file system full of bytes, and then of names. */
static void files_without_end(void)
{
	static char bytes[1 << 16];
	int fd = open("/tmp/large", O_WRONLY | O_CREAT, 0600);
	char name[32];

	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
	for (int i = 0;; i++) {
		snprintf(name, sizeof(name), "/tmp/n%d", i);
		if (mknod(name, S_IFREG | 0600, 0))
			break;
	}
	stay(NULL);
}

/* Bytes in pipes that nobody reads. */
static void pipes_without_end(void)
{
	static char bytes[1 << 20];
	int fds[2];

	while (pipe(fds) == 0) {
		fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
		fcntl(fds[1], F_SETFL, O_NONBLOCK);
		write(fds[1], bytes, sizeof(bytes));
	}
	stay(NULL);
}

static const struct {
	const char *name;
	void (*run)(void);
} takers[] = {
	{ "processes", bomb },
	{ "threads", threads_without_end },
	{ "descriptors", descriptors_without_end },
	{ "files", files_without_end },
	{ "pipes", pipes_without_end },
};

/* What scenarios and takers may leave in the file system. */
static void clear_away(void)
{
	chdir("/");
	umount2("/tmp/mnt", MNT_DETACH);
	system("/bin/busybox rm -rf /tmp && /bin/busybox mkdir /tmp");
}

/* Starts it in a group of its own, lets it go on for a while, and clears the group away. */
static int take(void (*run)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		run();
	}
	setpgid(pid, pid);
	usleep(700000);
	do
		kill(-pid, SIGKILL);
	while (wait(NULL) > 0);
	clear_away();
	return is_usable();
}

/* The scenario again and again, killed at some point of it; what it left is cleared away. */
static int die_within(int (*run)(void))
{
	for (int i = 0; i < 25; i++) {
		pid_t pid = fork();

		if (pid == 0)
			for (;;)
				run();
		usleep(200 + 137 * i);
		kill(pid, SIGKILL);
		if (waitpid(pid, NULL, 0) != pid)
			return 0;
	}
	return is_usable();
}

int main(int argc, char **argv)
{
	int good = argc == 2;

	if (argc == 2 && !strcmp(argv[1], "nothing"))
		return 0;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (size_t i = 0; i < sizeof(takers) / sizeof(*takers) && good; i++)
		if (!strcmp(argv[1], takers[i].name))
			good = take(takers[i].run);
	if (good && !strcmp(argv[1], "deaths"))
		for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios) && good; i++) {
			if (!strcmp(scenarios[i].name, "ipc")) /* its objects are to stay */
				continue;
			good = die_within(scenarios[i].run);
			clear_away();
		}
	puts(good ? "usable" : "not usable");
	return !good;
}
