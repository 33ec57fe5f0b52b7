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
	uint32_t id;
};

static inline struct cpu *this_cpu(void)
{
	static struct cpu cpu;
	return &cpu;
}

static inline struct thread *thread_current(void)
{
	return NULL;
}

static inline unsigned cpu_count(void)
{
	return 1;
}

static inline uint64_t irq_save(void)
{
	return 0;
}

static inline void irq_restore(uint64_t flags)
{
}

#endif
