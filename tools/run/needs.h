#ifndef RUN_NEEDS_H
#define RUN_NEEDS_H
/*
 * A program with all that it takes to start it.
 */
#include "options.h"
#include "program.h"
#include "tree.h"

/*
 * Puts the program into the tree; if it is a script, its interpreter too ("#!/usr/bin/env NAME":
 * and NAME), and of each of them the dynamic linker and the libraries. Layers are in the tree
 * already: what they have stays, the program's own place excepted. path: the machine's PATH. Ends
 * this tool with a message and status 126 or 127 where something cannot be had.
 */
void needs_put(struct tree *tree, const struct options *options, const struct program *program,
	const char *path);

#endif
