/* Timers as files: what is read and when, polling, steps of the wall clock, fdinfo. */
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#define HOUR (3600 * 1000000000l)

static int set(int fd, int flags, long ns, long interval_ns)
{
	struct itimerspec value = {
		{ interval_ns / 1000000000, interval_ns % 1000000000 },
		{ ns / 1000000000, ns % 1000000000 },
	};

	return timerfd_settime(fd, flags, &value, NULL);
}

static void get(int fd)
{
	struct itimerspec value = { { -1, -1 }, { -1, -1 } };
	int result = timerfd_gettime(fd, &value);

	printf("gettime = %d: interval %ld.%09ld, %s\n", result, (long)value.it_interval.tv_sec,
		value.it_interval.tv_nsec,
		value.it_value.tv_sec || value.it_value.tv_nsec ? "runs" : "off");
}

static void sleep_ms(int ms)
{
	struct timespec span = { 0, ms * 1000000l };

	nanosleep(&span, NULL);
}

static int ready(int fd, int ms)
{
	struct pollfd one = { fd, POLLIN | POLLOUT, 0 };

	return poll(&one, 1, ms) > 0 ? one.revents : 0;
}

/* What a read gives: once, many times, or an error. */
static void take(const char *what, int fd)
{
	uint64_t times = 0;
	ssize_t n = read(fd, &times, sizeof(times));

	if (n < 0)
		printf("%s: %s\n", what, strerror(errno));
	else
		printf("%s: %zd bytes, %s\n", what, n,
			times > 1 ? "many"
			: times   ? "once"
				  : "none");
}

static void basic(int clock)
{
	int fd = timerfd_create(clock, TFD_NONBLOCK | TFD_CLOEXEC);
	char small[7];

	printf("clock %d: fd %d, flags %#x, cloexec %d\n", clock, fd >= 0, fcntl(fd, F_GETFL),
		fcntl(fd, F_GETFD));
	take("off", fd);
	get(fd);
	SHOW(set(fd, 0, HOUR, 0));
	get(fd);
	SHOW(set(fd, 0, 1000000, 0));
	SHOW(ready(fd, 100000));
	take("due", fd);
	take("again", fd);
	get(fd);
	SHOW(read(fd, small, sizeof(small)));
	SHOW(write(fd, "12345678", 8));
	SHOW(set(fd, 0, 1000000, 2000000));
	sleep_ms(30);
	take("after a while", fd);
	SHOW(set(fd, 0, 1000000, HOUR));
	sleep_ms(30);
	get(fd);
	take("the first", fd);
	SHOW(fcntl(fd, F_SETFL, 0));
	SHOW(set(fd, 0, 1000000, 0));
	take("waited for", fd);
	SHOW(set(fd, 0, 1000000, 1000000));
	sleep_ms(10);
	SHOW(set(fd, 0, 0, 0));
	SHOW(ready(fd, 0));
	SHOW(set(fd, TFD_TIMER_ABSTIME, 1, 0));
	take("a time that has passed", fd);
	close(fd);
}

static void shared(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0), set_fd = epoll_create1(0), status;
	struct epoll_event event = { EPOLLIN | EPOLLET, { .u64 = 9 } };
	pid_t pid;

	SHOW(set(fd, 0, 10000000, 0));
	pid = fork();
	if (pid == 0) {
		take("in a child", fd);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	SHOW(ready(fd, 0));
	SHOW(epoll_ctl(set_fd, EPOLL_CTL_ADD, fd, &event));
	SHOW(set(fd, 0, 5000000, 0));
	event.data.u64 = 0;
	SHOW(epoll_wait(set_fd, &event, 1, 100000));
	printf("event %#x of %d\n", event.events, (int)event.data.u64);
	SHOW(epoll_wait(set_fd, &event, 1, 0));
	take("then", fd);
	SHOW(set(fd, 0, 5000000, 5000000));
	SHOW(epoll_wait(set_fd, &event, 1, 100000));
	/* It goes on when it is read. */
	SHOW(epoll_wait(set_fd, &event, 1, 30));
	close(set_fd);
	close(fd);
}

static volatile int alarms;

static void on_alarm(int number)
{
	alarms++;
}

static void interrupted(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	int fd = timerfd_create(CLOCK_BOOTTIME, 0);

	sigaction(SIGALRM, &action, NULL);
	ualarm(10000, 10000);
	take("interrupted", fd);
	ualarm(0, 0);
	SHOW(alarms > 0);
	close(fd);
}

