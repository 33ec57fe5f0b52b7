#ifndef RUN_LIBRARIES_H
#define RUN_LIBRARIES_H
/*
 * The libraries of a dynamically linked program, found as the dynamic linker would, without running
 * anything.
 */
#include "tree.h"

/* What decides besides the files themselves. */
struct library_search {
	struct tree *tree;
	const char *library_path; /* LD_LIBRARY_PATH in the machine; NULL: not set */
};

/*
 * Puts the interpreter of the program at `host_path` into the tree, and the libraries it needs, and
 * those that they need, each where the machine's linker will look for it. A file that a layer has
 * there stays. Ends this tool with a message and status 127 where one is on neither side; does
 * nothing for a static program.
 */
void libraries_put(
	const struct library_search *search, const char *host_path, const char *machine_path);

#endif
