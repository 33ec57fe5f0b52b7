/* Processes as files: opening, polling, signals, waiting, descriptors of others, clone. */
#define _GNU_SOURCE
#include "show.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <time.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif
#define P_PIDFD_ 3

static int pidfd_open_(pid_t pid, unsigned flags)
{
	return (int)syscall(434, pid, flags);
}

static int pidfd_send(int fd, int signal, siginfo_t *info, unsigned flags)
{
	return (int)syscall(424, fd, signal, info, flags);
}

static int pidfd_getfd_(int pidfd, int fd, unsigned flags)
{
	return (int)syscall(438, pidfd, fd, flags);
}

static int ready(int fd, int ms)
{
	struct pollfd one = { fd, POLLIN | POLLOUT | POLLHUP, 0 };

	return poll(&one, 1, ms) > 0 ? one.revents : 0;
}

static int wait_fd(int fd, int options, siginfo_t *info)
{
	memset(info, 0, sizeof(*info));
	return (int)syscall(SYS_waitid, P_PIDFD_, fd, info, options, NULL);
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void life(void)
{
	struct epoll_event event = { EPOLLIN, { .u64 = 1 } };
	int set = epoll_create1(0), fd;
	siginfo_t info;
	char byte;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		usleep(20000);
		_exit(3);
	}
	fd = pidfd_open_(pid, 0);
	printf("fd %d flags %#x cloexec %d\n", fd >= 0, fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	SHOW(ready(fd, 0));
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
	SHOW(epoll_wait(set, &event, 1, 5000));
	SHOW(ready(fd, 5000));
	SHOW(read(fd, &byte, 1));
	SHOW(write(fd, &byte, 1));
	SHOW(wait_fd(fd, WEXITED | WNOWAIT, &info));
	printf("code %d status %d ours %d\n", info.si_code, info.si_status, info.si_pid == pid);
	SHOW(pidfd_send(fd, 0, NULL, 0));
	SHOW(wait_fd(fd, WEXITED, &info));
	/* It is gone. */
	SHOW(wait_fd(fd, WEXITED, &info));
	SHOW(ready(fd, 0));
	SHOW(pidfd_send(fd, 0, NULL, 0));
	SHOW(pidfd_getfd_(fd, 0, 0));
	SHOW(pidfd_open_(pid, 0));
	close(fd);
	close(set);
}

static void nonblocking(void)
{
	pid_t pid = sleeper();
	int fd = pidfd_open_(pid, O_NONBLOCK);
	siginfo_t info;

	printf("flags %#x\n", fcntl(fd, F_GETFL));
	SHOW(wait_fd(fd, WEXITED, &info));
	SHOW(wait_fd(fd, WEXITED | WNOHANG, &info));
	SHOW(pidfd_send(fd, SIGTERM, NULL, 0));
	SHOW(ready(fd, 5000));
	SHOW(wait_fd(fd, WEXITED, &info));
	printf("code %d status %d\n", info.si_code, info.si_status);
	close(fd);
}

static volatile int got, got_value, got_code;

static void on_signal(int signal, siginfo_t *info, void *context)
{
	got = signal;
	got_code = info->si_code;
	got_value = info->si_value.sival_int;
}

static void signals(void)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	int self = pidfd_open_(getpid(), 0), child, null = open("/dev/null", O_RDWR);
	pid_t pid = sleeper();
	siginfo_t info;

	sigaction(SIGUSR1, &action, NULL);
	child = pidfd_open_(pid, 0);
	SHOW(pidfd_send(self, SIGUSR1, NULL, 0));
	printf("got %d code %d\n", got, got_code);
	memset(&info, 0, sizeof(info));
	info.si_signo = SIGUSR1;
	info.si_code = SI_QUEUE;
	info.si_value.sival_int = 12;
	SHOW(pidfd_send(self, SIGUSR1, &info, 0));
	printf("got %d code %d value %d\n", got, got_code, got_value);
	info.si_code = SI_USER;
	SHOW(pidfd_send(self, SIGUSR1, &info, 0));
	SHOW(pidfd_send(child, SIGUSR1, &info, 0));
	info.si_code = SI_QUEUE;
	SHOW(pidfd_send(child, SIGUSR2, &info, 0));
	SHOW(pidfd_send(child, 0, NULL, 0));
	SHOW(pidfd_send(child, 65, NULL, 0));
	SHOW(pidfd_send(child, SIGUSR1, (void *)8, 0));
	SHOW(pidfd_send(child, SIGUSR1, NULL, 1));
	SHOW(pidfd_send(null, SIGUSR1, NULL, 0));
	SHOW(pidfd_send(99, SIGUSR1, NULL, 0));
	SHOW(wait_fd(null, WEXITED, &info));
	SHOW(wait_fd(99, WEXITED, &info));
	SHOW(wait_fd(-1, WEXITED, &info));
	SHOW(wait_fd(self, WEXITED, &info));
	if (fork() == 0) {
		setuid(1000);
		SHOW(pidfd_send(child, SIGUSR1, NULL, 0));
		SHOW(pidfd_getfd_(child, 0, 0));
		_exit(0);
	}
	wait(NULL);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(self);
	close(child);
	close(null);
}

