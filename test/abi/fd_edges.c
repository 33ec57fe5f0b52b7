/*
 * The edges of descriptors and locks: what O_PATH refuses, close_range under a lowered limit, two
 * who change their flock at once, a record lock whose descriptor is closed while it is waited for,
 * numbers that run over.
 */
#include "show.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <sys/wait.h>

static void path_only(void)
{
	int fd = SHOW(open("edges", O_PATH));
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	struct timeval none = { 0, 0 };
	struct flock whole = { .l_type = F_RDLCK };
	struct epoll_event event = { .events = EPOLLIN };
	fd_set set;
	int on = 1;

	SHOW(poll(&poll_fd, 1, 0));
	printf("revents %x\n", poll_fd.revents);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	SHOW(select(fd + 1, &set, NULL, NULL, &none));
	SHOW(flock(fd, LOCK_SH));
	SHOW(fcntl(fd, F_SETLK, &whole));
	SHOW(fcntl(fd, F_GETFL) & O_PATH ? 1 : 0);
	SHOW(fcntl(fd, F_SETFL, 0));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(ioctl(fd, FIONBIO, &on));
	SHOW(syncfs(fd));
	SHOW(posix_fadvise(fd, 0, 0, POSIX_FADV_NORMAL));
	SHOW(fsync(fd));
	SHOW(ftruncate(fd, 0));
	SHOW(epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, fd, &event));
	close(fd);
}

