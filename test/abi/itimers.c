/* Interval timers by CPU time, RLIMIT_CPU, and ITIMER_REAL whose signal nobody takes. */
#include "show.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static volatile int virtual, prof, real, xcpu;

static void on_signal(int number)
{
	virtual += number == SIGVTALRM;
	prof += number == SIGPROF;
	real += number == SIGALRM;
	xcpu += number == SIGXCPU;
}

static volatile unsigned long work;

static void compute(void)
{
	for (int i = 0; i < 10000; i++)
		work++;
}

/* The kernel does all of it. */
static void call(void)
{
	static char bytes[65536];
	int fd = open("/dev/zero", O_RDONLY);

	for (int i = 0; i < 20; i++)
		read(fd, bytes, sizeof(bytes));
	close(fd);
}

static void set(int which, long us, long interval_us)
{
	struct itimerval value = { { 0, interval_us }, { 0, us } };

	printf("setitimer %d = %d\n", which, setitimer(which, &value, NULL));
}

static void show_timer(int which)
{
	struct itimerval value;
	int result = getitimer(which, &value);

	printf("getitimer %d = %d: %s, interval %ld\n", which, result,
		value.it_value.tv_sec || value.it_value.tv_usec ? "runs" : "off",
		(long)value.it_interval.tv_usec);
}

static void sleep_ms(int ms)
{
	struct timespec span = { 0, ms * 1000000l };

	while (nanosleep(&span, &span))
		;
}

/* How a child ends whose CPU time is limited. */
static void limit(rlim_t soft, rlim_t hard, int handle)
{
	struct rlimit value = { soft, hard };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (handle)
			signal(SIGXCPU, on_signal);
		setrlimit(RLIMIT_CPU, &value);
		if (handle) {
			while (xcpu < 1)
				compute();
			getrlimit(RLIMIT_CPU, &value);
			printf("soft limit is now %d\n", (int)value.rlim_cur);
			fflush(stdout);
		}
		for (;;)
			compute();
	}
	waitpid(pid, &status, 0);
	printf("limit %d %d: ended by %d\n", (int)soft, (int)hard, WTERMSIG(status));
}

int main(void)
{
	struct rusage usage;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGVTALRM, on_signal);
	signal(SIGPROF, on_signal);

	set(ITIMER_VIRTUAL, 20000, 0);
	show_timer(ITIMER_VIRTUAL);
	while (!virtual)
		compute();
	show_timer(ITIMER_VIRTUAL);
	set(ITIMER_VIRTUAL, 10000, 10000);
	while (virtual < 4)
		compute();
	show_timer(ITIMER_VIRTUAL);
	set(ITIMER_VIRTUAL, 0, 0);

	/* Time in the kernel counts too; time asleep does not. */
	set(ITIMER_PROF, 10000, 10000);
	sleep_ms(50);
	printf("asleep: %d\n", prof > 1);
	while (prof < 4)
		call();
	set(ITIMER_PROF, 0, 0);
	show_timer(ITIMER_PROF);
	getrusage(RUSAGE_SELF, &usage);
	printf("user and system time: %d %d\n", usage.ru_utime.tv_usec > 0,
		usage.ru_stime.tv_usec > 0);

	/* Ignored: it fires once, and that is it. */
	signal(SIGALRM, SIG_IGN);
	set(ITIMER_REAL, 5000, 5000);
	sleep_ms(30);
	show_timer(ITIMER_REAL);
	signal(SIGALRM, on_signal);
	sleep_ms(20);
	printf("real %d\n", real);
	set(ITIMER_REAL, 0, 0);
	show_timer(ITIMER_REAL);

	fflush(stdout);
	limit(1, 1, 0);
	limit(1, 2, 1);
	return 0;
}
