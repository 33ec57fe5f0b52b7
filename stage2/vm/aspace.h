#ifndef VM_ASPACE_H
#define VM_ASPACE_H
/*
 * User address spaces: areas in an ordered tree, page tables filled on demand. docs/memory.md has
 * the picture.
 *
 * All addresses and lengths below are in bytes; PROT_* and MAP_* as in abi/mman.h. Functions return
 * 0 or -errno as mmap(2), munmap(2) ... promise. They may sleep and take the aspace's lock
 * themselves.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/mmu.h"
#include "lib/compiler.h"
#include "lib/types.h"
#include "sched/mutex.h"
#include "sched/work.h"
#include "vm/areas.h"
#include "vm/pager.h"

#define AREAS_MAX 65530 /* of one address space: vm.max_map_count */

/* Not 0: a mapping is made even if all memory could not hold it (vm.overcommit_memory). [a] */
extern uint32_t aspace_overcommit;

enum lock_future { LOCK_FUTURE_NOT, LOCK_FUTURE_PAGES, LOCK_FUTURE_ON_FAULT };

struct aspace {
	struct mutex lock;          /* RANK_ASPACE */
	uint32_t refs;              /* [a] processes and threads that use it */
	paddr_t root;               /* [I] top page table; its user half: [lock] */
	struct pte *leaves;         /* [lock] the table of the last fault, or NULL, */
	uptr_t leaves_base;         /* [lock] and the first address that it maps */
	struct area_tree areas;     /* [lock] */
	uptr_t mmap_top;            /* [I] mappings without a hint are placed downwards from here */
	uptr_t brk_start, brk;      /* [lock] */
	uptr_t stack_top;           /* [I] after aspace_add_stack */
	uint64_t stack_limit_bytes; /* [lock] RLIMIT_STACK; aspace_create sets 8 MiB */
	uint64_t data_limit_bytes;  /* [lock] RLIMIT_DATA; none */
	uint64_t size_limit_bytes;  /* [lock] RLIMIT_AS; none */
	uint64_t lock_limit_bytes;  /* [lock] RLIMIT_MEMLOCK of who last locked memory; none */
	enum lock_future lock_future; /* [lock] mlockall: what of mappings yet to come */
	bool fixed_layout;            /* [I] nothing is put at a random place */
	bool reaped; /* [lock] taken from a process that is to end: no more pages */
	uint64_t
		resident_pages; /* [lock] frames mapped, the page of zeros not counted; of these, */
	uint64_t anon_pages;    /* [lock] anonymous ones */
	struct page_source tables; /* of pages for page tables, which it counts: */
	uint64_t table_pages;      /* [lock] the root among them */
	uint64_t resident_peak;    /* [lock] the most there ever were, for getrusage */
	struct work put_work;      /* the last reference went where it could not be destroyed */
	/* What exec put where, for /proc/PID/stat and cmdline. [I] after exec */
	uptr_t code_start, code_end, data_start, data_end, args_start, args_end, env_start, env_end;
	uptr_t stack_start, auxv_start,
		auxv_end; /* the first stack pointer; the auxiliary vector */
};

/* An empty address space; refs 1. Mappings, stack and heap are put at random places (ASLR), unless
 * its layout is to be fixed. -ENOMEM. */
__must_check int aspace_create(struct aspace **aspace, bool fixed_layout);
void aspace_get(struct aspace *aspace);
/* Drop a reference (NULL is allowed); the last one unmaps everything. May sleep. */
void aspace_put(struct aspace *aspace);
/* The same under locks that forbid destroying anything: deferred work does it. */
void aspace_put_later(struct aspace *aspace);
/* Is there any that deferred work has not destroyed yet? */
bool aspace_any_going(void);
/* How many have been destroyed since the machine began. */
uint64_t aspaces_ended(void);
/* A reference, unless the last one has gone. Any context. */
bool aspace_try_get(struct aspace *aspace);
/* A copy for fork(2): private memory is shared until written, refs 1. -ENOMEM. */
__must_check int aspace_fork(struct aspace *parent, struct aspace **child);
/* Make it the running thread's, and load it; NULL: the kernel's own tables. Takes over the caller's
 * reference; returns the old one, which is the caller's to put. */
struct aspace *aspace_install(struct aspace *aspace);

struct vm_map_args {
	uptr_t address;      /* hint, or exact with MAP_FIXED */
	uint64_t bytes;      /* rounded up to pages */
	uint32_t prot;       /* PROT_READ | PROT_WRITE | PROT_EXEC; other bits are ignored */
	uint32_t max_prot;   /* what mprotect may ever give; prot must lie within, else -EACCES */
	uint32_t flags;      /* as the program gave them: checked here */
	struct pager *pager; /* NULL: anonymous; no reference is taken from the caller */
	struct file *file;   /* through which the object is mapped, for maps; NULL: none */
	uint64_t offset;     /* into the object, bytes, page-aligned */
	const char *name;    /* literal or NULL */
};

