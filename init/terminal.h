#ifndef INIT_TERMINAL_H
#define INIT_TERMINAL_H
/*
 * The job's terminal, where bin/run has one: a pty, whose other end we carry to the ports.
 */
#include "abi/job.h"

/* Makes it, of the job's size. Returns its descriptor for the program, or -errno. */
int terminal_create(const struct job *job);

/* For the program's process, before it is executed: the terminal, this one or the console, becomes
 * its controlling one. */
void terminal_take(int terminal);

/* Carries bytes between the terminal and the ports, and sizes from the control port to it, until
 * process `pid` has ended and all that it wrote was sent. Returns its wait status. */
int terminal_carry(long pid, int in, int out, int control);

#endif
