/*
 * free: memory, in KiB, as /proc/meminfo has it.
 */
#include <stdio.h>
#include <string.h>

static long field(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	long value = 0;

	if (at)
		sscanf(at + strlen(name), "%ld", &value);
	return value;
}

int main(void)
{
	char text[8192] = "";
	FILE *file = fopen("/proc/meminfo", "r");
	long total, unused, cache;

	if (!file || fread(text, 1, sizeof(text) - 1, file) == 0) {
		perror("free: /proc/meminfo");
		return 1;
	}
	total = field(text, "MemTotal:");
	unused = field(text, "MemFree:");
	cache = field(text, "\nBuffers:") + field(text, "\nCached:");
	printf("%10s %10s %10s %10s %10s %10s\n", "total", "used", "free", "cache", "programs",
		"available");
	printf("%10ld %10ld %10ld %10ld %10ld %10ld\n", total, total - unused - cache, unused,
		cache, field(text, "AnonPages:"), field(text, "MemAvailable:"));
	return 0;
}
