#ifndef PROC_SCRIPT_H
#define PROC_SCRIPT_H
/*
 * The first line of a script, "#!INTERPRETER [ARGUMENT]". Pure; also built on the host.
 */
#include <stddef.h>

#include "lib/compiler.h"

#define SCRIPT_LINE_BYTES 256 /* of the file's start are looked at, as in Linux */

struct script_line {
	char text[SCRIPT_LINE_BYTES + 1];
	const char *interpreter; /* into text */
	const char *argument;    /* into text; NULL: none */
};

/* data: the file's first bytes, at most SCRIPT_LINE_BYTES. -ENOEXEC: it is not a script, or names
 * no interpreter. */
__must_check int script_parse(const char *data, size_t bytes, struct script_line *line);

#endif
