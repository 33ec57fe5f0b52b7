/*
 * Open files by name, /dev/fd/N and /proc/self/fd/N: also those that are in no directory, pipes and
 * sockets, as `diff <(one) <(other)` has them.
 */
#include "show.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define FD 20 /* where what is looked at is put */

static const char *const names[] = { "/dev/fd/20", "/proc/self/fd/20", "/proc/thread-self/fd/20" };

static void look(const char *what, int fd)
{
	struct stat by_fd, by_name, link;

	printf("-- %s\n", what);
	dup2(fd, FD);
	SHOW(fstat(FD, &by_fd));
	for (int i = 0; i < 3; i++) {
		const char *name = names[i];

		if (SHOW(stat(name, &by_name)) == 0)
			printf("type %o, the same: %d\n", by_name.st_mode & S_IFMT,
				by_name.st_ino == by_fd.st_ino && by_name.st_dev == by_fd.st_dev &&
					by_name.st_mode == by_fd.st_mode);
	}
	SHOW(lstat(names[0], &link));
	printf("a link: %d\n", S_ISLNK(link.st_mode));
	SHOW(access(names[0], R_OK | W_OK));
	SHOW(stat("/dev/fd/20/", &by_name));
	SHOW(stat("/dev/fd/20/x", &by_name));
	SHOW(mkdir(names[0], 0700));
	SHOW(chdir(names[0]));
	SHOW(truncate(names[0], 0));
	fd = open(names[0], O_RDONLY | O_NONBLOCK);
	printf("open: %s\n", fd < 0 ? strerror(errno) : "opens");
	close(fd);
	close(FD);
	SHOW(stat(names[0], &by_name));
}

static void substitution(void)
{
	int fds[2], status;
	char text[16] = "";

	puts("-- a pipe by name");
	fflush(stdout);
	pipe(fds);
	if (fork() == 0) {
		dup2(fds[0], FD);
		close(fds[0]);
		close(fds[1]);
		int fd = open(names[0], O_RDONLY);

		close(FD);
		SHOW(read(fd, text, sizeof(text)));
		SHOW(read(fd, text, sizeof(text)));
		exit(0);
	}
	close(fds[0]);
	write(fds[1], "through it", 10);
	close(fds[1]);
	wait(&status);
}

/* A pipe that is shown, but not open, is no end of it: who reads comes to the end. */
static void by_path(void)
{
	char text[64] = "", *place = "/proc/self/fd/21";
	struct stat st;
	int fds[2], fd;

	puts("-- a pipe by path");
	pipe(fds);
	dup2(fds[1], FD);
	SHOW(open(names[0], O_PATH | O_DIRECTORY));
	fd = open(names[0], O_PATH);
	printf("opens: %d\n", fd >= 0);
	dup2(fd, 21);
	close(fd);
	close(FD);
	SHOW(write(fds[1], "text", 4));
	SHOW(write(21, "text", 4));
	SHOW(read(21, text, 4));
	SHOW(fstat(21, &st));
	printf("mode %o\n", st.st_mode);
	SHOW(fcntl(21, F_GETFL));
	SHOW(readlink(place, text, 5));
	printf("%s\n", text);
	close(fds[1]);
	SHOW(read(fds[0], text, 10));
	SHOW(read(fds[0], text, 10));
	fd = open(place, O_WRONLY);
	SHOW(write(fd, "again", 5));
	close(fd);
	SHOW(read(fds[0], text, 10));
	SHOW(read(fds[0], text, 10));
	close(fds[0]);
	SHOW(open(place, O_PATH | O_CLOEXEC) >= 0);
	close(21);
}

int main(void)
{
	int fds[2];

	pipe(fds);
	look("a pipe, to read", fds[0]);
	look("a pipe, to write", fds[1]);
	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	look("a socket", fds[0]);
	look("an eventfd", eventfd(0, 0));
	look("a file", open("dev-fd-file", O_RDWR | O_CREAT, 0600));
	look("a directory", open(".", O_RDONLY));
	look("a device", open("/dev/null", O_RDWR));
	substitution();
	by_path();
	return 0;
}
