#ifndef PROC_LOAD_H
#define PROC_LOAD_H
/*
 * Loading: from an ELF file to an address space that is ready to run, all before anybody sees it.
 */
#include <stdint.h>

#include "fs/fs.h"
#include "lib/compiler.h"
#include "lib/types.h"
#include "proc/strings.h"

struct file;

/* A program about to be started. Strings are the caller's; so is the file. */
struct program {
	struct file *file;
	struct fs_call call;               /* who looks for the interpreter, and from where */
	struct strings *args, *env, *path; /* path: one string, for AT_EXECFN */
	const struct cred *cred;           /* what it will run as */
	bool secure;                       /* it runs with other rights than its user has */
	uint64_t stack_limit_bytes, data_limit_bytes, size_limit_bytes;
	bool fixed_layout; /* no address is random */
	/* filled by program_load */
	struct aspace *aspace;
	uptr_t start, stack; /* first instruction, stack pointer */
	uptr_t entry;        /* AT_ENTRY: the program's own; start, where it has no interpreter */
	uptr_t interp_base;  /* AT_BASE; 0: no interpreter */
	uptr_t segments;     /* AT_PHDR */
	uptr_t vdso;         /* AT_SYSINFO_EHDR */
	uint32_t segment_count;
};

/* Make the address space; refs 1, the caller's. May sleep. -ENOEXEC, -ELIBBAD (its interpreter is
 * not one), whatever opening the interpreter says, -ENOMEM, -EIO, -E2BIG. */
__must_check int program_load(struct program *program);

/* The second half: the initial stack. */
__must_check int program_build_stack(struct program *program, uptr_t top);

#endif
