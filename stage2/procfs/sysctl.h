#ifndef PROCFS_SYSCTL_H
#define PROCFS_SYSCTL_H
/*
 * Files of /proc/sys that are one number.
 */
#include "abi/errno.h"
#include "lib/compiler.h"
#include "procfs/files.h"

/* What it is cannot be changed. */
#define FIXED(what, format, value)                                                                 \
	static int what##_read(const struct synth_key *key, struct synth_text *text)               \
	{                                                                                          \
		synth_print(text, format "\n", value);                                             \
		return 0;                                                                          \
	}

#define FIXED_ENTRY(entry_name, what)                                                              \
	{                                                                                          \
		.name = (entry_name), .mode = S_IFREG | 0444, .strict = true, .read = what##_read  \
	}

/* A number of 32 bits that lies in a variable, for root to change. */
#define NUMBER(what, variable) NUMBER_UP_TO(what, variable, INT32_MAX)
#define NUMBER_UP_TO(what, variable, most)                                                         \
	FIXED(what, "%u", READ_ONCE(variable))                                                     \
	static int what##_write(const struct synth_key *key, const char *text, size_t bytes)       \
	{                                                                                          \
		uint64_t number;                                                                   \
                                                                                                   \
		if (number_from_text(text, &number) || number > (most))                            \
			return -EINVAL;                                                            \
		WRITE_ONCE(variable, (uint32_t)number);                                            \
		return 0;                                                                          \
	}
#define NUMBER_ENTRY(entry_name, what)                                                             \
	{                                                                                          \
		.name = (entry_name), .mode = S_IFREG | 0644, .read = what##_read,                 \
		.write = what##_write                                                              \
	}

/* sysctl_vm.c */
extern const struct synth_entry sysctl_vm_entries[];

#endif