/* mmap(2): *address gets where it is. -EINVAL, -ENOMEM, -EOVERFLOW, -EEXIST (MAP_FIXED_NOREPLACE),
 * -EPERM (below USER_BASE), -EACCES, -EOPNOTSUPP (a flag that MAP_SHARED_VALIDATE must refuse). */
__must_check int aspace_map(struct aspace *aspace, const struct vm_map_args *args, uptr_t *address);
/* munmap(2). -EINVAL, -ENOMEM (too many areas). */
int aspace_unmap(struct aspace *aspace, uptr_t address, uint64_t bytes);
/* What still shows an object with these operations as it was mapped, as a whole, at `base`.
 * -EINVAL: nothing does. */
int aspace_detach(struct aspace *aspace, uptr_t base, const struct pager_ops *ops);
/* mprotect(2). -EINVAL, -EACCES, -ENOMEM (a hole: what lies before it has been changed). */
int aspace_protect(struct aspace *aspace, uptr_t address, uint64_t bytes, uint32_t prot);
/* brk(2): the new break, or the old one if it cannot move there. */
uptr_t aspace_brk(struct aspace *aspace, uptr_t new_brk);
/* madvise(2): -ENOMEM on holes, after the rest was done; advice that is not known: -EINVAL. */
int aspace_advise(struct aspace *aspace, uptr_t address, uint64_t bytes, int advice);

/* mlock(2), munlock(2): -ENOMEM (a hole, or more than limit_bytes), -EAGAIN (pages cannot be had),
 * -EINVAL. fill: bring all pages in; without it (MLOCK_ONFAULT) they come when they are touched.
 * Nothing is swapped out here, so to be locked means: to be there, and to count. */
int aspace_lock(
	struct aspace *aspace, uptr_t address, uint64_t bytes, uint64_t limit_bytes, bool fill);
int aspace_unlock(struct aspace *aspace, uptr_t address, uint64_t bytes);
/* mlockall(2), MCL_* flags that were checked: -ENOMEM. 0: munlockall(2). */
int aspace_lock_all(struct aspace *aspace, unsigned flags, uint64_t limit_bytes);

/* Before a mapping that is MAP_LOCKED: what may be. */
void aspace_set_lock_limit(struct aspace *aspace, uint64_t limit_bytes);

/* mincore(2) of whole pages: bit 0 of a byte each. -ENOMEM: a hole. */
int aspace_resident(struct aspace *aspace, uptr_t address, size_t npages, uint8_t *vector);

/* What msync(2) wants to know of the area that ends first behind `address`. */
struct area_view {
	uptr_t start, end;
	uint32_t flags;      /* MAP_SHARED, MAP_LOCKED ... */
	struct pager *pager; /* reference held, or NULL; and of the file that was mapped, */
	struct file *file;   /* which goes with area_view_put */
};
/* -ENOENT: there is none. */
__must_check int aspace_view(struct aspace *aspace, uptr_t address, struct area_view *view);
void area_view_put(struct area_view *view);

/* What an area's pages are, in pages; each is added to. */
struct area_usage {
	uint64_t resident, referenced, anonymous;
	uint64_t shared_clean, shared_dirty, private_clean, private_dirty; /* by others: mapped */
	uint64_t share, share_dirty; /* each divided among those who map it; in bytes */
};
/* The aspace's lock is held. */
void area_add_usage(const struct vm_area *area, struct area_usage *usage);

/* The memory that goes with it: its pages, and what the kernel has to keep of them. One look. */
uint64_t aspace_footprint(const struct aspace *aspace);
/* Memory is short and the process that this belongs to has been killed: its private memory goes at
 * once, and what it still touches is not there. Pages that went. May sleep. */
uint64_t aspace_reap(struct aspace *aspace);

/* mremap(2); *new_address: where to, with MREMAP_FIXED; gets where it is now. -EINVAL, -EFAULT (not
 * mapped as one area), -ENOMEM, -EAGAIN (RLIMIT_MEMLOCK). */
__must_check int aspace_remap(struct aspace *aspace, uptr_t address, uint64_t old_bytes,
	uint64_t new_bytes, unsigned flags, uptr_t *new_address);
/* Put the stack area in place, top randomised. *top gets its upper end. */
__must_check int aspace_add_stack(struct aspace *aspace, uptr_t *top);
/* Set where brk begins (page-aligned up, randomised by up to 32 MiB). */
void aspace_set_brk(struct aspace *aspace, uptr_t start);

/* Copy from or to an address space that need not be loaded: exec's arguments, /proc/PID/mem. The
 * program's own rights count: -EFAULT where it could not read (write) itself; what lies before has
 * been copied. poke: private memory is written to all the same, as a copy. */
__must_check int aspace_read(struct aspace *aspace, uptr_t src, void *dst, size_t bytes);
__must_check int aspace_write(struct aspace *aspace, uptr_t dst, const void *src, size_t bytes);
__must_check int aspace_poke(struct aspace *aspace, uptr_t dst, const void *src, size_t bytes);
__must_check int aspace_zero(struct aspace *aspace, uptr_t dst, size_t bytes);

#endif
