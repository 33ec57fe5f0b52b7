/*
 * boot_times: the kernel's line "boot-times: STAGE=NANOSECONDS ..." as a table for people.
 *
 * The times count from the machine's reset. Each stage is named for what ends with it; "init" ends
 * where the program begins.
 */
#include "boot_times.h"

#include <stdio.h>
#include <string.h>

static const char *last_line(const char *log)
{
	static const char head[] = "boot-times:";
	const char *found = NULL;

	while ((log = strstr(log, head))) {
		log += sizeof(head) - 1;
		found = log;
	}
	return found;
}

void boot_times_print(const char *log)
{
	const char *at = last_line(log);
	unsigned long long stamp, before = 0;
	char stage[64];
	int used;

	if (!at) {
		fprintf(stderr, "boot-times: the kernel's log has no such line\n");
		return;
	}
	fprintf(stderr, "%-16s %12s %12s\n", "stage", "ends at us", "took us");
	while (sscanf(at, " %63[^= \n]=%llu%n", stage, &stamp, &used) == 2) {
		fprintf(stderr, "%-16s %12.1f %12.1f\n", stage, stamp / 1e3,
			((double)stamp - (double)before) / 1e3);
		before = stamp;
		at += used;
		if (*at == '\r' || *at == '\n')
			break;
	}
}
