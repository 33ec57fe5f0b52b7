#ifndef VM_FAULT_H
#define VM_FAULT_H
/*
 * What vm says about a page fault that it could not resolve; proc makes a signal of it.
 */
enum fault_verdict {
	FAULT_OK = 0,
	FAULT_NO_MAPPING, /* SIGSEGV, SEGV_MAPERR: nothing is mapped there */
	FAULT_ACCESS,     /* SIGSEGV, SEGV_ACCERR: mapped, but not for this access */
	FAULT_BUS,        /* SIGBUS, BUS_ADRERR: beyond the end of the file, or it could not be read */
	FAULT_NO_MEMORY,  /* SIGKILL: out of memory */
};
#endif
