#ifndef HOST_CPU_H
#define HOST_CPU_H
/*
 * A machine of one CPU for kernel code on the host: nothing interrupts a test.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

#define CPU_MAX 64

struct thread;

struct cpu {
	uint32_t apic_id, online;
	uint32_t id;
	struct timer_queue *timers;
};

/* One for all files of a test: the linker makes weak ones one. */
__attribute__((weak)) struct cpu host_cpu;

static inline struct cpu *this_cpu(void)
{
	return &host_cpu;
}

static inline struct thread *thread_current(void)
{
	return NULL;
}

static inline unsigned cpu_count(void)
{
	return 1;
}

static inline struct cpu *cpu_get(unsigned id)
{
	return this_cpu();
}

/* A test that has a clock sets it. */
__attribute__((weak)) uint64_t host_tsc;

static inline uint64_t cpu_tsc(void)
{
	return host_tsc;
}

static inline void cpu_relax(void)
{
}

static inline void device_fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline uint64_t irq_save(void)
{
	return 0;
}

static inline void irq_restore(uint64_t flags)
{
}

#endif
