/* Reading without lines: VMIN and VTIME in all combinations, poll, and what ends a wait. */
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

static int master, slave;

static void sleep_ms(long ms)
{
	struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void set(int min, int time)
{
	struct termios t;

	tcgetattr(slave, &t);
	t.c_lflag = 0;
	t.c_cc[VMIN] = min;
	t.c_cc[VTIME] = time;
	tcsetattr(slave, TCSAFLUSH, &t);
	printf("--- min %d, time %d\n", min, time);
}

static void type(const char *text)
{
	(void)!write(master, text, strlen(text));
	sleep_ms(20);
}

/* What a read gives, and whether it came at once or after a tenth of a second. */
static void got(size_t size)
{
	char buf[100];
	long start = now_ms(), n = read(slave, buf, size);
	long took = now_ms() - start;

	printf("read %zu: %ld %.*s%s, %s\n", size, n, n > 0 ? (int)n : 0, buf,
		n < 0 ? strerror(errno) : "", took < 80 ? "at once" : "later");
	fflush(stdout);
}

static void show_poll(void)
{
	struct pollfd p = { .fd = slave, .events = POLLIN };

	printf("poll: %d\n", poll(&p, 1, 0));
	fflush(stdout);
}

/* A child that types after a while. */
static pid_t type_later(const char *text, const char *more)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	sleep_ms(120);
	type(text);
	if (more) {
		sleep_ms(20);
		type(more);
	}
	_exit(0);
}

static void wait_for(pid_t pid)
{
	waitpid(pid, NULL, 0);
}

static void on_alarm(int signal)
{
}

static void alarm_ms(long ms)
{
	struct sigaction action = { .sa_handler = on_alarm };
	timer_t timer;
	struct itimerspec when = { .it_value.tv_nsec = ms * 1000000 };

	sigaction(SIGALRM, &action, NULL);
	timer_create(CLOCK_MONOTONIC, NULL, &timer);
	timer_settime(timer, 0, &when, NULL);
}

static void plain(void)
{
	pid_t pid;

	set(0, 0);
	got(5);
	type("abc");
	got(5);
	type("abcdef");
	got(2);
	got(9);
	show_poll();
	set(1, 0);
	type("abc");
	got(2);
	got(5);
	pid = type_later("x", NULL);
	got(5);
	wait_for(pid);
	set(4, 0);
	type("abc");
	show_poll();
	got(2);
	pid = type_later("xyz", NULL);
	got(9);
	wait_for(pid);
	pid = type_later("12", "345");
	got(9);
	wait_for(pid);
	type("ab");
	pid = type_later("c", NULL);
	got(3);
	wait_for(pid);
}

static void timed(void)
{
	pid_t pid;

	set(0, 1);
	got(5);
	type("ab");
	show_poll();
	got(5);
	set(0, 3);
	pid = type_later("xy", NULL);
	got(5);
	wait_for(pid);
	set(3, 1);
	type("ab");
	show_poll();
	got(5);
	type("abcde");
	got(4);
	pid = type_later("12", NULL);
	got(5);
	wait_for(pid);
}

static void ends(void)
{
	pid_t pid;

	set(3, 0);
	alarm_ms(120);
	got(5);
	type("a");
	alarm_ms(120);
	got(5);
	fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK);
	got(5);
	type("b");
	got(5);
	set(0, 1);
	got(5);
	fcntl(slave, F_SETFL, O_RDWR);
	set(1, 0);
	pid = fork();
	if (pid == 0) {
		sleep_ms(120);
		signal(SIGHUP, SIG_IGN);
		close(master);
		_exit(0);
	}
	close(master);
	got(5);
	wait_for(pid);
	got(5);
}

int main(void)
{
	int number;
	char name[40];

	signal(SIGHUP, SIG_IGN);
	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ioctl(master, TIOCGPTN, &number);
	unlockpt(master);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	slave = open(name, O_RDWR | O_NOCTTY);
	plain();
	timed();
	ends();
	return 0;
}
