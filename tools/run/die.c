/* die: how host tools end on an error. Nothing here returns a failure. */
#include "die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *die_name = "cor";

void die(int status, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", die_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
}

void *must_alloc(size_t bytes)
{
	void *block = calloc(1, bytes ? bytes : 1);

	if (!block)
		die(STATUS_FAILED, "out of memory");
	return block;
}

void *must_realloc(void *old, size_t bytes)
{
	void *block = realloc(old, bytes ? bytes : 1);

	if (!block)
		die(STATUS_FAILED, "out of memory");
	return block;
}

char *must_strdup(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		die(STATUS_FAILED, "out of memory");
	return copy;
}

char *must_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		die(STATUS_FAILED, "out of memory");
	va_end(args);
	return text;
}
