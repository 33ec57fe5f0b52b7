#ifndef PROC_USAGE_H
#define PROC_USAGE_H
/*
 * What processes and threads have used.
 */
#include <stdint.h>

#include "sched/thread.h"

struct proc;
struct uthread;

struct proc_usage {
	uint64_t user_ns, system_ns; /* together all the time that it ran */
	uint64_t max_resident_pages;
};

/* Divide the run time into what the program and what the kernel used, like the samples that were
 * taken. *told: what was said before; neither part of it becomes less. */
void usage_divide(const struct run_times *used, struct proc_usage *told);
/* Children that were waited for add up. */
void usage_add(struct proc_usage *sum, const struct proc_usage *usage);

/* Of a process: its threads, those that have gone included, or of one thread. Zombies keep theirs.
 * The forms without _locked take the process's lock. */
void proc_usage_locked(struct proc *proc, struct proc_usage *usage);
void proc_usage(struct proc *proc, struct proc_usage *usage);
void uthread_usage_locked(struct uthread *uthread, struct proc_usage *usage);
/* The run time alone, exact. */
uint64_t proc_run_ns_locked(struct proc *proc);
uint64_t thread_run_ns(struct thread *thread);

/* A thread leaves its process: what it used stays. Lock held. */
void usage_keep_locked(struct proc *proc, struct thread *thread);

#endif
