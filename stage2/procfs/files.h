#ifndef PROCFS_FILES_H
#define PROCFS_FILES_H
/*
 * The tables of /proc's parts, for the table of the root; and what their files share.
 */
#include <stdint.h>

#include "fs/synth/synth.h"
#include "lib/compiler.h"

/* Rows of a table of struct synth_entry. */
#define FILE_ENTRY(entry_name, permissions, read_fn)                                               \
	{                                                                                          \
		.name = (entry_name), .mode = S_IFREG | (permissions), .read = (read_fn)           \
	}
#define DIR_ENTRY(entry_name, table)                                                               \
	{                                                                                          \
		.name = (entry_name), .mode = S_IFDIR | 0555, .children = (table)                  \
	}

typedef int procfs_read(const struct synth_key *key, struct synth_text *text);

/* memory.c */
procfs_read meminfo_read, frames_read, slabinfo_read;
/* sysctl.c: /proc/sys */
extern const struct synth_entry sysctl_entries[];

/* A decimal number, blanks and a newline around it allowed. -EINVAL. */
__must_check int number_from_text(const char *text, uint64_t *number);

#endif
