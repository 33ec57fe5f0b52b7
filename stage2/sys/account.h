#ifndef SYS_ACCOUNT_H
#define SYS_ACCOUNT_H
/*
 * The books of memory: who has how many frames, written to the log when nothing else is going on.
 */

/* With the word "account" on the kernel's command line: make the system quiet (ended threads gone,
 * caches dropped, per-CPU lists drained), check that the owners' counts add up to all of memory,
 * and log them in one line, "account: free=N tables=N ...", in frames. Without it: nothing. May
 * sleep. */
void account_log(void);

#endif
