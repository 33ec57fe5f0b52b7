/*
 * The clocks of programs.
 *
 * CPU time is told by two fixed numbers, and by numbers that are made of a process's or thread's:
 * its complement, three bits up; then a bit for a thread's, and which time (linux/posix-timers.h).
 */
#include "proc/posix_clock.h"

#include "abi/errno.h"
#include "abi/time.h"
#include "core/clock.h"
#include "proc/proc.h"

#define TICK_NS (4 * (int64_t)NS_PER_MS) /* Linux's, of clocks that go by its ticks */

#define CPU_CLOCK_KIND   3u /* mask */
#define CPU_CLOCK_USER   1u
#define CPU_CLOCK_EXACT  2u
#define CPU_CLOCK_DEVICE 3u /* of an open device, which there is none of */
#define CPU_CLOCK_THREAD 4u

/* A clock of CPU time, taken apart. */
struct cpu_clock {
	struct proc *proc;  /* reference held */
	struct pid *thread; /* of one of its threads, reference held; NULL: of all */
	enum cpu_time kind;
};

static bool is_cpu_clock(int number)
{
	return number < 0 || number == CLOCK_PROCESS_CPUTIME_ID ||
	       number == CLOCK_THREAD_CPUTIME_ID;
}

static unsigned cpu_clock_kind(int number)
{
	return number < 0 ? (unsigned)number & CPU_CLOCK_KIND : CPU_CLOCK_EXACT;
}

static void cpu_clock_put(struct cpu_clock *clock)
{
	proc_put(clock->proc);
	if (clock->thread)
		pid_put(clock->thread);
}

/* A thread of the running process by its number; 0: the running one. NULL: it is none. */
static struct pid *own_thread(uint32_t number)
{
	struct proc *self = proc_current();
	struct pid *pid = pid_find(number ? number : uthread_current()->tid->number);
	bool ours;

	if (!pid)
		return NULL;
	proc_lock(self);
	ours = proc_thread_locked(self, pid) != NULL;
	proc_unlock(self);
	if (ours)
		return pid;
	pid_put(pid);
	return NULL;
}

static int cpu_clock_get(int number, struct cpu_clock *clock)
{
	uint32_t named = number < 0 ? (uint32_t) ~(number >> 3) : 0;
	bool of_thread = number < 0 ? (unsigned)number & CPU_CLOCK_THREAD
	                            : number == CLOCK_THREAD_CPUTIME_ID;

	if (cpu_clock_kind(number) == CPU_CLOCK_DEVICE)
		return -EINVAL;
	*clock = (struct cpu_clock){
		.proc = proc_current(),
		.kind = cpu_clock_kind(number) == CPU_CLOCK_USER ? CPU_TIME_USER : CPU_TIME_ALL,
	};
	if (of_thread)
		clock->thread = own_thread(named);
	if (of_thread && !clock->thread)
		return -EINVAL;
	if (of_thread || !named || named == uthread_current()->tid->number)
		proc_get(clock->proc);
	else
		clock->proc = pid_proc(named);
	return clock->proc ? 0 : -EINVAL;
}

/* 0 where the thread has gone. */
static uint64_t cpu_clock_now(struct proc *proc, const struct pid *thread, enum cpu_time kind)
{
	struct uthread *uthread = NULL;
	uint64_t ns = 0;

	proc_lock(proc);
	if (thread)
		uthread = proc_thread_locked(proc, thread);
	if (!thread || uthread)
		ns = cpu_time_locked(proc, uthread, kind);
	proc_unlock(proc);
	return ns;
}

static int cpu_clock_read(int number, int64_t *ns)
{
	struct cpu_clock clock;
	int err = cpu_clock_get(number, &clock);

	if (err)
		return err;
	*ns = (int64_t)cpu_clock_now(clock.proc, clock.thread, clock.kind);
	cpu_clock_put(&clock);
	return 0;
}

int posix_clock_read(int number, int64_t *ns)
{
	switch (number) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_REALTIME_ALARM:
		*ns = clock_wall_ns();
		return 0;
	case CLOCK_TAI:
		*ns = clock_wall_ns() + clock_tai_offset_ns();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		*ns = (int64_t)clock_ns();
		return 0;
	default:
		return is_cpu_clock(number) ? cpu_clock_read(number, ns) : -EINVAL;
	}
}

int posix_clock_resolution(int number, int64_t *ns)
{
	int64_t now;
	int err = posix_clock_read(number, &now);

	*ns = 1;
	if (number == CLOCK_REALTIME_COARSE || number == CLOCK_MONOTONIC_COARSE)
		*ns = TICK_NS;
	if (is_cpu_clock(number) && cpu_clock_kind(number) != CPU_CLOCK_EXACT)
		*ns = TICK_NS;
	return err;
}

/* ---- for timers ----------------------------------------------------------------------------- */

static int posix_clock_get_cpu(int number, struct posix_clock *clock)
{
	struct cpu_clock cpu;
	int err;

	if (number < 0 && (number & 7) == CPU_CLOCK_DEVICE)
		return -EOPNOTSUPP;
	err = cpu_clock_get(number, &cpu);
	if (err)
		return err;
	*clock = (struct posix_clock){
		.base = CLOCK_BASE_CPU, .kind = cpu.kind, .thread = cpu.thread
	};
	if (cpu.proc != proc_current()) {
		err = -EOPNOTSUPP;
		posix_clock_put(clock);
	}
	proc_put(cpu.proc);
	return err;
}

int posix_clock_get(int number, struct posix_clock *clock)
{
	if (is_cpu_clock(number))
		return posix_clock_get_cpu(number, clock);
	*clock = (struct posix_clock){ .base = CLOCK_BASE_MONOTONIC };
	switch (number) {
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		if (!cred_may(cred_current(), CAP_WAKE_ALARM))
			return -EPERM;
		if (number == CLOCK_BOOTTIME_ALARM)
			return 0;
		break;
	case CLOCK_REALTIME:
		break;
	case CLOCK_TAI:
		clock->ahead_ns = clock_tai_offset_ns();
		break;
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
		return 0;
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
	clock->base = CLOCK_BASE_WALL;
	return 0;
}

void posix_clock_put(struct posix_clock *clock)
{
	if (clock->thread)
		pid_put(clock->thread);
}

uint64_t posix_clock_now(const struct posix_clock *clock)
{
	if (clock->base == CLOCK_BASE_CPU)
		return cpu_clock_now(proc_current(), clock->thread, clock->kind);
	if (clock->base == CLOCK_BASE_WALL)
		return (uint64_t)(clock_wall_ns() + clock->ahead_ns);
	return clock_ns();
}

int posix_clock_sleep(const struct posix_clock *clock, uint64_t time_ns)
{
	if (clock->base == CLOCK_BASE_CPU)
		return cpu_time_sleep(clock->thread, clock->kind, time_ns);
	if (clock->base == CLOCK_BASE_MONOTONIC)
		return sleep_until(WAIT_INTERRUPTIBLE, time_ns);
	time_ns -= min(time_ns, (uint64_t)clock->ahead_ns);
	return sleep_until(WAIT_INTERRUPTIBLE, time_ns | WAIT_WALL);
}
