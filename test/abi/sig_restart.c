/* System calls that a signal interrupts: which are made again, which end. A child sends the
 * signals. */
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>

#define FUTEX_WAIT_BITSET 9

static volatile int count;

static void on_signal(int number)
{
	count++;
}

static void set(int flags)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };

	sigaction(SIGUSR1, &action, NULL);
}

static void ms(int n)
{
	struct timespec span = { n / 1000, n % 1000 * 1000000 };

	while (nanosleep(&span, &span))
		;
}

/* A child that sends SIGUSR1 after 50 ms, and ends after another 50. */
static pid_t sender(int number)
{
	pid_t pid = fork();

	if (pid == 0) {
		ms(50);
		kill(getppid(), number);
		ms(50);
		_exit(3);
	}
	return pid;
}

static void try_wait(const char *what, int flags)
{
	int status = 0;
	pid_t pid, got;

	set(flags);
	count = 0;
	pid = sender(SIGUSR1);
	got = waitpid(pid, &status, 0);
	printf("waitpid, %s: %s, handler ran %d\n", what, got == pid ? "waited" : strerror(errno),
		count);
	if (got != pid)
		waitpid(pid, &status, 0);
	printf("status %x\n", status);
	fflush(stdout);
}

static void try_sleep(const char *what, int flags, int number)
{
	struct timespec span = { 0, 150000000 }, rest = { 0, 0 };
	struct timespec begin, end;
	pid_t pid;
	long result, lasted;

	set(flags);
	count = 0;
	pid = sender(number);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	result = nanosleep(&span, &rest);
	clock_gettime(CLOCK_MONOTONIC, &end);
	lasted = (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000;
	printf("nanosleep, %s: %s, handler ran %d, rest %d, slept all %d\n", what,
		result ? strerror(errno) : "0", count, rest.tv_nsec > 0, lasted >= 150);
	fflush(stdout);
	waitpid(pid, NULL, 0);
}

/* Stopped and continued in `wait`, which is made again; the sleep behind it lasts as long as it is
 * told to, whatever the wait was told. */
static void try_stop(const char *what, long (*wait)(int fd))
{
	struct timespec span = { 0, 50000000 }, begin, end;
	int fds[2], status = -1;
	pid_t pid;

	pipe(fds);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		printf("%s, stopped: %ld\n", what, wait(fds[0]));
		alarm(10);
		clock_gettime(CLOCK_MONOTONIC, &begin);
		nanosleep(&span, NULL);
		clock_gettime(CLOCK_MONOTONIC, &end);
		end.tv_sec -= begin.tv_sec;
		printf("slept all %d\n",
			end.tv_sec * 1000000000 + end.tv_nsec - begin.tv_nsec >= span.tv_nsec);
		exit(0);
	}
	ms(50);
	kill(pid, SIGSTOP);
	waitpid(pid, NULL, WUNTRACED);
	kill(pid, SIGCONT);
	ms(50);
	write(fds[1], "", 1);
	waitpid(pid, &status, 0);
	printf("status %x\n", status);
	close(fds[0]);
	close(fds[1]);
}

static long wait_ppoll(int fd)
{
	struct pollfd poll = { .fd = fd, .events = POLLIN };

	return ppoll(&poll, 1, NULL, NULL);
}

static long wait_poll(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, -1);
}

static long wait_select(int fd)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(fd + 1, &set, NULL, NULL, NULL);
}

/* Until a time of the clock, which comes. */
static long wait_futex(int fd)
{
	struct timespec until;
	uint32_t word = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &until, NULL, -1);
}

int main(void)
{
	struct pollfd none = { .fd = -1 };
	struct timeval span = { 0, 150000 };
	pid_t pid;

	try_wait("SA_RESTART", SA_RESTART);
	try_wait("no SA_RESTART", 0);
	try_sleep("handler", SA_RESTART, SIGUSR1);
	try_sleep("ignored signal", SA_RESTART, SIGWINCH);
	set(SA_RESTART);
	pid = sender(SIGUSR1);
	SHOW(poll(&none, 1, 150));
	waitpid(pid, NULL, 0);
	pid = sender(SIGUSR1);
	SHOW(select(0, NULL, NULL, NULL, &span));
	waitpid(pid, NULL, 0);
	pid = sender(SIGUSR1);
	SHOW(pause());
	waitpid(pid, NULL, 0);
	try_stop("ppoll", wait_ppoll);
	try_stop("poll", wait_poll);
	try_stop("select", wait_select);
	try_stop("futex", wait_futex);
	return 0;
}
