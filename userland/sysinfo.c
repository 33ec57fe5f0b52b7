/*
 * sysinfo [-1]: one screen about the machine; with -1 one line, which greets at the shell.
 *
 * Where Cor tells more than Linux does (memory by owner, where the time of the boot went), that is
 * left out on Linux.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { LOG_READ_ALL = 3, LOG_SIZE = 10, COLUMNS = 78, PAGE_KIB = 4 };

static char *slurp(const char *path)
{
	static char text[65536];
	FILE *file = fopen(path, "r");
	size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	if (file)
		fclose(file);
	text[length] = '\0';
	return text;
}

/* "Cor", or what else has this kernel's interface. */
static const char *kernel_name(const struct utsname *name)
{
	return !strncmp(name->version, "Cor", 3) ? "Cor" : name->sysname;
}

/* The last line of the log that says when each stage of the boot had ended, from its first stage
 * on; NULL: there is none, or we may not look. */
static char *boot_times(void)
{
	static const char head[] = "boot-times:";
	int size = klogctl(LOG_SIZE, NULL, 0);
	char *text = size > 0 ? calloc(1, size + 1) : NULL, *found = NULL;

	if (!text || klogctl(LOG_READ_ALL, text, size) < 0)
		return NULL;
	while ((text = strstr(text, head)))
		found = text += sizeof(head) - 1;
	if (found)
		found[strcspn(found, "\n")] = '\0';
	return found;
}

/* Takes " STAGE=NANOSECONDS" off. 0: there are no more. */
static int boot_stage(char **at, char stage[32], double *ms)
{
	unsigned long long ns;
	int used;

	if (!*at || sscanf(*at, " %31[^= ]=%llu%n", stage, &ns, &used) != 2)
		return 0;
	*at += used;
	*ms = ns / 1e6;
	return 1;
}

/* From the boot sector's first instruction to init's. */
static double boot_ms(void)
{
	char *at = boot_times(), stage[32];
	double first = 0, ms;

	if (!boot_stage(&at, stage, &first))
		return 0;
	for (ms = first; boot_stage(&at, stage, &ms);)
		;
	return ms - first;
}

static double memory_mib(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : (double)info.totalram * info.mem_unit / (1 << 20);
}

static int greet(const struct utsname *name)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	double ms = boot_ms();

	printf("%s %s, %.0f MiB of memory, %ld CPU%s", kernel_name(name), name->release,
		memory_mib(), cpus, cpus == 1 ? "" : "s");
	if (ms > 0)
		printf(", booted in %.0f ms", ms);
	printf("\n");
	return 0;
}

static void show_boot(void)
{
	char *at = boot_times(), stage[32];
	double ms, before;

	if (!boot_stage(&at, stage, &before))
		return;
	printf("\nboot      %.0f ms from %s to init:", boot_ms(),
		strcmp(stage, "bios") ? stage : "the boot sector");
	for (int i = 0; boot_stage(&at, stage, &ms); before = ms, i++)
		printf("%s%s %.1f", i % 8 ? ", " : "\n          ", stage, ms - before);
	printf("\n");
}

static void show_cpu(void)
{
	static const char key[] = "model name\t: ";
	const char *text = slurp("/proc/cpuinfo"), *model = strstr(text, key);

	if (model)
		printf("processor %.*s, %ld online\n", (int)strcspn(model + sizeof(key) - 1, "\n"),
			model + sizeof(key) - 1, sysconf(_SC_NPROCESSORS_ONLN));
}

/* A line of the table: a name and a number of pages. */
static void show_memory(void)
{
	char *rest, *line = strtok_r(slurp("/proc/frames"), "\n", &rest), owner[32];
	unsigned long pages;
	int column = 0;

	printf("\nmemory    %.0f MiB", memory_mib());
	printf(line ? ", in KiB by owner:\n" : "\n");
	for (; line; line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "%31s %lu", owner, &pages) != 2 || !strcmp(owner, "total"))
			continue;
		column += printf("%10s%-14s%8lu", "", owner, pages * PAGE_KIB);
		if (column > COLUMNS - 30)
			column = 0 * printf("\n");
	}
	if (column)
		printf("\n");
}

/* Whatever has an interrupt of its own. */
static void show_devices(void)
{
	char *rest, *line = strtok_r(slurp("/proc/interrupts"), "\n", &rest);

	printf("\ninterrupts\n");
	while ((line = strtok_r(NULL, "\n", &rest)))
		printf("  %s\n", line);
}

int main(int argc, char **argv)
{
	struct utsname name;

	if (uname(&name)) {
		perror("sysinfo");
		return 1;
	}
	if (argc > 1 && !strcmp(argv[1], "-1"))
		return greet(&name);
	printf("%s    %s %s, up %.2f s\n", name.nodename, kernel_name(&name), name.release,
		atof(slurp("/proc/uptime")));
	show_cpu();
	show_boot();
	show_memory();
	show_devices();
	return 0;
}
