#ifndef PROC_VDSO_H
#define PROC_VDSO_H
/*
 * The vDSO of a new program: the clock's page and behind it the library of vdso/.
 */
#include "lib/compiler.h"
#include "lib/types.h"

struct aspace;

/* Linked into the kernel as bytes, whole pages (Makefile). */
extern const unsigned char vdso_image[];
extern const unsigned int vdso_image_bytes;

/* Map it, above the stack where there is room; *address: its ELF header, for AT_SYSINFO_EHDR.
 * -ENOMEM. Sleeps. */
__must_check int vdso_map(struct aspace *aspace, uptr_t stack_top, uptr_t *address);

#endif
