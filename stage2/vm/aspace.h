#ifndef VM_ASPACE_H
#define VM_ASPACE_H
/*
 * User address spaces: areas in an ordered tree, page tables filled on demand.
 *
 * All addresses and lengths below are in bytes; PROT_* and MAP_* as in abi/mman.h. Functions return 0
 * or -errno as mmap(2), munmap(2) ... promise. They may sleep and take the aspace's lock themselves.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/mmu.h"
#include "lib/compiler.h"
#include "lib/rbtree.h"
#include "lib/types.h"
#include "sched/mutex.h"
#include "vm/pager.h"

struct vm_area {
	struct rb_node node;          /* [aspace lock] by start */
	struct aspace *aspace;        /* [I] */
	uptr_t start, end;            /* [aspace lock] page-aligned */
	uint32_t prot;                /* [aspace lock] PROT_* */
	uint32_t max_prot;            /* [I] what mprotect may give: a file opened read-only */
	uint32_t flags;               /* [aspace lock] MAP_SHARED or MAP_PRIVATE, MAP_GROWSDOWN ... */
	struct pager *pager;          /* [I] NULL: anonymous */
	uint64_t pager_index;         /* [aspace lock] page of the object that `start` shows */
	struct list_head pager_link;  /* [pager lock] */
	const char *name;             /* [I] "[stack]", "[heap]", "[vdso]" or NULL, for maps */
};

struct aspace {
	struct mutex lock;            /* RANK_ASPACE */
	uint32_t refs;                /* [a] processes and threads that use it */
	paddr_t root;                 /* [I] top page table */
	struct rb_root areas;         /* [lock] */
	uptr_t mmap_top;              /* [I] mappings without a hint are placed downwards from here */
	uptr_t brk_start, brk;        /* [lock] */
	uptr_t stack_top;             /* [I] */
	uint64_t stack_limit_bytes;   /* [lock] RLIMIT_STACK when it was made */
	uint64_t data_limit_bytes;    /* [lock] RLIMIT_DATA */
	uint64_t size_limit_bytes;    /* [lock] RLIMIT_AS */
	uint64_t mapped_bytes;        /* [lock] sum of areas */
	uint64_t resident_pages;      /* [lock] present leaf entries */
	/* What exec put where, for /proc/PID/stat and cmdline. [I] after exec */
	uptr_t code_start, code_end, data_start, data_end, args_start, args_end, env_start, env_end;
};

/* An empty address space with random mmap_top (ASLR); refs 1. -ENOMEM. */
__must_check int aspace_create(struct aspace **aspace);
void aspace_get(struct aspace *aspace);
/* Drop a reference; the last one unmaps everything. May sleep. */
void aspace_put(struct aspace *aspace);
/* Load it on this CPU (context switch, exec). NULL: the kernel's own tables are enough. */
void aspace_switch(struct aspace *aspace);
/* Make it the running thread's: takes over the reference; the old one is the caller's to put. */
struct aspace *aspace_install(struct aspace *aspace);

struct vm_map_args {
	uptr_t address;       /* hint, or exact with MAP_FIXED */
	uint64_t bytes;
	uint32_t prot, max_prot, flags;
	struct pager *pager;  /* NULL: anonymous */
	uint64_t offset;      /* into the object, bytes, page-aligned */
	const char *name;     /* literal or NULL */
};

/* mmap(2): *address gets where it is. -EINVAL, -ENOMEM, -EEXIST (MAP_FIXED_NOREPLACE), -EPERM. */
__must_check int aspace_map(
	struct aspace *aspace, const struct vm_map_args *args, uptr_t *address);
int aspace_unmap(struct aspace *aspace, uptr_t address, uint64_t bytes);
int aspace_protect(struct aspace *aspace, uptr_t address, uint64_t bytes, uint32_t prot);
/* brk(2): the new break, or the old one if it cannot move there. */
uptr_t aspace_brk(struct aspace *aspace, uptr_t new_brk);
/* madvise(2) MADV_DONTNEED; other advice that may be ignored returns 0, unknown -EINVAL. */
int aspace_advise(struct aspace *aspace, uptr_t address, uint64_t bytes, int advice);

/* Put the stack area in place, top randomised. *top gets its upper end. */
__must_check int aspace_add_stack(struct aspace *aspace, uptr_t *top);
/* Set where brk begins (page-aligned up, randomised). */
void aspace_set_brk(struct aspace *aspace, uptr_t start);

#endif
