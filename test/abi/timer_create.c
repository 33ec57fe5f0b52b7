/* POSIX timers: what can be set and read, which signal comes, how many it stands for. */
#include "show.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static int create(int clock, struct sigevent *event, int *id)
{
	return (int)syscall(SYS_timer_create, clock, event, id);
}

static int settime(int id, int flags, long ns, long interval_ns, struct itimerspec *old)
{
	struct itimerspec value = {
		{ interval_ns / 1000000000, interval_ns % 1000000000 },
		{ ns / 1000000000, ns % 1000000000 },
	};

	return (int)syscall(SYS_timer_settime, id, flags, &value, old);
}

static void get(int id)
{
	struct itimerspec value = { { -1, -1 }, { -1, -1 } };
	long result = syscall(SYS_timer_gettime, id, &value);

	printf("gettime = %ld: interval %ld.%09ld, %s\n", result, (long)value.it_interval.tv_sec,
		value.it_interval.tv_nsec,
		value.it_value.tv_sec || value.it_value.tv_nsec ? "runs" : "off");
}

static void sleep_ms(int ms)
{
	struct timespec span = { 0, ms * 1000000l };

	nanosleep(&span, NULL);
}

static sigset_t blocked;

/* Take one signal of the blocked ones, or none within that time. */
static void take_within(const char *what, struct timespec wait)
{
	siginfo_t info;
	int signal = sigtimedwait(&blocked, &info, &wait);

	if (signal < 0)
		printf("%s: none\n", what);
	else
		printf("%s: signal %d code %d value %d\n", what, signal, info.si_code,
			info.si_value.sival_int);
}

static void take(const char *what)
{
	take_within(what, (struct timespec){ 100, 0 });
}

static void take_none(const char *what)
{
	take_within(what, (struct timespec){ 0, 50000000 });
}

static void one_shot(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	int id;

	event.sigev_value.sival_int = 77;
	SHOW(create(CLOCK_MONOTONIC, &event, &id));
	get(id);
	SHOW(settime(id, 0, 3600000000000, 0, NULL));
	get(id);
	SHOW(settime(id, 0, 1000000, 0, NULL));
	take("one shot");
	take_none("no second");
	get(id);
	SHOW((int)syscall(SYS_timer_getoverrun, id));
	/* A time that has passed; one that is set twice; what is taken back. */
	SHOW(settime(id, TIMER_ABSTIME, 1, 0, NULL));
	take("passed");
	SHOW(settime(id, 0, 1000000000, 0, NULL));
	SHOW(settime(id, 0, 0, 0, NULL));
	take_none("taken back");
	SHOW((int)syscall(SYS_timer_delete, id));
	SHOW((int)syscall(SYS_timer_delete, id));
}

static void intervals(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1 };
	struct itimerspec old;
	int id;

	SHOW(create(CLOCK_BOOTTIME, &event, &id));
	SHOW(settime(id, 0, 1000000, 1000000, NULL));
	sleep_ms(40);
	take("many expiries");
	SHOW((int)syscall(SYS_timer_getoverrun, id) > 5);
	take("and on");
	SHOW(settime(id, 0, 0, 5000, &old));
	printf("old interval %ld\n", old.it_interval.tv_nsec);
	get(id);
	/* One that was sent before stays. */
	while (sigtimedwait(&blocked, NULL, &(struct timespec){ 0, 0 }) > 0)
		;
	SHOW(settime(id, 0, 1000000, 1000000, NULL));
	sleep_ms(20);
	SHOW((int)syscall(SYS_timer_delete, id));
	take("of a deleted timer");
	take_none("no more");
}

/* Two timers with one standard signal: each has its own. */
static void one_each(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	int a, b;

	event.sigev_value.sival_int = 1;
	create(CLOCK_MONOTONIC, &event, &a);
	event.sigev_value.sival_int = 2;
	create(CLOCK_REALTIME, &event, &b);
	settime(a, 0, 1000000, 0, NULL);
	sleep_ms(10);
	settime(b, 0, 1000000, 0, NULL);
	sleep_ms(10);
	take("first");
	take("second");
	take_none("third");
	syscall(SYS_timer_delete, a);
	syscall(SYS_timer_delete, b);
}

static volatile int handled, first_overrun;

static void on_signal(int number, siginfo_t *info, void *context)
{
	if (handled++ == 0)
		first_overrun = info->si_overrun;
}

/* While its signal is ignored a timer goes on. */
static void ignored(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	int id;

	signal(SIGUSR2, SIG_IGN);
	create(CLOCK_MONOTONIC, &event, &id);
	settime(id, 0, 1000000, 2000000, NULL);
	sleep_ms(20);
	get(id);
	sigaction(SIGUSR2, &action, NULL);
	while (handled == 0)
		sleep_ms(1);
	printf("handled, overrun %d\n", first_overrun > 0);
	syscall(SYS_timer_delete, id);
	signal(SIGUSR2, SIG_DFL);
}

