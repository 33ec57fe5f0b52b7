/*
 * The vDSO: a small shared library that the kernel maps into each program (vdso(7)), so that asking
 * for the time is no system call. It sees nothing of the kernel but a page of numbers (abi/vdso.h).
 *
 * What it cannot answer by itself it asks the kernel, whose result it hands on: like a system call
 * its functions return -errno.
 */
#include <stddef.h>
#include <stdint.h>

#include "abi/time.h"
#include "abi/vdso.h"

#define EXPORT     __attribute__((visibility("default")))
#define NS_PER_SEC 1000000000ull

enum {
#define SYSCALL(number, name) SYS_##name = number,
#include "abi/syscalls.def"
};

int __vdso_clock_gettime(int clock, struct timespec *time);
int __vdso_clock_getres(int clock, struct timespec *resolution);
int __vdso_gettimeofday(struct timeval *time, struct timezone *zone);
int64_t __vdso_time(int64_t *time);
int __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused);

/* The linker script puts it a page before the image. */
extern const volatile struct vdso_clock vdso_clock __attribute__((visibility("hidden")));

static long ask_kernel(long number, long first, const void *second)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(first), "S"(second)
			 : "rcx", "r11", "memory");
	return result;
}

static uint64_t read_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

/* Nanoseconds since boot, as core/clock.c counts them. */
static uint64_t boot_ns(void)
{
	uint32_t before, after;
	uint64_t ns;

	do {
		before = __atomic_load_n(&vdso_clock.sequence, __ATOMIC_ACQUIRE);
		/* The base may be another CPU's, whose TSC is a little ahead. */
		int64_t ticks = (int64_t)(read_tsc() - vdso_clock.tsc_base);

		ticks = ticks < 0 ? 0 : ticks;
		ns = vdso_clock.ns_base +
		     (uint64_t)((unsigned __int128)(uint64_t)ticks * vdso_clock.mult >> 32);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		after = vdso_clock.sequence;
	} while ((before & 1) || before != after);
	return ns;
}

static int wall_ns(uint64_t *ns)
{
	if (!__atomic_load_n(&vdso_clock.wall_known, __ATOMIC_ACQUIRE))
		return 0;
	*ns = boot_ns() + (uint64_t)vdso_clock.wall_offset_ns;
	return 1;
}

EXPORT int __vdso_clock_gettime(int clock, struct timespec *time)
{
	uint64_t ns;

	switch (clock) {
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		ns = boot_ns();
		break;
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		if (wall_ns(&ns))
			break;
		/* fallthrough */
	default:
		return (int)ask_kernel(SYS_clock_gettime, clock, time);
	}
	time->tv_sec = (int64_t)(ns / NS_PER_SEC);
	time->tv_nsec = (int64_t)(ns % NS_PER_SEC);
	return 0;
}

EXPORT int __vdso_clock_getres(int clock, struct timespec *resolution)
{
	return (int)ask_kernel(SYS_clock_getres, clock, resolution);
}

EXPORT int __vdso_gettimeofday(struct timeval *time, struct timezone *zone)
{
	uint64_t ns;

	if (zone || !wall_ns(&ns))
		return (int)ask_kernel(SYS_gettimeofday, (long)time, zone);
	if (time) {
		time->tv_sec = (int64_t)(ns / NS_PER_SEC);
		time->tv_usec = (int64_t)(ns % NS_PER_SEC / 1000);
	}
	return 0;
}

EXPORT int64_t __vdso_time(int64_t *time)
{
	uint64_t ns;
	int64_t seconds;

	if (!wall_ns(&ns))
		return ask_kernel(SYS_time, (long)time, NULL);
	seconds = (int64_t)(ns / NS_PER_SEC);
	if (time)
		*time = seconds;
	return seconds;
}

EXPORT int __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
	unsigned limit;

	(void)unused;
	__asm__ volatile("lsl %1, %0" : "=r"(limit) : "r"(VDSO_CPU_SELECTOR));
	if (cpu)
		*cpu = limit;
	if (node)
		*node = 0;
	return 0;
}

#define ALIAS(name) __attribute__((weak, visibility("default"), alias("__vdso_" #name)))
int clock_gettime(int clock, struct timespec *time) ALIAS(clock_gettime);
int clock_getres(int clock, struct timespec *resolution) ALIAS(clock_getres);
int gettimeofday(struct timeval *time, struct timezone *zone) ALIAS(gettimeofday);
int64_t time(int64_t *time) ALIAS(time);
int getcpu(unsigned *cpu, unsigned *node, void *unused) ALIAS(getcpu);
