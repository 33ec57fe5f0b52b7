#ifndef LIB_PARSE_H
#define LIB_PARSE_H
/*
 * Numbers and options out of text, for the command line and the like. Nothing sleeps or locks.
 */
#include "lib/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the whole of `text` as a number: decimal, or hexadecimal after 0x, or octal after 0; digits
 * alone, no blanks, no sign. -EINVAL where it is not one, -ERANGE where 64 bits do not hold it; the
 * result is untouched then. */
__must_check int parse_u64(const char *text, uint64_t *value);

/* The same with an optional K, M, G, T, P or E behind it, or a small one: powers of 1024. */
__must_check int parse_size(const char *text, uint64_t *bytes);

/* Looks for the word `name` or `name=value` in a command line of words between blanks; the last one
 * counts. Copies the value ("" for the bare word) to `value`. -ENOENT where the word is not there,
 * -ERANGE where the value does not fit; `value` is untouched then. */
__must_check int parse_option(
	const char *cmdline, const char *name, char *value, size_t value_bytes);

/* Takes the next of "name=value,name,..." off *text, which is cut up for it; *value NULL: it has
 * none. Commas with nothing between them are passed over. False: that was the last. */
bool parse_next_option(char **text, char **name, char **value);

#endif
