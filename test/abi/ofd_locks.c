/* Locks that an open file owns: F_OFD_SETLK and its like. */
#include "show.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

static int lock(int fd, int command, int type, long start, long length)
{
	struct flock l = { .l_type = (short)type, .l_start = start, .l_len = length };

	return fcntl(fd, command, &l) ? errno : 0;
}

static const char *set(int fd, int type, long start, long length)
{
	return strerror(lock(fd, F_OFD_SETLK, type, start, length));
}

static void who(const char *what, int fd, int command, int type, long start, long length)
{
	struct flock l = { .l_type = (short)type, .l_start = start, .l_len = length };

	if (fcntl(fd, command, &l)) {
		printf("%s: %s\n", what, strerror(errno));
		return;
	}
	if (l.l_type == F_UNLCK)
		printf("%s: free %ld+%ld pid %d\n", what, (long)l.l_start, (long)l.l_len, l.l_pid);
	else
		printf("%s: %s %ld+%ld whence %d by %s\n", what,
			l.l_type == F_RDLCK ? "read" : "write", (long)l.l_start, (long)l.l_len,
			l.l_whence,
			l.l_pid == -1         ? "an open file"
			: l.l_pid == getpid() ? "us"
					      : "another");
}

static void errors(int fd)
{
	struct flock l = { .l_type = F_RDLCK, .l_pid = getpid() };
	int other;

	SHOW(fcntl(fd, F_OFD_SETLK, &l));
	SHOW(fcntl(fd, F_OFD_SETLKW, &l));
	SHOW(fcntl(fd, F_OFD_GETLK, &l));
	l.l_pid = 0;
	l.l_type = 7;
	SHOW(fcntl(fd, F_OFD_SETLK, &l));
	SHOW(fcntl(fd, F_OFD_GETLK, &l));
	l.l_type = F_UNLCK;
	SHOW(fcntl(fd, F_OFD_GETLK, &l));
	l.l_type = F_RDLCK;
	l.l_whence = 9;
	SHOW(fcntl(fd, F_OFD_SETLK, &l));
	l.l_whence = SEEK_SET;
	l.l_start = -5;
	SHOW(fcntl(fd, F_OFD_SETLK, &l));
	SHOW(fcntl(99, F_OFD_SETLK, &l));
	SHOW(fcntl(fd, F_OFD_SETLK, NULL));
	other = open("file", O_RDONLY);
	printf("%s\n", set(other, F_WRLCK, 0, 1));
	printf("%s\n", set(other, F_RDLCK, 0, 1));
	close(other);
	other = open("file", O_WRONLY);
	printf("%s\n", set(other, F_RDLCK, 0, 1));
	close(other);
	other = open("file", O_PATH);
	printf("%s\n", set(other, F_RDLCK, 0, 1));
	close(other);
	SHOW(fcntl(fd, F_SETLEASE, F_RDLCK) == -1 || 1);
}

static void owners(int a, int b)
{
	int c;

	printf("%s\n", set(a, F_WRLCK, 10, 10));
	printf("%s\n", set(b, F_WRLCK, 15, 10));
	printf("%s\n", set(b, F_RDLCK, 15, 1));
	printf("%s\n", set(b, F_WRLCK, 20, 10));
	who("b asks", b, F_OFD_GETLK, F_WRLCK, 0, 0);
	who("a asks", a, F_OFD_GETLK, F_WRLCK, 0, 0);
	who("the process asks", a, F_GETLK, F_WRLCK, 0, 0);
	printf("of the process: %s\n", strerror(lock(a, F_SETLK, F_WRLCK, 10, 1)));
	printf("of the process: %s\n", strerror(lock(a, F_SETLK, F_WRLCK, 40, 5)));
	printf("%s\n", set(a, F_WRLCK, 40, 1));
	who("b asks", b, F_OFD_GETLK, F_RDLCK, 40, 1);
	c = dup(a);
	printf("a copy is the same: %s\n", set(c, F_WRLCK, 12, 2));
	close(c);
	who("still there", b, F_OFD_GETLK, F_WRLCK, 10, 5);
	printf("%s\n", set(a, F_RDLCK, 12, 2));
	who("split", b, F_OFD_GETLK, F_WRLCK, 12, 2);
	who("split", b, F_OFD_GETLK, F_WRLCK, 10, 1);
	printf("%s\n", set(a, F_UNLCK, 0, 0));
	who("given up", b, F_OFD_GETLK, F_WRLCK, 0, 15);
	printf("whole: %s\n", flock(a, LOCK_EX | LOCK_NB) ? strerror(errno) : "ok");
	printf("%s\n", set(a, F_WRLCK, 0, 5));
	printf("%s\n", set(b, F_UNLCK, 0, 0));
	flock(a, LOCK_UN);
}

/* A child has the same open file; a lock goes with the last descriptor. */
static void ends(int a)
{
	int b = open("file", O_RDWR);

	printf("%s\n", set(b, F_WRLCK, 100, 10));
	fflush(stdout);
	if (fork() == 0) {
		printf("the child: %s\n", set(b, F_WRLCK, 105, 1));
		printf("by another: %s\n", set(a, F_WRLCK, 105, 1));
		who("by another", a, F_OFD_GETLK, F_RDLCK, 105, 1);
		close(b);
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
	who("after the child", a, F_OFD_GETLK, F_RDLCK, 105, 1);
	close(open("file", O_RDWR));
	who("after a close", a, F_OFD_GETLK, F_RDLCK, 105, 1);
	close(b);
	who("after the last", a, F_OFD_GETLK, F_RDLCK, 105, 1);
}

static void nothing(int number)
{
}

static void waits(int a, int b)
{
	struct sigaction action = { .sa_handler = nothing };
	int go[2], status;

	printf("%s\n", set(a, F_WRLCK, 0, 10));
	pipe(go);
	fflush(stdout);
	if (fork() == 0) {
		close(go[0]);
		write(go[1], "x", 1);
		_exit(lock(b, F_OFD_SETLKW, F_WRLCK, 5, 10) == 0 ? 5 : 1);
	}
	read(go[0], &status, 1);
	usleep(20000);
	printf("%s\n", set(a, F_UNLCK, 0, 0));
	wait(&status);
	printf("the child has got it: %d\n", WEXITSTATUS(status));
	who("and b keeps it", a, F_OFD_GETLK, F_WRLCK, 0, 0);
	sigaction(SIGALRM, &action, NULL);
	ualarm(20000, 0);
	printf("interrupted: %s\n", strerror(lock(a, F_OFD_SETLKW, F_WRLCK, 5, 1)));
}

int main(void)
{
	int a, b;

	mkdir("ofd_locks", 0755);
	chdir("ofd_locks");
	a = open("file", O_RDWR | O_CREAT, 0600);
	b = open("file", O_RDWR);
	errors(a);
	owners(a, b);
	ends(a);
	waits(a, b);
	return 0;
}
