#ifndef CORE_PANIC_H
#define CORE_PANIC_H
/*
 * The end: a broken invariant of the kernel itself. Never for bad input.
 */
#include "arch/trap.h"
#include "lib/compiler.h"

/* Stop the other CPUs, print the message, the running thread, registers if a frame is given, and a
 * stack trace with function names; then halt (or, with panic=off on the command line, power off).
 */
__noreturn __printf(1, 2) void panic(const char *format, ...);
__noreturn __printf(2, 3) void panic_frame(const struct trap_frame *frame, const char *format, ...);

/* Power the machine off after a panic instead of halting. */
void panic_set_off(bool off);

/* Print a stack trace of the caller (or of frame) to the log, at level info. */
void stack_trace(const struct trap_frame *frame);

#endif