static void without_signal(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	int id;

	SHOW(create(CLOCK_MONOTONIC, &event, &id));
	SHOW(settime(id, 0, 3600000000000, 0, NULL));
	get(id);
	SHOW(settime(id, 0, 1000000, 0, NULL));
	sleep_ms(5);
	get(id);
	SHOW(settime(id, 0, 1000000, 3000000, NULL));
	sleep_ms(5);
	get(id);
	SHOW((int)syscall(SYS_timer_getoverrun, id));
	syscall(SYS_timer_delete, id);
}

static volatile int ready, leave;
static volatile pid_t thread_tid;

static void *thread(void *unused)
{
	struct timespec wait = { 1, 0 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 2);
	thread_tid = (pid_t)syscall(SYS_gettid);
	ready = 1;
	if (sigtimedwait(&set, &info, &wait) > 0)
		printf("the thread got value %d\n", info.si_value.sival_int);
	while (!leave)
		sleep_ms(1);
	return NULL;
}

static void to_thread(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 2 };
	pthread_t handle;
	int id;

	pthread_create(&handle, NULL, thread, NULL);
	while (!ready)
		sleep_ms(1);
	event.sigev_value.sival_int = 5;
	event.sigev_notify_thread_id = thread_tid;
	SHOW(create(CLOCK_MONOTONIC, &event, &id));
	SHOW(settime(id, 0, 1000000, 0, NULL));
	sleep_ms(20);
	leave = 1;
	pthread_join(handle, NULL);
	/* Its thread has gone. */
	SHOW(settime(id, 0, 1000000, 0, NULL));
	take_none("nobody's");
	syscall(SYS_timer_delete, id);
	SHOW(create(CLOCK_MONOTONIC, &event, &id));
	event.sigev_notify_thread_id = 1;
	SHOW(create(CLOCK_MONOTONIC, &event, &id));
}

static void failures(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec bad = { { 0, 0 }, { 0, 1000000000 } };
	struct rlimit limit = { 1, 1 };
	int id, other;

	SHOW(create(99, &event, &id));
	SHOW(create(CLOCK_MONOTONIC_RAW, &event, &id));
	SHOW(create(CLOCK_REALTIME_COARSE, &event, &id));
	SHOW(create(CLOCK_MONOTONIC, (void *)8, &id));
	SHOW(create(CLOCK_MONOTONIC, &event, (void *)8));
	event.sigev_signo = 65;
	SHOW(create(CLOCK_MONOTONIC, &event, &id));
	event.sigev_signo = 0;
	SHOW(create(CLOCK_MONOTONIC, &event, &id));
	event.sigev_notify = 3;
	SHOW(create(CLOCK_MONOTONIC, &event, &id));
	SHOW(create(CLOCK_MONOTONIC, NULL, &id));
	SHOW((int)syscall(SYS_timer_settime, id, 0, &bad, NULL));
	bad.it_value.tv_nsec = 0;
	bad.it_interval.tv_sec = -1;
	SHOW((int)syscall(SYS_timer_settime, id, 0, &bad, NULL));
	SHOW((int)syscall(SYS_timer_settime, id, 0, NULL, NULL));
	SHOW((int)syscall(SYS_timer_settime, id, 0, (void *)8, NULL));
	SHOW(settime(id, 0, 0, 0, (void *)8));
	SHOW((int)syscall(SYS_timer_gettime, id, (void *)8));
	SHOW(settime(id + 1000, 0, 0, 0, NULL));
	SHOW((int)syscall(SYS_timer_gettime, -1, &bad));
	SHOW((int)syscall(SYS_timer_getoverrun, id + 1000));
	syscall(SYS_timer_delete, id);
	SHOW(setrlimit(RLIMIT_SIGPENDING, &limit));
	event.sigev_notify = SIGEV_NONE;
	SHOW(create(CLOCK_MONOTONIC, &event, &id));
	SHOW(create(CLOCK_MONOTONIC, &event, &other));
}

/* Not for a child, nor for another program. */
static void inheritance(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	char id_text[16];
	int id, status;
	pid_t pid;

	create(CLOCK_MONOTONIC, &event, &id);
	snprintf(id_text, sizeof(id_text), "%d", id);
	pid = fork();
	if (pid == 0) {
		get(id);
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	pid = fork();
	if (pid == 0) {
		create(CLOCK_MONOTONIC, NULL, &id);
		settime(id, 0, 20000000, 0, NULL);
		execl("/proc/self/exe", "timer_create", "exec", id_text, NULL);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	printf("after exec: %d\n", status);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "exec") == 0) {
		get(atoi(argv[2]));
		sleep_ms(50);
		return 0;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGALRM);
	sigaddset(&blocked, SIGRTMIN + 1);
	sigaddset(&blocked, SIGRTMIN + 2);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	one_shot();
	intervals();
	one_each();
	ignored();
	without_signal();
	to_thread();
	inheritance();
	failures();
	return 0;
}
