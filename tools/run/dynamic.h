#ifndef RUN_DYNAMIC_H
#define RUN_DYNAMIC_H
/*
 * What an ELF file asks of the dynamic linker, read from the file: it is never run.
 */
#include "options.h"

struct dynamic {
	char *interp;          /* PT_INTERP; NULL: none */
	char *soname;          /* DT_SONAME; these three NULL where there is none */
	char *rpath, *runpath; /* DT_RPATH, DT_RUNPATH: folders with ':' between */
	struct strings needed; /* DT_NEEDED, in order */
};

/* Returns 0, or -1 where `path` is no readable x86-64 ELF program or library. What is damaged in
 * one counts as not there. */
int dynamic_read(const char *path, struct dynamic *dynamic);

#endif
