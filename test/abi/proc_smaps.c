/* /proc/self/smaps and smaps_rollup: what a mapping has in memory. */
#include "show.h"

#include <ctype.h>
#include <sys/wait.h>

#define PAGE 4096

static const char *const fields[] = { "Size:", "KernelPageSize:", "MMUPageSize:", "Rss:", "Pss:",
	"Shared_Clean:", "Shared_Dirty:", "Private_Clean:", "Private_Dirty:", "Anonymous:", "Swap:",
	"Locked:" };
#define FIELDS (sizeof(fields) / sizeof(*fields))

/* Copies of fields of the mapping that begins at `at`. */
static int find(const void *at, long values[FIELDS], char *flags)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	char line[512];
	unsigned long start;
	int found = 0;

	memset(values, 0, FIELDS * sizeof(*values));
	flags[0] = 0;
	while (fgets(line, sizeof(line), file)) {
		if (isxdigit((unsigned char)line[0]) && !isupper((unsigned char)line[0]) &&
			sscanf(line, "%lx-", &start) == 1)
			found = found ? 2 : start == (unsigned long)at;
		for (size_t i = 0; found == 1 && i < FIELDS; i++)
			if (strncmp(line, fields[i], strlen(fields[i])) == 0)
				values[i] = strtol(line + strlen(fields[i]), NULL, 10);
		if (found == 1 && strncmp(line, "VmFlags: ", 9) == 0)
			strcpy(flags, line + 9);
	}
	fclose(file);
	return found;
}

static void show_map_of(const char *what, const void *at)
{
	static const char *const known[] = { "rd", "wr", "ex", "sh", "mr", "mw", "me", "ms", "gd",
		"lo", "dc", "wf" };
	long values[FIELDS];
	char flags[256];

	if (!find(at, values, flags)) {
		printf("%s: not found\n", what);
		return;
	}
	printf("%s:", what);
	for (size_t i = 0; i < FIELDS; i++)
		printf(" %s%ld", fields[i], values[i]);
	printf("\n  ");
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strstr(flags, known[i]))
			printf("%s ", known[i]);
	printf("\n");
}

static void anonymous(void)
{
	volatile char *at = mmap(NULL, 10 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status, go[2], end[2];
	char c;

	at += PAGE; /* so that nothing joins it */
	mprotect((void *)at, 8 * PAGE, PROT_READ | PROT_WRITE);
	show_map_of("fresh", (void *)at);
	at[0] = 1;
	at[2 * PAGE] = 1;
	show_map_of("two pages", (void *)at);
	c = at[4 * PAGE];
	show_map_of("one read", (void *)at);
	mlock((void *)at, 8 * PAGE);
	show_map_of("locked", (void *)at);
	munlock((void *)at, 8 * PAGE);
	pipe(go);
	pipe(end);
	fflush(stdout);
	if (fork() == 0) {
		write(go[1], &c, 1);
		close(end[1]);
		read(end[0], &c, 1);
		_exit(0);
	}
	read(go[0], &c, 1);
	show_map_of("shared with a child", (void *)at);
	at[0] = 2;
	show_map_of("one of them copied", (void *)at);
	close(end[1]);
	wait(&status);
	show_map_of("alone", (void *)at);
	madvise((void *)at, PAGE, MADV_DONTNEED);
	show_map_of("given back", (void *)at);
	madvise((void *)at, 8 * PAGE, MADV_DONTFORK);
	show_map_of("not for children", (void *)at);
}

static void files(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	volatile char *at;

	ftruncate(fd, 4 * PAGE);
	at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	show_map_of("a file, shared", (void *)at);
	at[0] = 1;
	show_map_of("written", (void *)at);
	munmap((void *)at, 4 * PAGE);
	at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	at[PAGE] = 1;
	show_map_of("a copy", (void *)at);
	munmap((void *)at, 4 * PAGE);
	at = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	show_map_of("to read", (void *)at);
	close(fd);
}

static void rollup(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "r");
	char line[512], name[64];
	long rss = 0, pss = 0, sum = 0, value;

	fgets(line, sizeof(line), file);
	printf("%s", strstr(line, "---p") ? strstr(line, "---p") : line);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %ld kB", name, &value) != 2)
			printf("odd: %s", line);
		if (strcmp(name, "Rss:") == 0)
			rss = value;
		if (strcmp(name, "Pss:") == 0)
			pss = value;
		if (strncmp(name, "Shared_", 7) == 0 || strncmp(name, "Private_", 8) == 0)
			sum += value;
	}
	fclose(file);
	printf("sums up %d, %d\n", rss == sum, pss > 0 && pss <= rss);
}

int main(void)
{
	mkdir("proc_smaps", 0755);
	chdir("proc_smaps");
	anonymous();
	files();
	rollup();
	return 0;
}
