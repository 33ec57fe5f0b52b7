/*
 * What the kernel's lower rooms expect of core, for fuzz targets: a failed assert is a crash.
 */
#include "lib/assert.h"

#include <stdio.h>
#include <stdlib.h>

void assert_fail(const char *expression, const char *file, int line)
{
	fprintf(stderr, "%s:%d: assert(%s) failed\n", file, line, expression);
	abort();
}
