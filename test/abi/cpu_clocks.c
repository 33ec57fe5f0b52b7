/* Clocks of CPU time: of oneself, of others, by number; timers and sleeps that go by them. */
#include "show.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>

#define CLOCK_OF_PROCESS(pid) ((int)(~(unsigned)(pid) << 3 | 2))
#define CLOCK_OF_THREAD(tid)  ((int)(~(unsigned)(tid) << 3 | 6))
#define CLOCK_OF_USER(pid)    ((int)(~(unsigned)(pid) << 3 | 1))

static long long now(int clock)
{
	struct timespec t;

	if (syscall(SYS_clock_gettime, clock, &t))
		return -errno;
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static volatile unsigned long work;

static void compute_ms(int clock, int ms)
{
	long long end = now(clock) + ms * 1000000ll;

	while (now(clock) < end)
		for (int i = 0; i < 1000; i++)
			work++;
}

static volatile int stop;
static volatile pid_t thread_tid;

static void *spin(void *unused)
{
	thread_tid = (pid_t)syscall(SYS_gettid);
	while (!stop)
		work++;
	return NULL;
}

/* Until it has gone: pthread_join may return a little before that. */
static void join(pthread_t thread)
{
	stop = 1;
	pthread_join(thread, NULL);
	while (syscall(SYS_tgkill, getpid(), thread_tid, 0) == 0)
		usleep(1000);
	usleep(1000);
}

static int res(int clock)
{
	struct timespec t = { 0, 0 };

	return syscall(SYS_clock_getres, clock, &t) ? -errno : (int)t.tv_nsec;
}

static int sleep_on(int clock, int flags, long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	return syscall(SYS_clock_nanosleep, clock, flags, &t, NULL) ? errno : 0;
}

static void agree(void)
{
	long long cpu, before = now(CLOCK_PROCESS_CPUTIME_ID), used;
	struct rusage usage;
	struct tms tms;

	compute_ms(CLOCK_PROCESS_CPUTIME_ID, 50);
	getrusage(RUSAGE_SELF, &usage);
	cpu = now(CLOCK_PROCESS_CPUTIME_ID);
	used = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000ll +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000ll;
	/* All clocks look at one count; Linux's is a tick behind. */
	printf("counted %d, agree %d %d\n", cpu >= before + 50000000, used <= cpu + 8000000,
		used >= cpu - 20000000);
	times(&tms);
	printf("times %d\n", tms.tms_utime + tms.tms_stime >= 3);
	printf("asleep %d\n", ({
		before = now(CLOCK_PROCESS_CPUTIME_ID);
		usleep(30000);
		now(CLOCK_PROCESS_CPUTIME_ID) - before < 25000000;
	}));
}

static void by_number(void)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		for (;;)
			work++;
	while (now(CLOCK_OF_PROCESS(child)) < 20000000)
		usleep(1000);
	printf("a child's time goes on; %d\n", now(CLOCK_OF_USER(child)) >= 0);
	kill(child, SIGSTOP);
	waitpid(child, &status, WUNTRACED);
	usleep(10000); /* it says so before it goes to sleep */
	printf("stopped: %d\n", ({
		long long then = now(CLOCK_OF_PROCESS(child));
		usleep(10000);
		now(CLOCK_OF_PROCESS(child)) == then;
	}));
	SHOW(now(CLOCK_OF_THREAD(child)));
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	SHOW(now(CLOCK_OF_PROCESS(child)));
	SHOW(now(CLOCK_OF_PROCESS(0)) > 0);
	SHOW(now(CLOCK_OF_PROCESS(getpid())) > 0);
	SHOW(now(CLOCK_OF_THREAD(0)) > 0);
	SHOW(now(CLOCK_OF_PROCESS(1)) > 0);
	SHOW(now(CLOCK_OF_THREAD(1)));
	SHOW(now(CLOCK_OF_PROCESS(99999)));
	SHOW(now(-5));
	SHOW(now(-1));
	SHOW(res(CLOCK_PROCESS_CPUTIME_ID));
	SHOW(res(CLOCK_THREAD_CPUTIME_ID));
	SHOW(res(CLOCK_OF_USER(0)));
	SHOW(res(CLOCK_OF_PROCESS(99999)));
}

