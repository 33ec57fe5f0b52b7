#ifndef PROC_ELF_H
#define PROC_ELF_H
/*
 * Reading ELF files: the bytes of the headers in, a plan of what to map where out. Pure: it reads
 * only what it is given, allocates nothing, and is also built on the host, where it is tested and
 * fuzzed.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/elf.h"
#include "lib/compiler.h"

#define ELF_LOADS_MAX          32    /* PT_LOAD segments of one file */
#define ELF_SEGMENTS_BYTES_MAX 65536 /* of program headers, as in Linux */

/* One PT_LOAD, checked: memory_bytes > 0, file_bytes <= memory_bytes, the file has the bytes, and
 * file_offset and vaddr are equal modulo the page size. */
struct elf_load {
	uint64_t vaddr;
	uint64_t file_offset;
	uint64_t file_bytes;
	uint64_t memory_bytes;
	uint32_t flags; /* PF_R | PF_W | PF_X */
};

/* Where a file's program headers are. */
struct elf_layout {
	uint64_t segments_offset;
	uint32_t segments_bytes;
};

struct elf_plan {
	bool fixed;      /* ET_EXEC: addresses are final; else they are relative to a base */
	bool stack_exec; /* PT_GNU_STACK asks for it */
	uint64_t entry;
	uint64_t start, end; /* page-aligned span of all loads */
	uint64_t align;      /* of the base, for !fixed: a power of two, at least a page */
	uint64_t segments;   /* address of the program headers in memory; 0: in no load */
	uint32_t segment_count;
	uint64_t interp_offset; /* the first PT_INTERP: the interpreter's path in the file */
	uint64_t interp_bytes;  /* with its NUL, at most PAGE_SIZE; 0: none */
	uint32_t count;
	/* In any order; where two share a page, a later one lies above an earlier one. */
	struct elf_load load[ELF_LOADS_MAX];
};

/* Check the file header, the first `bytes` bytes of a file of file_bytes. -ENOEXEC: not a program
 * for this machine. */
__must_check int elf_read_header(
	const void *data, size_t bytes, uint64_t file_bytes, struct elf_layout *layout);

/* Make the plan from the file header (checked by elf_read_header) and the program headers, which
 * are layout.segments_bytes long. -ENOEXEC: it cannot be loaded. */
__must_check int elf_make_plan(const struct elf_header *header, const struct elf_segment *segments,
	uint64_t file_bytes, struct elf_plan *plan);

/* What the file has at plan.interp_offset is a path. -ENOEXEC. */
__must_check int elf_check_interp(const char *path, size_t bytes);

#endif
