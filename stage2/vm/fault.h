#ifndef VM_FAULT_H
#define VM_FAULT_H
/*
 * Page faults: bringing in the page that a program (or the kernel on its behalf) needs. What vm
 * could not resolve it reports as a verdict, and proc makes a signal of it.
 */
#include "lib/types.h"

struct aspace;
struct pte;

enum fault_verdict {
	FAULT_OK = 0,
	FAULT_NO_MAPPING, /* SIGSEGV, SEGV_MAPERR: nothing is mapped there */
	FAULT_ACCESS,     /* SIGSEGV, SEGV_ACCERR: mapped, but not for this access */
	FAULT_BUS, /* SIGBUS, BUS_ADRERR: beyond the end of the file, or it could not be read */
	FAULT_NO_MEMORY, /* SIGKILL: out of memory */
};

/* Make the page at `address` usable for an access (FAULT_WRITE, FAULT_FETCH of arch/trap.h; 0:
 * read). Returns a verdict. May sleep; takes the aspace's lock. When there is no memory it reclaims
 * some and tries again. */
int aspace_fault(struct aspace *aspace, uptr_t address, unsigned access);

/* The same under the aspace's lock, and without reclaim. *slot (if the verdict is FAULT_OK) is the
 * present entry. */
int aspace_fault_locked(struct aspace *aspace, uptr_t address, unsigned access, struct pte **slot);

/* Bring in all pages of [start, end), for writing where areas are writable. Stops at what cannot be
 * had, silently: the program will meet it. */
void aspace_populate(struct aspace *aspace, uptr_t start, uptr_t end);

/* proc: the kernel could not finish a copy for the running program because there is no memory, even
 * after reclaim: the program is to be killed (SIGKILL) when it returns to user mode. The copy fails
 * with -EFAULT, which nobody will see. */
void on_oom(void);

#endif