static struct timespec real_start, mono_start;

static int step_to(long seconds)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += real_start.tv_sec - mono_start.tv_sec + seconds;
	return clock_settime(CLOCK_REALTIME, &t);
}

static long now(int clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000l + t.tv_nsec;
}

static void steps(void)
{
	int cancels = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	int follows = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	int span = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK), both;
	pid_t pid;

	clock_gettime(CLOCK_REALTIME, &real_start);
	clock_gettime(CLOCK_MONOTONIC, &mono_start);
	both = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
	SHOW(set(cancels, both, now(CLOCK_REALTIME) + HOUR, 0));
	SHOW(set(follows, TFD_TIMER_ABSTIME, now(CLOCK_REALTIME) + HOUR, 0));
	SHOW(set(span, TFD_TIMER_CANCEL_ON_SET, HOUR, 0));
	SHOW(step_to(10));
	printf("ready %d %d %d\n", ready(cancels, 0), ready(follows, 0), ready(span, 0));
	take("cancelled", cancels);
	take("once", cancels);
	get(cancels);
	SHOW(step_to(20));
	/* It is told also when it is set again. */
	SHOW(set(cancels, both, now(CLOCK_REALTIME) + HOUR, 0));
	SHOW(set(cancels, both, now(CLOCK_REALTIME) + HOUR, 0));
	SHOW(step_to(3700));
	printf("ready %d %d %d\n", ready(cancels, 0), ready(follows, 100000), ready(span, 0));
	take("follows", follows);
	take("cancelled", cancels);
	SHOW(step_to(0));
	/* A reader that waits. */
	fcntl(cancels, F_SETFL, 0);
	SHOW(set(cancels, both, now(CLOCK_REALTIME) + HOUR, 0));
	SHOW(set(cancels, both, now(CLOCK_REALTIME) + HOUR, 0));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		sleep_ms(20);
		step_to(5);
		_exit(0);
	}
	take("a reader that waits", cancels);
	waitpid(pid, NULL, 0);
	SHOW(step_to(0));
	close(cancels);
	close(follows);
	close(span);
}

static void info(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	char path[64], text[512], *line;
	ssize_t n;
	int in;

	set(fd, TFD_TIMER_ABSTIME, 1, 0);
	sleep_ms(1);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	in = open(path, O_RDONLY);
	n = read(in, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strncmp(line, "mnt_id", 6) && strncmp(line, "ino", 3))
			printf("%s\n", line);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, sizeof(text));
	printf("%.*s\n", (int)n, text);
	close(in);
	close(fd);
}

static void failures(void)
{
	struct itimerspec bad = { { 0, 0 }, { 0, 1000000000 } };
	int fd = timerfd_create(CLOCK_MONOTONIC, 0), other = open("/dev/null", O_RDWR);

	SHOW(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
	SHOW(timerfd_create(CLOCK_TAI, 0));
	SHOW(timerfd_create(99, 0));
	SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
	SHOW(timerfd_settime(fd, 0, &bad, NULL));
	bad.it_value.tv_nsec = 1;
	bad.it_interval.tv_sec = -1;
	SHOW(timerfd_settime(fd, 0, &bad, NULL));
	bad.it_interval.tv_sec = 0;
	SHOW(timerfd_settime(fd, 4, &bad, NULL));
	SHOW(timerfd_settime(fd, 0, (void *)8, NULL));
	SHOW(timerfd_settime(fd, 0, &bad, (void *)8));
	SHOW(timerfd_settime(other, 0, &bad, NULL));
	SHOW(timerfd_settime(99, 0, &bad, NULL));
	SHOW(timerfd_gettime(other, &bad));
	SHOW(timerfd_gettime(99, &bad));
	SHOW(timerfd_gettime(fd, (void *)8));
	take("due", fd);
	SHOW(set(fd, 0, 1000000, 0));
	SHOW(read(fd, (void *)8, 8));
	if (fork() == 0) {
		setuid(1000);
		SHOW(timerfd_create(CLOCK_REALTIME_ALARM, 0));
		SHOW(timerfd_create(CLOCK_BOOTTIME_ALARM, 0));
		_exit(0);
	}
	wait(NULL);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	basic(CLOCK_MONOTONIC);
	basic(CLOCK_REALTIME);
	basic(CLOCK_BOOTTIME);
	shared();
	interrupted();
	steps();
	info();
	failures();
	return 0;
}
