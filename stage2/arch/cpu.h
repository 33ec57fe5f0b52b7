#ifndef ARCH_CPU_H
#define ARCH_CPU_H
/*
 * The processor this code runs on: interrupts on and off, its per-CPU record, identification.
 *
 * Each CPU has one struct cpu; GS points at it in the kernel (SWAPGS at the ring boundary). The
 * first fields are known to assembly and to the compiler (the stack protector reads %gs:40).
 * Fields are only touched by their own CPU with preemption off, unless marked otherwise.
 */
#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

#define CPU_MAX 64

struct thread;
struct trap_frame;

struct cpu {
	struct cpu *self;    /* so that this_cpu() is one load */
	uint64_t user_rsp;   /* scratch of the syscall entry */
	uint64_t kernel_rsp; /* top of the current thread's kernel stack */
	struct thread *current;
	uint32_t preempt_count; /* > 0: no thread switch on this CPU */
	uint32_t need_resched;  /* [a] set by anybody who made a better thread runnable */
	uint64_t stack_canary;  /* offset 40 is the compiler's choice */
	uint32_t id;            /* 0 .. cpu_count - 1 */
	uint32_t apic_id;
	uint32_t irq_depth;            /* > 0: in an interrupt handler */
	uint32_t online;               /* [a] takes part in scheduling and shootdowns */
	struct arch_thread *fpu_owner; /* whose registers the FPU holds; NULL: nobody's */
	/* Owned by upper rooms; opaque here. */
	struct run_queue *run_queue; /* sched */
	struct timer_queue *timers;  /* sched */
	void *aspace;                /* vm: address space whose tables CR3 holds */
	struct cpu_tables *tables;   /* arch/x86: GDT, TSS, IST stacks */
};

_Static_assert(offsetof(struct cpu, current) == 24, "thread_current() reads it");
_Static_assert(offsetof(struct cpu, stack_canary) == 40, "the compiler reads it");

/* This CPU's record. Stable only while preemption or interrupts are off. */
static inline struct cpu *this_cpu(void)
{
	struct cpu *cpu;
	__asm__ volatile("movq %%gs:0, %0" : "=r"(cpu));
	return cpu;
}

/* The running thread: one load, correct even if the thread moves between CPUs around it. */
static inline struct thread *thread_current(void)
{
	struct thread *thread;
	__asm__ volatile("movq %%gs:24, %0" : "=r"(thread));
	return thread;
}

/* A better thread waits for this CPU: one instruction, and right at that moment. */
static inline bool cpu_needs_resched(void)
{
	bool needs;
	__asm__ volatile("cmpl $0, %%gs:%c1"
			 : "=@ccne"(needs)
			 : "i"(offsetof(struct cpu, need_resched))
			 : "memory");
	return needs;
}

/* CPUs that were found and started; record of CPU `id` (< cpu_count()). */
unsigned cpu_count(void);
struct cpu *cpu_get(unsigned id);

static inline void irq_disable(void)
{
	__asm__ volatile("cli" ::: "memory");
}

static inline void irq_enable(void)
{
	__asm__ volatile("sti" ::: "memory");
}

#define RFLAGS_IF 0x200ul

/* Disable interrupts; returns RFLAGS for irq_restore. */
static inline uint64_t irq_save(void)
{
	uint64_t flags;
	__asm__ volatile("pushfq; popq %0; cli" : "=r"(flags)::"memory");
	return flags;
}

static inline void irq_restore(uint64_t flags)
{
	if (flags & RFLAGS_IF)
		irq_enable();
}

static inline bool irq_enabled(void)
{
	uint64_t flags;
	__asm__ volatile("pushfq; popq %0" : "=r"(flags));
	return flags & RFLAGS_IF;
}

/* Enable interrupts and halt until one comes, with no gap between the two. */
static inline void cpu_idle(void)
{
	__asm__ volatile("sti; hlt" ::: "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("pause");
}

/* What was stored before is seen by devices before anything is loaded after. INVLPG (of a page that
 * nobody maps) is a serializing instruction (SDM 3A, 9.3), and the one that emulators keep: where
 * the machine has a single CPU, QEMU's translator makes plain instructions of locked ones, and
 * before 8.1 nothing of MFENCE, though its devices run in threads of their own. */
static inline void device_fence(void)
{
	__asm__ volatile("invlpg (%0)" ::"r"(0ul) : "memory");
}

/* Stop this CPU for ever. */
__noreturn void cpu_stop(void);

static inline uint64_t cpu_tsc(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/*
 * Boot, in this order; each runs once, on the boot CPU.
 * cpu_init_early: GDT, IDT, GS and a canary: from here on a fault is reported, not a reset.
 * cpu_init: features, CR0/CR4/EFER, SYSCALL, FPU; fills cpu_name and cpu_features for the log.
 */
void cpu_init_early(void);
void cpu_init(void);

/* A random word from the CPU (RDRAND); false where there is none. */
bool cpu_random(uint64_t *value);

/* "GenuineIntel Foo CPU" and "nx smep smap umip xsave ..." for the log and /proc/cpuinfo. */
const char *cpu_name(void);
const char *cpu_features(void);

/* For /proc/cpuinfo: CPUID's numbers; the name of feature bit `index`, NULL: it is not there. */
struct cpu_identity {
	char vendor[13];
	uint32_t family, model, stepping;
};
void cpu_identify(struct cpu_identity *identity);
#define CPU_FLAGS_MAX 192
const char *cpu_flag(unsigned index);

/* Hardware capability words for AT_HWCAP (CPUID.1:EDX) and AT_HWCAP2. */
uint32_t cpu_hwcap(void);
uint32_t cpu_hwcap2(void);

#endif
