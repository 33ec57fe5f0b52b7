#ifndef SCHED_CPUS_H
#define SCHED_CPUS_H
/*
 * The other CPUs: started, tested, parked. They get work of their own in a later version.
 */

/* Start every CPU the machine names; each runs an idle thread of its own. Then prove that they
 * work: each runs a function, takes part in a TLB shootdown, and sleeps again. One that fails is
 * said and left out. In a thread, interrupts on. */
void cpus_start(void);

/* Halt them again: they take no further part. */
void cpus_park(void);

#endif
