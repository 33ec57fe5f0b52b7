#ifndef VM_FAULT_H
#define VM_FAULT_H
/*
 * Page faults: bringing in the page that a program (or the kernel on its behalf) needs. What vm
 * could not resolve it reports as a verdict, and proc makes a signal of it.
 */
#include <stdbool.h>

#include "lib/types.h"

struct aspace;
struct pte;

/* Beside FAULT_WRITE and FAULT_FETCH: this page, and none with it. */
#define FAULT_ALONE 0x100u
/* A debugger's: private memory is written to even where the program could not. */
#define FAULT_FORCE 0x200u

enum fault_verdict {
	FAULT_OK = 0,
	FAULT_NO_MAPPING, /* SIGSEGV, SEGV_MAPERR: nothing is mapped there */
	FAULT_ACCESS,     /* SIGSEGV, SEGV_ACCERR: mapped, but not for this access */
	FAULT_BUS, /* SIGBUS, BUS_ADRERR: beyond the end of the file, or it could not be read */
	FAULT_NO_MEMORY, /* out of memory, and the process is to end */
};

/* Make the page at `address` usable for an access (FAULT_WRITE, FAULT_FETCH of arch/trap.h; 0:
 * read). Returns a verdict. May sleep; takes the aspace's lock. When there is no memory it reclaims
 * some, or has some process killed, and tries again. The aspace is the running program's. */
int aspace_fault(struct aspace *aspace, uptr_t address, unsigned access);

/* The same under the aspace's lock, and without reclaim. FAULT_OK: the page's entry is present. */
int aspace_fault_locked(struct aspace *aspace, uptr_t address, unsigned access);

/* Bring in the pages of [start, end). As mapped: so that the program's next access finds them, for
 * writing where they would be copied then; holes are left out, and so is what cannot be had, for
 * the program will meet it. To read, to write: up to the first that cannot be had. The first
 * verdict that was not FAULT_OK. Sleeps; no lock is held. */
enum populate_how { POPULATE_AS_MAPPED, POPULATE_TO_READ, POPULATE_TO_WRITE };
int aspace_populate(struct aspace *aspace, uptr_t start, uptr_t end, enum populate_how how);

/* How often a page was tried for; zeros at first. */
struct oom_tries {
	unsigned count; /* since memory last came back: */
	uint64_t ended; /* aspaces_ended then */
};

/* proc: the running program needs a page, and there is no memory even after reclaim. Some process
 * is killed for it. True: it is worth while to try again. False: the running process is to end when
 * it returns to user mode; its access fails, which it will not see. May sleep; no lock of vm is
 * held. */
bool on_oom(struct oom_tries *tries);

#endif
