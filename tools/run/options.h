#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H
/*
 * The command line of bin/run and bin/image.
 */
#include <stddef.h>
#include <stdint.h>

/* A growing list of strings, NULL behind the last. */
struct strings {
	char **items;
	size_t count;
};
void strings_add(struct strings *list, const char *text);

struct options {
	int image; /* bin/image: -o is wanted, nothing is started */
	const char *output;
	int linux_kernel; /* --kernel linux */
	long memory_mib, cpus;
	int64_t timeout_ms;
	const char *append;
	const char *accel; /* "tcg" or "kvm", found out where auto was asked for */
	const char *log;
	const char *qemu;
	int gdb, boot_times;
	struct strings env, roots, disks;
	char **program; /* argv of the job, NULL behind the last; NULL: no job */
};

/* Reads argv (without the names of the tool and of the command). Ends the program with a message
 * and status 125 on a mistake, with status 0 after --help. */
void options_read(struct options *options, char **argv);

#endif
