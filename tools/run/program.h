#ifndef RUN_PROGRAM_H
#define RUN_PROGRAM_H
/*
 * The program that a machine is to run: one of its root's, or one of the host's, which is looked at
 * before anything boots.
 */
#include <stdint.h>

#include "tree.h"

struct program {
	const char *host_path; /* NULL: it is in the root already */
	const char *machine_path;
	uint64_t bytes;
	uint32_t mode;
};

/*
 * Finds `name` in the layers of the root: a path from "/", or a name without slash along `path`,
 * the machine's PATH. Then host_path is NULL, and the machine's kernel is the one to say whether it
 * can be started. Returns 0, or -1 where no layer has it.
 */
int program_find_in_root(
	struct tree *tree, const char *path, const char *name, struct program *program);
/*
 * Finds `name` as a shell does (with a slash: a path; without: along PATH) and checks that Cor
 * can start it: an x86-64 Linux ELF, complete, or a script; in the machine it will be /bin/NAME.
 * Otherwise ends this tool with a message and status 126, or 127 where it is not there.
 */
void program_find(const char *name, struct program *program);
/* The same for a path. */
void program_look(const char *path, struct program *program);
/* The path of an executable file in a folder of the host's PATH; ends this tool with status 127. */
const char *program_find_along_path(const char *name);

#endif
