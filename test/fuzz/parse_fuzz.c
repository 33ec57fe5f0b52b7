/*
 * lib/parse.h on any bytes: a number is what libc's strtoull takes it for, and an option's value is
 * a piece of the command line.
 */
#include "lib/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_number(const char *text)
{
	uint64_t value, expected;
	char *end;

	errno = 0;
	expected = strtoull(text, &end, 0);
	if (parse_u64(text, &value) == 0) {
		if (*end || errno || value != expected)
			abort();
	} else if (isdigit((unsigned char)*text) && !*end && !errno) {
		abort();
	}
}

static void check_option(const char *cmdline)
{
	char value[16];

	if (parse_option(cmdline, "log", value, sizeof(value)) == 0 && !strstr(cmdline, value))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	char *text = malloc(bytes + 1);

	memcpy(text, data, bytes);
	text[bytes] = 0;
	check_number(text);
	check_option(text);
	free(text);
	return 0;
}