static void descriptors(void)
{
	int ends[2], fd, taken;
	char text[8];
	pid_t pid;

	pipe(ends);
	pid = fork();
	if (pid == 0) {
		int file = open("taken", O_RDWR | O_CREAT | O_TRUNC, 0600);

		write(file, "hello", 5);
		dup2(file, 50);
		write(ends[1], "x", 1);
		for (;;)
			pause();
	}
	read(ends[0], text, 1);
	fd = pidfd_open_(pid, 0);
	taken = pidfd_getfd_(fd, 50, 0);
	printf("taken %d, cloexec %d\n", taken >= 0, fcntl(taken, F_GETFD));
	SHOW(lseek(taken, 0, SEEK_CUR));
	SHOW(pread(taken, text, 5, 0));
	SHOW(pidfd_getfd_(fd, 51, 0));
	SHOW(pidfd_getfd_(fd, -1, 0));
	SHOW(pidfd_getfd_(fd, 50, 1));
	SHOW(pidfd_getfd_(ends[0], 50, 0));
	kill(pid, SIGKILL);
	ready(fd, 5000);
	SHOW(pidfd_getfd_(fd, 50, 0) == -1);
	waitpid(pid, NULL, 0);
	close(fd);
	close(taken);
	close(ends[0]);
	close(ends[1]);
}

static void *hold(void *unused)
{
	for (;;)
		pause();
	return NULL;
}

static volatile pid_t other_tid;

static void *tell_tid(void *unused)
{
	other_tid = (pid_t)syscall(SYS_gettid);
	return hold(NULL);
}