/* Access mode 3: to ask for what the file is, and neither to read nor to write. */
static void no_access(void)
{
	int fd = SHOW(open("edges", O_RDONLY | O_WRONLY | O_RDWR));
	char byte;

	SHOW(read(fd, &byte, 1));
	SHOW(write(fd, "x", 1));
	SHOW(pread(fd, &byte, 1, 0));
	SHOW(ftruncate(fd, 1));
	SHOW(fallocate(fd, 0, 0, 1));
	SHOW_MAP(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	SHOW(fcntl(fd, F_GETFL) & O_ACCMODE);
	SHOW(lseek(fd, 0, SEEK_END));
	close(fd);
	SHOW(mknod("edges-fifo", S_IFIFO | 0600, 0));
	SHOW(open("edges-fifo", O_RDONLY | O_WRONLY | O_RDWR));
}

/* Another process asks for the record lock that this one has. */
static void show_lock(void)
{
	struct flock whole = { .l_type = F_WRLCK };

	if (fork() == 0) {
		SHOW(fcntl(open("edges", O_RDWR), F_SETLK, &whole));
		_exit(0);
	}
	wait(NULL);
}

/* Whatever descriptor of the file is closed, its record locks go; but one that is only a place. */
static void close_place(void)
{
	int fd = open("edges", O_RDWR);
	struct flock whole = { .l_type = F_WRLCK };

	SHOW(fcntl(fd, F_SETLK, &whole));
	close(open("edges", O_PATH));
	show_lock();
	close(open("edges", O_RDONLY));
	show_lock();
	close(fd);
}

/* What has no place in a file system is in one of its kind. */
static void no_place(void)
{
	int fds[] = { open("/proc/self/fd", O_RDONLY), eventfd(5, 0),
		socket(AF_UNIX, SOCK_STREAM, 0), -1, -1 };
	char *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct statfs statfs;

	(void)!pipe(fds + 3);
	for (int i = 0; i < 5; i++) {
		SHOW(fstatfs(fds[i], &statfs));
		printf("type %lx, blocks of %ld, names of %ld\n", (long)statfs.f_type,
			(long)statfs.f_bsize, (long)statfs.f_namelen);
	}
	SHOW(munmap(memory + 4096, 4096));
	SHOW(read(fds[1], memory + 4092, 8)); /* not a half of it */
}

static void lowered_limit(void)
{
	struct rlimit old, low;

	getrlimit(RLIMIT_NOFILE, &old);
	low = (struct rlimit){ 10, old.rlim_max };
	SHOW(dup2(1, 50));
	SHOW(setrlimit(RLIMIT_NOFILE, &low));
	SHOW(fcntl(50, F_GETFD));
	SHOW(syscall(SYS_close_range, 20, ~0u, 0));
	SHOW(fcntl(50, F_GETFD));
	SHOW(setrlimit(RLIMIT_NOFILE, &old));
}

/* Both have it shared and want it alone: the one gives up its lock by asking. */
static void change_flock(void)
{
	int status, mine = open("edges", O_RDWR), other, ready[2];
	char byte;

	pipe(ready);
	SHOW(flock(mine, LOCK_SH));
	fflush(stdout);
	if (fork() == 0) {
		other = open("edges", O_RDWR);
		flock(other, LOCK_SH);
		alarm(60);
		write(ready[1], "", 1);
		_exit(flock(other, LOCK_EX) == 0 ? 3 : 4);
	}
	read(ready[0], &byte, 1);
	SHOW(flock(mine, LOCK_EX));
	SHOW(flock(mine, LOCK_UN));
	wait(&status);
	printf("the other: %x\n", status);

	/* One that cannot be changed at once is gone. */
	SHOW(flock(mine, LOCK_SH));
	other = open("edges", O_RDWR);
	SHOW(flock(other, LOCK_SH));
	SHOW(flock(mine, LOCK_EX | LOCK_NB));
	SHOW(flock(other, LOCK_EX | LOCK_NB));
	close(mine);
	close(other);
}

static int waited_for;

static void *wait_for_lock(void *arg)
{
	struct flock whole = { .l_type = F_WRLCK };

	SHOW(fcntl(waited_for, F_SETLKW, &whole));
	return NULL;
}

static void close_while_waiting(void)
{
	struct flock whole = { .l_type = F_WRLCK };
	pthread_t thread;
	int status, fd, ready[2], closed[2];
	pid_t pid;
	char byte;

	waited_for = open("edges", O_RDWR);
	pipe(ready);
	pipe(closed);
	pid = fork();
	if (pid == 0) {
		fcntl(waited_for, F_SETLK, &whole);
		write(ready[1], "", 1);
		read(closed[0], &byte, 1);
		_exit(0);
	}
	read(ready[0], &byte, 1);
	pthread_create(&thread, NULL, wait_for_lock, NULL);
	usleep(200000); /* it is waiting now, or will find nothing open */
	close(waited_for);
	write(closed[1], "", 1);
	pthread_join(thread, NULL);
	waitpid(pid, &status, 0);
	fflush(stdout);
	if (fork() == 0) {
		fd = open("edges", O_RDWR);
		SHOW(fcntl(fd, F_SETLK, &whole));
		_exit(0);
	}
	wait(&status);
}

static void run_over(void)
{
	struct flock lock = { .l_type = F_RDLCK, .l_start = LONG_MIN, .l_len = -1 };
	struct timeval time = { LONG_MAX, LONG_MAX };
	struct timespec late = { LONG_MAX / 1000000000, 0 };
	int fd = open("edges", O_RDWR), dir = open("/", O_RDONLY | O_DIRECTORY);
	fd_set set;

	SHOW(fcntl(fd, F_SETLK, &lock));
	lock = (struct flock){ .l_type = F_RDLCK, .l_start = LONG_MAX, .l_len = LONG_MAX };
	SHOW(fcntl(fd, F_SETLK, &lock));
	lock = (struct flock){ .l_type = F_RDLCK, .l_start = 5, .l_len = -5 };
	SHOW(fcntl(fd, F_SETLK, &lock));
	lock = (struct flock){ .l_type = F_RDLCK, .l_start = 5, .l_len = -6 };
	SHOW(fcntl(fd, F_SETLK, &lock));
	SHOW(lseek(fd, LONG_MAX, SEEK_SET) == LONG_MAX);
	SHOW(lseek(fd, LONG_MAX, SEEK_CUR));
	SHOW(lseek(dir, LONG_MAX, SEEK_SET) == LONG_MAX);
	SHOW(lseek(dir, LONG_MAX, SEEK_CUR));
	SHOW(lseek(dir, LONG_MIN, SEEK_CUR));
	FD_ZERO(&set);
	FD_SET(fd, &set);
	SHOW(syscall(SYS_select, fd + 1, &set, NULL, NULL, &time));
	SHOW(clock_settime(CLOCK_REALTIME, &late));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(sendfile(fd, fd, NULL, SIZE_MAX));
	SHOW(fcntl(fd, F_SETFL, O_ASYNC));
	SHOW(fcntl(fd, F_GETFL) & O_ASYNC);
	close(fd);
	close(dir);
}

int main(void)
{
	close(open("edges", O_RDWR | O_CREAT, 0600));
	path_only();
	no_access();
	close_place();
	no_place();
	lowered_limit();
	change_flock();
	close_while_waiting();
	run_over();
	return 0;
}
