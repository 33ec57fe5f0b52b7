/* Advisory locks: fcntl's ranges between processes, flock's between open files. */
#include "show.h"

#include <sys/file.h>
#include <sys/wait.h>

static int set(int fd, int command, int type, long start, long length)
{
	struct flock lock = { .l_type = type, .l_start = start, .l_len = length };

	return fcntl(fd, command, &lock) ? errno : 0;
}

/* What another process finds in the way. */
static void show_conflict(const char *what, int fd, int type, long start, long length)
{
	struct flock lock = { .l_type = type, .l_start = start, .l_len = length };
	pid_t parent = getpid(), pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		fcntl(fd, F_GETLK, &lock);
		if (lock.l_type == F_UNLCK)
			printf("%s: free\n", what);
		else
			printf("%s: %s %ld+%ld, by the parent %d\n", what,
				lock.l_type == F_RDLCK ? "read" : "write", (long)lock.l_start,
				(long)lock.l_len, lock.l_pid == parent);
		printf("%s: trying gives %s\n", what,
			strerror(set(fd, F_SETLK, type, start, length)));
		exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void records(int fd)
{
	printf("set: %d\n", set(fd, F_SETLK, F_WRLCK, 10, 10));
	show_conflict("inside", fd, F_RDLCK, 12, 1);
	show_conflict("before", fd, F_WRLCK, 0, 10);
	show_conflict("across", fd, F_WRLCK, 0, 11);
	printf("hole: %d\n", set(fd, F_SETLK, F_UNLCK, 14, 2));
	show_conflict("in the hole", fd, F_WRLCK, 14, 2);
	show_conflict("behind it", fd, F_WRLCK, 14, 3);
	printf("read: %d\n", set(fd, F_SETLK, F_RDLCK, 14, 100));
	show_conflict("shared", fd, F_RDLCK, 50, 1);
	show_conflict("not shared", fd, F_WRLCK, 16, 1);
	printf("joined: %d\n", set(fd, F_SETLK, F_WRLCK, 0, 0));
	show_conflict("all", fd, F_RDLCK, 1000, 0);
	printf("from the end: %d\n", set(fd, F_SETLK, F_UNLCK, 5, -3));
	show_conflict("negative length", fd, F_WRLCK, 0, 100);
	close(dup(fd));
	show_conflict("after a close of another descriptor", fd, F_WRLCK, 0, 0);
	printf("bad type: %s\n", strerror(set(fd, F_SETLK, 9, 0, 0)));
	printf("bad range: %s\n", strerror(set(fd, F_SETLK, F_RDLCK, -1, 0)));
}

static void waiting(int fd)
{
	int status;
	pid_t pid;

	set(fd, F_SETLK, F_WRLCK, 0, 1);
	pid = fork();
	if (pid == 0) {
		int error = set(fd, F_SETLKW, F_WRLCK, 0, 1);

		_exit(error ? 100 + error : 7);
	}
	usleep(50000);
	printf("still waiting: %d\n", waitpid(pid, &status, WNOHANG) == 0);
	set(fd, F_SETLK, F_UNLCK, 0, 1);
	waitpid(pid, &status, 0);
	printf("got it: %d\n", WEXITSTATUS(status));
}

static void deadlock(int fd)
{
	int status, error;
	pid_t pid;

	set(fd, F_SETLK, F_WRLCK, 0, 1);
	pid = fork();
	if (pid == 0) {
		set(fd, F_SETLK, F_WRLCK, 1, 1);
		error = set(fd, F_SETLKW, F_WRLCK, 0, 1);
		_exit(error);
	}
	usleep(50000);
	error = set(fd, F_SETLKW, F_WRLCK, 1, 1);
	printf("parent: %s\n", strerror(error));
	set(fd, F_SETLK, F_UNLCK, 0, 0);
	waitpid(pid, &status, 0);
	printf("child: %s\n", strerror(WEXITSTATUS(status)));
}

static void whole(int fd)
{
	int other = open("locked", O_RDWR), same = dup(fd);

	SHOW(flock(fd, LOCK_EX));
	SHOW(flock(same, LOCK_EX | LOCK_NB));
	SHOW(flock(other, LOCK_SH | LOCK_NB));
	SHOW(flock(fd, LOCK_SH));
	SHOW(flock(other, LOCK_SH | LOCK_NB));
	SHOW(flock(other, LOCK_EX | LOCK_NB));
	SHOW(flock(same, LOCK_UN));
	SHOW(flock(other, LOCK_EX | LOCK_NB));
	close(other);
	SHOW(flock(fd, LOCK_EX | LOCK_NB));
	SHOW(flock(fd, 0));
	SHOW(flock(99, LOCK_SH));
}

int main(void)
{
	int fd = open("locked", O_RDWR | O_CREAT | O_TRUNC, 0600), reader;

	records(fd);
	waiting(fd);
	deadlock(fd);
	whole(fd);
	reader = open("locked", O_RDONLY);
	printf("write lock on a reader: %s\n", strerror(set(reader, F_SETLK, F_WRLCK, 0, 1)));
	return 0;
}
