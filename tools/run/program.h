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
 * can start it: an x86-64 Linux ELF, complete, or a script. Otherwise ends this tool with a message
 * and status 126, or 127 where it is not there.
 */
void program_find(const char *name, struct program *program);
/* The same for a path. */
void program_look(const char *path, struct program *program);
/* The path of an executable file in a folder of the host's PATH; ends this tool with status 127. */
const char *program_find_along_path(const char *name);

#endif
