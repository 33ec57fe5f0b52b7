/* The wall clock is set: who sleeps by it follows, who sleeps for a span does not; adjtimex. */
#include "show.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>

#define FUTEX_WAIT_BITSET      9
#define FUTEX_CLOCK_REALTIME   256
#define FUTEX_BITSET_MATCH_ANY (~0u)

static struct timespec real_start, mono_start;

static long long now_ms(int clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

/* Whatever was done to the clock: by how many seconds it is wrong now. */
static long wrong_by(void)
{
	struct timespec real, mono;

	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	return (long)((real.tv_sec - real_start.tv_sec) - (mono.tv_sec - mono_start.tv_sec));
}

static void show_wrong_by(long expected)
{
	long by = wrong_by();

	printf("wrong by %ld\n", labs(by - expected) <= 1 ? expected : by);
}

static int step_to(long seconds)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += real_start.tv_sec - mono_start.tv_sec + seconds;
	return clock_settime(CLOCK_REALTIME, &t);
}

static struct timespec in(int clock, long seconds)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_sec += seconds;
	return t;
}

static volatile int asleep, awake;

static void *sleep_until_wall(void *unused)
{
	struct timespec t = in(CLOCK_REALTIME, 3600);

	asleep = 1;
	printf("clock_nanosleep: %d\n", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL));
	awake = 1;
	return NULL;
}

static void *wait_until_wall(void *unused)
{
	struct timespec t = in(CLOCK_REALTIME, 3600);
	int word = 0;

	asleep = 1;
	SHOW(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &t, NULL,
		FUTEX_BITSET_MATCH_ANY));
	awake = 1;
	return NULL;
}

static void *sleep_a_span(void *unused)
{
	struct timespec span = { 0, 100000000 };

	asleep = 1;
	clock_nanosleep(CLOCK_REALTIME, 0, &span, NULL);
	awake = 1;
	return NULL;
}

static void followed_by(const char *what, void *(*sleeper)(void *), int wakes_it)
{
	pthread_t thread;
	long long start;

	asleep = awake = 0;
	pthread_create(&thread, NULL, sleeper, NULL);
	while (!asleep)
		usleep(1000);
	usleep(20000);
	start = now_ms(CLOCK_MONOTONIC);
	step_to(-1800);
	usleep(5000);
	printf("%s: back, awake %d\n", what, awake);
	step_to(3700);
	if (wakes_it)
		pthread_join(thread, NULL);
	printf("%s: forward, awake %d\n", what, awake);
	if (!wakes_it)
		pthread_join(thread, NULL);
	if (!wakes_it)
		printf("slept on: %d\n", now_ms(CLOCK_MONOTONIC) - start >= 70);
	step_to(0);
}

static void timers(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec by_wall = { .it_value = in(CLOCK_REALTIME, 3600) };
	struct itimerspec span = { { 0, 0 }, { 3600, 0 } }, left;
	struct timespec wait = { 1, 0 };
	siginfo_t info;
	sigset_t set;
	timer_t a, b;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	event.sigev_value.sival_int = 1;
	timer_create(CLOCK_REALTIME, &event, &a);
	event.sigev_value.sival_int = 2;
	timer_create(CLOCK_REALTIME, &event, &b);
	SHOW(timer_settime(a, TIMER_ABSTIME, &by_wall, NULL));
	SHOW(timer_settime(b, 0, &span, NULL));
	step_to(1800);
	timer_gettime(a, &left);
	printf("left %d\n", left.it_value.tv_sec > 1790 && left.it_value.tv_sec <= 1800);
	timer_gettime(b, &left);
	printf("left %d\n", left.it_value.tv_sec > 3590 && left.it_value.tv_sec <= 3600);
	step_to(4000);
	printf("signal %d", sigtimedwait(&set, &info, &wait));
	printf(" of timer %d\n", info.si_value.sival_int);
	timer_delete(a);
	timer_delete(b);
	step_to(0);
}

