#ifndef PROC_ROBUST_H
#define PROC_ROBUST_H
/*
 * Robust futexes: locks that a thread held when it ended are marked, and a waiter is woken.
 */

/* Walk the running thread's list; it is about to leave its address space. May sleep. */
void robust_list_release(void);

#endif