static void set_failures(void)
{
	struct timespec t = { 1, 0 };

	SHOW((int)syscall(SYS_clock_settime, CLOCK_PROCESS_CPUTIME_ID, &t));
	SHOW((int)syscall(SYS_clock_settime, CLOCK_OF_PROCESS(0), &t));
	SHOW((int)syscall(SYS_clock_settime, CLOCK_OF_PROCESS(99999), &t));
}

/* Another thread computes while this one sleeps by it. */
static void sleeping(void)
{
	long long start;
	pthread_t thread;

	pthread_create(&thread, NULL, spin, NULL);
	while (!thread_tid)
		usleep(1000);
	start = now(CLOCK_PROCESS_CPUTIME_ID);
	SHOW(sleep_on(CLOCK_PROCESS_CPUTIME_ID, 0, 20));
	printf("slept %d\n", now(CLOCK_PROCESS_CPUTIME_ID) - start >= 20000000);
	start = now(CLOCK_OF_THREAD(thread_tid));
	SHOW(sleep_on(CLOCK_OF_THREAD(thread_tid), TIMER_ABSTIME, start / 1000000 + 20));
	printf("slept %d\n", now(CLOCK_OF_THREAD(thread_tid)) - start >= 19000000);
	SHOW(sleep_on(CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, 1));
	SHOW(sleep_on(CLOCK_THREAD_CPUTIME_ID, 0, 1));
	SHOW(sleep_on(CLOCK_OF_THREAD(0), 0, 1));
	SHOW(sleep_on(CLOCK_OF_THREAD(1), 0, 1));
	SHOW(sleep_on(CLOCK_PROCESS_CPUTIME_ID, 0, -1));
	join(thread);
	SHOW(now(CLOCK_OF_THREAD(thread_tid)));
	SHOW(sleep_on(CLOCK_OF_THREAD(thread_tid), 0, 1));
}

static volatile int fired;

static void on_signal(int number)
{
	fired++;
}

static void timer(const char *what, int clock)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec value = { { 0, 10000000 }, { 0, 10000000 } };
	int id;

	fired = 0;
	printf("%s: create %d", what, (int)syscall(SYS_timer_create, clock, &event, &id));
	printf(", set %d", (int)syscall(SYS_timer_settime, id, 0, &value, NULL));
	usleep(30000);
	printf(", asleep %d", fired > 1);
	while (fired < 3)
		work++;
	syscall(SYS_timer_gettime, id, &value);
	printf(", interval %ld, runs %d", value.it_interval.tv_nsec, value.it_value.tv_nsec > 0);
	printf(", deleted %d\n", (int)syscall(SYS_timer_delete, id));
}

/* A thread's clock, when the thread has gone. */
static void orphan(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	struct itimerspec value = { { 0, 0 }, { 1, 0 } };
	pthread_t thread;
	int id;

	stop = 0;
	thread_tid = 0;
	pthread_create(&thread, NULL, spin, NULL);
	while (!thread_tid)
		usleep(1000);
	SHOW((int)syscall(SYS_timer_create, CLOCK_OF_THREAD(thread_tid), &event, &id));
	SHOW((int)syscall(SYS_timer_settime, id, 0, &value, NULL));
	join(thread);
	SHOW((int)syscall(SYS_timer_settime, id, 0, &value, NULL));
	SHOW((int)syscall(SYS_timer_gettime, id, &value));
	SHOW(value.it_value.tv_sec + value.it_value.tv_nsec);
	SHOW((int)syscall(SYS_timer_delete, id));
	SHOW((int)syscall(SYS_timer_create, CLOCK_OF_THREAD(1), &event, &id));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGUSR1, on_signal);
	agree();
	by_number();
	set_failures();
	sleeping();
	timer("process", CLOCK_PROCESS_CPUTIME_ID);
	timer("thread", CLOCK_THREAD_CPUTIME_ID);
	timer("user", CLOCK_OF_USER(0));
	orphan();
	return 0;
}
