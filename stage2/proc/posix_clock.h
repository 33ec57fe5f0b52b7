#ifndef PROC_POSIX_CLOCK_H
#define PROC_POSIX_CLOCK_H
/*
 * The clocks that a program can name by number (clock_gettime(2)).
 */
#include <stdint.h>

#include "lib/compiler.h"
#include "proc/cpu_timer.h"

struct pid;

/* Its time; the finest difference that it shows. -EINVAL: there is no such clock. May sleep. */
__must_check int posix_clock_read(int number, int64_t *ns);
__must_check int posix_clock_resolution(int number, int64_t *ns);

/* A clock that timers and sleeps can go by. */
enum clock_base { CLOCK_BASE_MONOTONIC, CLOCK_BASE_WALL, CLOCK_BASE_CPU };

struct posix_clock {
	enum clock_base base;
	int64_t ahead_ns;   /* of its base */
	enum cpu_time kind; /* of CPU time: the running process's */
	struct pid *thread; /* of one of its threads, reference held; NULL: of all */
};

/* The clock of that number, for timers; posix_clock_put gives its parts back. -EINVAL: there is no
 * such clock; -EOPNOTSUPP: nothing waits for it (CPU time of other processes is among these);
 * -EPERM: only CAP_WAKE_ALARM may wake the machine. */
__must_check int posix_clock_get(int number, struct posix_clock *clock);
void posix_clock_put(struct posix_clock *clock);

/* Sleep until the clock shows a time. 0, -EINTR; -EINVAL: it is the running thread's own CPU time,
 * or that of a thread that has gone. */
__must_check int posix_clock_sleep(const struct posix_clock *clock, uint64_t time_ns);
/* What it shows. */
uint64_t posix_clock_now(const struct posix_clock *clock);

#endif
