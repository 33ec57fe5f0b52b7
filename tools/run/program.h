#ifndef RUN_PROGRAM_H
#define RUN_PROGRAM_H
/*
 * The program that a machine is to run: found on the host, and looked at before anything boots.
 */
#include <stdint.h>

struct program {
	const char *host_path;
	const char *machine_path; /* /bin/NAME */
	uint64_t bytes;
	uint32_t mode;
};

/*
 * Finds `name` as a shell does (with a slash: a path; without: along PATH) and checks that Cor
 * can start it: an x86-64 Linux ELF, complete, without an interpreter. Otherwise ends the program
 * with a message and status 126, or 127 where it is not there.
 */
void program_find(const char *name, struct program *program);

#endif
