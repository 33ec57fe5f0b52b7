/* Descriptors: copies share position and status flags, not their own flags; the lowest is taken. */
#include "show.h"

#include <sys/resource.h>

int main(void)
{
	struct rlimit limit;
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	SHOW(fd);
	SHOW(dup(fd));
	SHOW(dup2(fd, 10));
	SHOW(dup2(fd, fd));
	SHOW(dup2(99, 11));
	SHOW(dup2(fd, -1));
	SHOW(dup2(fd, 1 << 30));
	SHOW(dup3(fd, fd, 0));
	SHOW(dup3(fd, 12, O_CLOEXEC));
	SHOW(dup3(fd, 12, 1));
	SHOW(dup(99));
	SHOW(fcntl(12, F_GETFD));
	SHOW(fcntl(10, F_GETFD));
	SHOW(fcntl(10, F_SETFD, FD_CLOEXEC));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(fd, F_DUPFD, 20));
	SHOW(fcntl(fd, F_DUPFD, 20));
	SHOW(fcntl(fd, F_DUPFD_CLOEXEC, 20));
	SHOW(fcntl(22, F_GETFD));
	SHOW(fcntl(fd, F_DUPFD, -1));
	SHOW(fcntl(fd, F_DUPFD, 1 << 30));

	SHOW(write(fd, "abc", 3));
	SHOW(lseek(10, 0, SEEK_CUR));
	SHOW(fcntl(fd, F_GETFL) & 07777);
	SHOW(fcntl(10, F_SETFL, O_APPEND | O_NONBLOCK));
	SHOW(fcntl(fd, F_GETFL) & 07777);
	SHOW(fcntl(fd, F_SETFL, O_WRONLY));
	SHOW(fcntl(fd, F_GETFL) & 07777);
	SHOW(fcntl(99, F_GETFD));
	SHOW(fcntl(fd, 9999));
	SHOW(close(4));
	SHOW(open("f", O_RDONLY));
	SHOW(close(-1));

	SHOW(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = 30;
	SHOW(setrlimit(RLIMIT_NOFILE, &limit));
	SHOW(fcntl(fd, F_DUPFD, 29));
	SHOW(fcntl(fd, F_DUPFD, 29));
	SHOW(fcntl(fd, F_DUPFD, 30));
	SHOW(dup2(fd, 30));
	while (dup(fd) >= 0)
		;
	SHOW(dup(fd));
	SHOW(open("f", O_RDONLY));
	return 0;
}
