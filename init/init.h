#ifndef INIT_INIT_H
#define INIT_INIT_H
/*
 * The parts of init.
 */

/* Where the console is open from the first moment on; 0 and 1 are it too, for who comes after. */
#define CONSOLE_FD 2

/* Where the kernel leaves that to init (Linux does, Cor does not): mounts /dev, /proc and /sys and
 * loads the modules that the archive brings along. linux.c. */
void kernel_complete(void);

/* Runs the job of JOB_FILE and turns the machine off. Returns only where there is no job. job.c. */
void job_run(void);

/* Tries what a program needs first of all: files, memory, errors, time, a child. Returns how many
 * checks failed; each failure is a line on the console. checks.c. */
int checks_run(void);

#endif
