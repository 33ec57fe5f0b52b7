/* Clocks and sleeping: no values, only what must hold of them. */
#include "show.h"

#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

static long long now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

int main(void)
{
	struct timespec t, stamps[2] = { { 1000, 1 }, { 2000, 999999999 } };
	struct timespec bad = { 0, 1000000000 }, negative = { -1, 0 }, ten_ms = { 0, 10000000 };
	struct timeval tv;
	struct tms tms;
	struct stat st;
	long long before = now_ns(CLOCK_MONOTONIC), last = before, slept;
	int backwards = 0;

	for (int i = 0; i < 1000; i++) {
		long long next = now_ns(CLOCK_MONOTONIC);

		backwards += next < last;
		last = next;
	}
	SHOW(backwards);
	SHOW(clock_gettime(CLOCK_REALTIME, &t));
	SHOW(t.tv_sec > 1700000000);
	SHOW(gettimeofday(&tv, NULL));
	SHOW(tv.tv_sec - t.tv_sec < 2);
	SHOW(time(NULL) - tv.tv_sec < 2);
	SHOW(clock_gettime(CLOCK_BOOTTIME, &t));
	SHOW(clock_gettime(CLOCK_MONOTONIC_RAW, &t));
	SHOW(clock_gettime(CLOCK_MONOTONIC_COARSE, &t));
	SHOW(clock_gettime(CLOCK_REALTIME_COARSE, &t));
	SHOW(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t));
	SHOW(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t));
	SHOW(syscall(SYS_clock_gettime, 9999, &t));
	SHOW(clock_getres(CLOCK_MONOTONIC, &t));
	SHOW(t.tv_sec == 0 && t.tv_nsec == 1);

	slept = now_ns(CLOCK_MONOTONIC);
	SHOW(nanosleep(&ten_ms, NULL));
	slept = now_ns(CLOCK_MONOTONIC) - slept;
	SHOW(slept >= 10000000 && slept < 2000000000);
	SHOW(nanosleep(&bad, NULL));
	SHOW(nanosleep(&negative, NULL));
	SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &ten_ms, NULL));
	t.tv_sec = 1;
	SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){ 0, 1 }, NULL));
	SHOW(clock_nanosleep(CLOCK_REALTIME, 0, &bad, NULL));
	SHOW(stamps[0].tv_sec);
	SHOW(close(open("f", O_CREAT | O_WRONLY, 0600)));
	SHOW(utimensat(AT_FDCWD, "f", stamps, 0));
	SHOW(stat("f", &st));
	SHOW(st.st_atim.tv_sec * 10 + st.st_atim.tv_nsec);
	SHOW(st.st_mtim.tv_sec);
	SHOW(st.st_mtim.tv_nsec);
	stamps[0].tv_nsec = UTIME_OMIT;
	stamps[1].tv_nsec = UTIME_NOW;
	SHOW(utimensat(AT_FDCWD, "f", stamps, 0));
	SHOW(stat("f", &st));
	SHOW(st.st_atim.tv_sec);
	SHOW(st.st_mtim.tv_sec > 1700000000);
	SHOW(utimensat(AT_FDCWD, "missing", NULL, 0));
	stamps[1].tv_nsec = 1000000001;
	SHOW(utimensat(AT_FDCWD, "f", stamps, 0));
	SHOW(times(&tms) > 0);
	return 0;
}
