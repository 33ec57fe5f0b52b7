#ifndef ABI_IPC_TEST_H
#define ABI_IPC_TEST_H
/*
 * What the programs about System V IPC share. Identifiers depend on what was there before.
 */
#include "show.h"

#include <grp.h>
#include <sys/ipc.h>
#include <sys/wait.h>
#include <time.h>

/* Prints a call that makes something, and whether it did; gives the identifier back. */
#define MAKE(call) make(#call, (errno = 0, (long)(call)))

static inline int make(const char *call, long result)
{
	if (result < 0)
		printf("%s = -1 %s\n", call, strerror(errno));
	else
		printf("%s = an identifier\n", call);
	fflush(stdout);
	return (int)result;
}

/* fn in another process, by another user with the given ids; 0, 0: by the same. */
static inline void in_child(void (*fn)(int), int arg, unsigned uid, unsigned gid)
{
	int status;

	fflush(stdout);
	if (fork() == 0) {
		if (uid && (setgroups(0, NULL) || setgid(gid) || setuid(uid)))
			perror("setuid");
		fn(arg);
		fflush(stdout);
		_exit(0);
	}
	wait(&status);
	if (status)
		printf("the child: %#x\n", status);
}

/* A child that sleeps in fn; gives time to begin. */
static inline int start(void (*fn)(int), int arg)
{
	int pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		fn(arg);
		fflush(stdout);
		_exit(0);
	}
	return pid;
}

static inline void doze(int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000l };

	while (nanosleep(&time, &time))
		;
}

static inline void join(int pid)
{
	int status;

	waitpid(pid, &status, 0);
	if (status)
		printf("the child: %#x\n", status);
}

/* A call that lets the child go on: shown when that has ended. */
#define SHOW_AFTER(call, pid)                                                                      \
	do {                                                                                       \
		long result_ = (errno = 0, (long)(call));                                          \
		int error_ = errno;                                                                \
                                                                                                   \
		join(pid);                                                                         \
		errno = error_;                                                                    \
		show(#call, result_);                                                              \
	} while (0)

static inline const char *is_now(long seconds)
{
	long now = time(NULL);

	return seconds == 0 ? "never" : seconds >= now - 100 && seconds <= now ? "now" : "wrong";
}

/* Of a file in /proc/sysvipc: its heading, and whether it has a line with that identifier. */
static inline void show_proc(const char *path, int id)
{
	FILE *file = fopen(path, "r");
	char line[512];
	int key, found;

	if (!file) {
		perror(path);
		return;
	}
	fgets(line, sizeof(line), file);
	printf("%s", line);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%d %d", &key, &found) == 2 && found == id)
			printf("  %d: %d bytes\n", key, (int)strlen(line));
	fclose(file);
}

static inline void show_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	char text[256];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	printf("%s: %.*s", path, n > 0 ? (int)n : 1, n > 0 ? text : "\n");
	close(fd);
}

#endif
