#ifndef RUN_BOOT_TIMES_H
#define RUN_BOOT_TIMES_H
/*
 * bin/run --boot-times: a table from the kernel's log.
 */

/* Prints on stderr what the last "boot-times:" line of `log` says: each stage, when it ended, and
 * how long it took. Says so where there is no such line. */
void boot_times_print(const char *log);

#endif
