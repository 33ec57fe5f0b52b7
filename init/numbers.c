/*
 * numbers: the constants of abi/ that start.asm needs. Compiled, read from the assembly by
 * tools/gen-offsets, never run.
 */
#include "abi/sched.h"
#include "abi/signal.h"
#include "sys.h"

#define NUMBER(name, value) __asm__ volatile(".ascii \"->" #name " %c0\"" : : "i"(value))

void numbers(void);

void numbers(void)
{
	NUMBER(SYS_clone, SYS_clone);
	NUMBER(SYS_exit, SYS_exit);
	NUMBER(SYS_rt_sigreturn, SYS_rt_sigreturn);
	NUMBER(CLONE_FLAGS, CLONE_VM | CLONE_VFORK | SIGCHLD);
}
