#ifndef SCHED_THREAD_H
#define SCHED_THREAD_H
/*
 * Threads: what the CPUs run. A kernel thread has a stack and a function; a user thread has also a
 * process, an address space and a trap frame at the top of its stack (arch_user_frame).
 *
 * States: a thread is READY on a run queue, RUNNING on one CPU, SLEEPING (on nothing that the
 * scheduler knows; somebody will thread_wake it) or DEAD. Kernel threads are preempted at any point
 * where preempt_count is 0.
 */
#include <stdbool.h>
#include <stdint.h>

#include "arch/thread.h"
#include "lib/compiler.h"
#include "lib/list.h"

enum thread_state { THREAD_READY, THREAD_RUNNING, THREAD_SLEEPING, THREAD_DEAD };

/* Pending work, checked on each return to user mode (arch.work, atomic bits). */
#define THREAD_WORK_SIGNAL     1u   /* a signal may be deliverable: interruptible sleeps end */
#define THREAD_WORK_KILL       2u   /* the thread must exit: killable sleeps end too */
#define THREAD_WORK_CRED       4u   /* its process has other credentials than it has itself */
#define THREAD_WORK_CPU_TIMERS 8u   /* proc: look at timers by CPU time */
#define THREAD_IDLE            128u /* never pending: part of a sleep's mode */

/* CPU time. run_ns is exact; the other two are parts of it, and what they lack of it has not yet
 * been told apart. */
struct run_times {
	uint64_t run_ns;
	uint64_t user_ns, kernel_ns;
};

struct proc;
struct aspace;
struct mutex;
struct file;

struct thread {
	struct arch_thread arch; /* first: arch finds the pending work through cpu->current */
	char name[16];
	uint32_t tid;          /* [I] set by proc for a user thread; 0: a kernel thread */
	uint32_t state;        /* [run queue lock] enum thread_state */
	uint32_t refs;         /* [a] */
	uint32_t cpu;          /* [run queue lock] CPU it runs on or last ran on */
	int32_t nice;          /* [a] NICE_MIN (runs long at a time) to NICE_MAX */
	uint8_t wake_pending;  /* [run queue lock] woken between deciding to sleep and sleeping */
	uint8_t sleep_mode;    /* own: enum sleep_mode while sleeping */
	uint32_t tick_work;    /* [a] pending work that it gets with every sample */
	struct run_times used; /* [run queue lock] CPU time, until started_ns */
	uint64_t started_ns;   /* [run queue lock] when it was last given the CPU */
	void (*entry)(void *); /* [I] what it runs, and with what */
	void *entry_arg;       /* [I] */
	struct list_head run_link;  /* [run queue lock] */
	struct list_head all_link;  /* [all-threads lock] */
	struct list_head exit_link; /* [dead-threads lock] after thread_will_exit: */
	uint64_t exit_number;       /* [dead-threads lock] as the how manyth it said so */
	struct proc *proc;          /* [I] NULL: a kernel thread */
	struct aspace *aspace;      /* own: whose tables are loaded while it runs */
	struct list_head proc_link; /* [proc's lock] among the threads of its process */
	void *user;                 /* [I] proc's part: struct uthread */
	struct file **closing;      /* own: io's list of files to close, while it closes one */
#ifdef DEBUG
	struct mutex *held[12]; /* own: mutexes held, in order */
	unsigned held_count;
#endif
};

_Static_assert(offsetof(struct thread, arch) == 0, "cpu->current is also its arch_thread");

/* Run queues and the boot CPU's thread: the code that runs becomes thread "main" on this CPU. */
__must_check int sched_init(void);
/* The same for an application processor: what runs becomes its idle thread. */
__noreturn void sched_run_idle(void);

/* vm: the next thread on this CPU uses this address space: load it. Interrupts off, under the run
 * queue's lock. */
void on_aspace_switch(struct aspace *aspace);

/* A kernel thread, READY at once. -ENOMEM. The caller owns no reference unless `thread` is given.
 */
__must_check int thread_start(
	const char *name, void (*entry)(void *), void *arg, struct thread **thread);

/* For proc: a thread that is not yet runnable, with refs 1 and an FPU area if user; then
 * thread_run. */
__must_check int thread_create(
	const char *name, void (*entry)(void *), void *arg, bool user, struct thread **thread);
void thread_run(struct thread *thread);

void thread_get(struct thread *thread);
void thread_put(struct thread *thread);
/* The running thread is about to exit, and gives back what it has: thread_flush() waits for it. */
void thread_will_exit(void);
/* Sleep until every thread that has said so before is gone, its record and its stack freed: 0,
 * -EINTR. */
__must_check int thread_flush(void);
/* End the running thread. Its stack and record are freed after the switch away, refs permitting. */
__noreturn void thread_exit(void);

/* How long a thread runs at a time where others wait, by its nice value: 4 ms at 0, from 32 down to
 * a half. */
#define NICE_MIN (-20)
#define NICE_MAX 19
void thread_set_nice(struct thread *thread, int nice);
uint64_t thread_slice_ns(const struct thread *thread);

/* Give the CPU to another READY thread, if there is one. */
void sched_yield(void);
/* Pick another thread; the low level of every sleep. Interrupts may be on or off. */
void sched_switch(void);

/* Make a SLEEPING thread READY; no effect otherwise, except that a thread about to sleep does not.
 * Any context, under locks of rank below RANK_RUN_QUEUE. True if it was sleeping. */
bool thread_wake(struct thread *thread);

/* Set pending-work bits and end the sleeps that they end. Clear them (own thread). */
void thread_set_work(struct thread *thread, uint32_t work);
void thread_clear_work(struct thread *thread, uint32_t work);
static inline bool thread_has_work(const struct thread *thread, uint32_t work)
{
	return READ_ONCE(thread->arch.work) & work;
}

/* Its CPU time until now; what a CPU was busy with since the boot, and how long it was not. Any
 * context, under locks of rank below RANK_RUN_QUEUE. */
void thread_times(struct thread *thread, struct run_times *times);
void cpu_times(unsigned cpu, struct run_times *busy, uint64_t *idle_ns);
/* How often a CPU has changed from one thread to another. Any context. */
uint64_t cpu_switches(unsigned cpu);
/* The next sample on this CPU comes after `ns` at the latest. Any context. */
void sample_within(uint64_t ns);

/* Call fn for each thread, under the list's lock (must not sleep). */
void thread_for_each(void (*fn)(struct thread *thread, void *data), void *data);

#endif