static void threads(void)
{
	pthread_t thread;
	siginfo_t info;
	pid_t pid;
	int fd;

	/* The first thread ends, another goes on: the process has not ended. */
	pid = fork();
	if (pid == 0) {
		pthread_create(&thread, NULL, hold, NULL);
		syscall(SYS_exit, 0);
	}
	fd = pidfd_open_(pid, 0);
	SHOW(ready(fd, 50));
	kill(pid, SIGKILL);
	SHOW(ready(fd, 5000));
	SHOW(wait_fd(fd, WEXITED, &info));
	close(fd);
	pid = fork();
	if (pid == 0) {
		pthread_create(&thread, NULL, tell_tid, NULL);
		while (!other_tid)
			usleep(1000);
		SHOW(pidfd_open_(other_tid, 0));
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static long clone_with(unsigned long flags, void *parent_tid)
{
	return syscall(SYS_clone, flags, NULL, parent_tid, NULL, NULL);
}

static void cloned(void)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, rest[3];
	} args = { 0 };
	int fd = -1, tid = 0;
	siginfo_t info;
	long pid;

	pid = clone_with(CLONE_PIDFD | SIGCHLD, &fd);
	if (pid == 0)
		_exit(9);
	printf("clone %d, fd %d, cloexec %d\n", pid > 0, fd > 2, fcntl(fd, F_GETFD));
	SHOW(wait_fd(fd, WEXITED, &info));
	printf("status %d\n", info.si_status);
	close(fd);
	args.flags = CLONE_PIDFD | CLONE_PARENT_SETTID;
	args.pidfd = (uint64_t)&fd;
	args.parent_tid = (uint64_t)&tid;
	args.exit_signal = SIGCHLD;
	fd = -1;
	pid = syscall(435, &args, sizeof(args));
	if (pid == 0)
		_exit(fcntl(fd, F_GETFD) == -1 ? 8 : 1);
	printf("clone3 %d, fd %d, tid %d\n", pid > 0, fd > 2, tid == pid);
	SHOW(wait_fd(fd, WEXITED, &info));
	printf("status %d\n", info.si_status);
	close(fd);
	SHOW(clone_with(CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, &fd));
	SHOW(clone_with(CLONE_PIDFD | 0x00400000 | SIGCHLD, &fd));
	SHOW(clone_with(CLONE_PIDFD | SIGCHLD, (void *)8));
	SHOW(wait(NULL));
}

static void info(void)
{
	pid_t pid = sleeper();
	int fd = pidfd_open_(pid, 0), in;
	char path[64], text[512], *at;
	ssize_t n;

	for (int dead = 0; dead < 2; dead++) {
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
		in = open(path, O_RDONLY);
		n = read(in, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
		close(in);
		at = strstr(text, "Pid:\t");
		printf("Pid: %s\n", !at                   ? "none"
				    : atoi(at + 5) == pid ? "the child's"
				    : atoi(at + 5) == -1  ? "-1"
							  : "another");
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, sizeof(text));
	printf("%.*s\n", (int)n, text);
	close(fd);
}

/* An open directory of a process stands for it, to be sent signals alone. */
static void directory(void)
{
	pid_t pid = sleeper();
	char path[32];
	siginfo_t info;
	int fd, other;

	puts("-- /proc/PID");
	snprintf(path, sizeof(path), "/proc/%d", pid);
	fd = open(path, O_RDONLY | O_DIRECTORY);
	SHOW(pidfd_send(fd, 0, NULL, 0));
	SHOW(pidfd_getfd_(fd, 0, 0));
	SHOW(wait_fd(fd, WEXITED | WNOHANG, &info));
	other = open("/proc", O_RDONLY);
	SHOW(pidfd_send(other, 0, NULL, 0));
	close(other);
	snprintf(path, sizeof(path), "/proc/%d/task/%d", pid, pid);
	other = open(path, O_RDONLY);
	SHOW(pidfd_send(other, 0, NULL, 0));
	close(other);
	snprintf(path, sizeof(path), "/proc/%d", pid);
	other = open(path, O_PATH);
	SHOW(pidfd_send(other, 0, NULL, 0));
	close(other);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	other = open(path, O_RDONLY);
	SHOW(pidfd_send(other, 0, NULL, 0));
	close(other);
	SHOW(pidfd_send(fd, SIGKILL, NULL, 0));
	SHOW(waitpid(pid, NULL, 0) == pid);
	SHOW(pidfd_send(fd, 0, NULL, 0));
	close(fd);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	life();
	nonblocking();
	signals();
	descriptors();
	threads();
	cloned();
	info();
	directory();
	SHOW(pidfd_open_(0, 0));
	SHOW(pidfd_open_(-1, 0));
	SHOW(pidfd_open_(99999, 0));
	SHOW(pidfd_open_(getpid(), 1));
	return 0;
}