static void adjust(void)
{
	struct timex tx = { 0 };
	long long wall;

	SHOW(adjtimex(&tx));
	printf("offset %ld freq %ld maxerror %ld esterror %ld status %#x constant %ld\n", tx.offset,
		tx.freq, tx.maxerror, tx.esterror, tx.status, tx.constant);
	printf("precision %ld tolerance %ld tick %ld tai %d\n", tx.precision, tx.tolerance, tx.tick,
		tx.tai);
	printf("time %d\n", labs(tx.time.tv_sec - time(NULL)) <= 1 && tx.time.tv_usec < 1000000);

	tx = (struct timex){ .modes = ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR | ADJ_NANO };
	tx.maxerror = 1000;
	tx.esterror = 2000;
	SHOW(adjtimex(&tx));
	printf("esterror %ld status %#x, maxerror %d\n", tx.esterror, tx.status,
		tx.maxerror >= 1000 && tx.maxerror < 3000);
	tx = (struct timex){ .modes = ADJ_MICRO | ADJ_TAI, .constant = 37 };
	SHOW(adjtimex(&tx));
	printf("tai %d status %#x; ahead %lld\n", tx.tai, tx.status,
		(now_ms(CLOCK_TAI) - now_ms(CLOCK_REALTIME) + 500) / 1000);
	tx = (struct timex){ .modes = ADJ_SETOFFSET, .time = { 1000, 500000 } };
	SHOW(adjtimex(&tx));
	show_wrong_by(1000);
	tx = (struct timex){ .modes = ADJ_SETOFFSET | ADJ_NANO, .time = { -1001, 500000000 } };
	SHOW(adjtimex(&tx));
	show_wrong_by(0);
	tx = (struct timex){ .modes = ADJ_FREQUENCY | ADJ_TICK | ADJ_OFFSET, .tick = 10000 };
	SHOW(adjtimex(&tx));
	tx = (struct timex){ .modes = ADJ_OFFSET_SS_READ };
	SHOW(adjtimex(&tx));
	tx = (struct timex){ .modes = ADJ_SETOFFSET, .time = { 0, 1000000 } };
	SHOW(adjtimex(&tx));
	tx = (struct timex){ .modes = 0x8000 };
	SHOW(adjtimex(&tx));
	SHOW(adjtimex((void *)8));
	tx = (struct timex){ .modes = ADJ_STATUS | ADJ_TAI | ADJ_MICRO, .status = STA_UNSYNC };
	SHOW(clock_adjtime(CLOCK_REALTIME, &tx));
	tx.modes = 0;
	SHOW(clock_adjtime(CLOCK_MONOTONIC, &tx));
	SHOW(clock_adjtime(99, &tx));
	SHOW(clock_adjtime(CLOCK_REALTIME, (void *)8));
	/* A clock that is set is synchronized no more. */
	tx = (struct timex){ .modes = ADJ_STATUS | ADJ_MAXERROR };
	adjtimex(&tx);
	wall = now_ms(CLOCK_REALTIME);
	SHOW(step_to(0));
	tx.modes = 0;
	SHOW(adjtimex(&tx));
	printf("status %#x maxerror %ld\n", tx.status, tx.maxerror);
	(void)wall;
}

static void settings(void)
{
	struct timespec bad = { 0, 1000000000 }, early = { 0, 1 }, late = { 1ll << 40, 0 };
	struct timeval tv = { 0, 0 }, bad_tv = { 5, 1000000 };
	struct timezone zone = { 60, 1 }, far = { 901, 0 };

	SHOW(step_to(100));
	show_wrong_by(100);
	SHOW(step_to(0));
	SHOW(clock_settime(CLOCK_REALTIME, &bad));
	SHOW(clock_settime(CLOCK_REALTIME, &early));
	SHOW(clock_settime(CLOCK_REALTIME, &late));
	SHOW(syscall(SYS_clock_settime, CLOCK_REALTIME, (void *)8));
	SHOW(clock_settime(CLOCK_MONOTONIC, &early));
	SHOW(clock_settime(CLOCK_BOOTTIME, &early));
	SHOW(clock_settime(CLOCK_TAI, &early));
	SHOW(clock_settime(99, &early));

	/* The first word about a time zone moves a clock that shows local time. */
	SHOW((int)syscall(SYS_settimeofday, NULL, &zone));
	show_wrong_by(3600);
	zone.tz_minuteswest = 30;
	SHOW((int)syscall(SYS_settimeofday, NULL, &zone));
	show_wrong_by(3600);
	zone.tz_minuteswest = 0;
	SHOW((int)syscall(SYS_gettimeofday, NULL, &zone));
	printf("zone %d %d\n", zone.tz_minuteswest, zone.tz_dsttime);
	SHOW((int)syscall(SYS_settimeofday, NULL, &far));
	SHOW((int)syscall(SYS_settimeofday, &bad_tv, NULL));
	SHOW((int)syscall(SYS_settimeofday, (void *)8, NULL));
	SHOW((int)syscall(SYS_settimeofday, NULL, (void *)8));
	gettimeofday(&tv, NULL);
	tv.tv_sec -= 3600;
	zone = (struct timezone){ 0, 0 };
	SHOW((int)syscall(SYS_settimeofday, &tv, &zone));
	show_wrong_by(0);
	SHOW((int)syscall(SYS_settimeofday, NULL, NULL));
}

static void not_root(void)
{
	struct timex tx = { .modes = ADJ_STATUS };
	struct timespec t = { 1000000000, 0 };
	struct timeval tv = { 1000000000, 0 };
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	int id;

	if (fork() == 0) {
		setuid(1000);
		SHOW(clock_settime(CLOCK_REALTIME, &t));
		SHOW((int)syscall(SYS_settimeofday, &tv, NULL));
		SHOW(adjtimex(&tx));
		tx.modes = ADJ_SETOFFSET;
		SHOW(adjtimex(&tx));
		tx.modes = ADJ_OFFSET_SINGLESHOT;
		SHOW(adjtimex(&tx));
		tx.modes = ADJ_OFFSET_SS_READ;
		SHOW(adjtimex(&tx));
		tx.modes = 0;
		SHOW(adjtimex(&tx));
		SHOW((int)syscall(SYS_timer_create, CLOCK_REALTIME_ALARM, &event, &id));
		SHOW((int)syscall(SYS_timer_create, CLOCK_BOOTTIME_ALARM, &event, &id));
		_exit(0);
	}
	wait(NULL);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	clock_gettime(CLOCK_REALTIME, &real_start);
	clock_gettime(CLOCK_MONOTONIC, &mono_start);
	settings();
	followed_by("a time of the clock", sleep_until_wall, 1);
	followed_by("a futex", wait_until_wall, 1);
	followed_by("a span", sleep_a_span, 0);
	timers();
	adjust();
	not_root();
	return 0;
}
