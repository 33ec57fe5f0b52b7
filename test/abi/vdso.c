/* The vDSO: an ELF image with the names that C libraries look for, and what its functions say. */
#include "show.h"

#include <elf.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static const char *image;
static const Elf64_Sym *symbols;
static const char *strings;
static const uint16_t *versions;
static const uint32_t *hash;
static const Elf64_Verdef *definitions;

static const void *at(uint64_t address)
{
	return address < 0x10000 ? image + address : (const char *)address;
}

static void read_dynamic(void)
{
	const Elf64_Ehdr *header = (const void *)image;
	const Elf64_Phdr *segment = (const void *)(image + header->e_phoff);
	const Elf64_Dyn *dynamic = NULL;

	printf("%.3s, type %d, machine %d\n", image + 1, header->e_type, header->e_machine);
	for (int i = 0; i < header->e_phnum; i++, segment++) {
		if (segment->p_type == PT_LOAD)
			printf("load at %#lx, flags %d\n", segment->p_vaddr, segment->p_flags);
		if (segment->p_type == PT_DYNAMIC)
			dynamic = (const void *)(image + segment->p_offset);
	}
	for (; dynamic->d_tag != DT_NULL; dynamic++) {
		const void *where = at(dynamic->d_un.d_ptr);

		switch (dynamic->d_tag) {
		case DT_SYMTAB:
			symbols = where;
			break;
		case DT_STRTAB:
			strings = where;
			break;
		case DT_HASH:
			hash = where;
			break;
		case DT_VERSYM:
			versions = where;
			break;
		case DT_VERDEF:
			definitions = where;
			break;
		}
	}
}

static const char *version_name(int index)
{
	const Elf64_Verdef *definition = definitions;

	while (definition->vd_ndx != index)
		definition = (const void *)((const char *)definition + definition->vd_next);
	return strings +
	       ((const Elf64_Verdaux *)((const char *)definition + definition->vd_aux))->vda_name;
}

static void *function(const char *name)
{
	for (uint32_t i = 1; i < hash[1]; i++) {
		if (strcmp(strings + symbols[i].st_name, name))
			continue;
		printf("%s: version %s\n", name, version_name(versions[i] & 0x7fff));
		return (void *)at(symbols[i].st_value);
	}
	printf("%s: not there\n", name);
	exit(1);
}

static int64_t ns(const struct timespec *time)
{
	return time->tv_sec * 1000000000ll + time->tv_nsec;
}

typedef int clock_fn(clockid_t, struct timespec *);

/* What the vDSO says lies between what the kernel says before and after. */
static void show_clock(clock_fn *get, const char *name, int clock)
{
	struct timespec before, time, after;
	int good = 0;

	for (int i = 0; i < 100; i++) {
		syscall(SYS_clock_gettime, clock, &before);
		if (get(clock, &time) || time.tv_nsec < 0 || time.tv_nsec > 999999999)
			break;
		syscall(SYS_clock_gettime, clock, &after);
		good += ns(&before) <= ns(&time) && ns(&time) <= ns(&after);
	}
	printf("%s: %d of 100 in order\n", name, good);
}

static void show_monotonic(clock_fn *get)
{
	struct timespec time = { 0 }, next;
	int back = 0;

	for (int i = 0; i < 20000; i++) {
		get(CLOCK_MONOTONIC, &next);
		back += ns(&next) < ns(&time);
		time = next;
	}
	printf("went back %d times\n", back);
}

static void show_maps(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512], rights[8], name[64];

	while (fgets(line, sizeof(line), maps)) {
		*name = 0;
		sscanf(line, "%*s %7s %*s %*s %*s %63s", rights, name);
		if (!strcmp(name, "[vdso]"))
			printf("%s %s\n", rights, name);
	}
	fclose(maps);
}

int main(void)
{
	clock_fn *gettime, *getres;
	int (*gettimeofday_fn)(struct timeval *, struct timezone *);
	time_t (*time_fn)(time_t *), seconds, other;
	int (*getcpu_fn)(unsigned *, unsigned *, void *);
	unsigned cpu = 99, node = 99;
	struct timespec time;
	struct timeval day, day_after;
	struct timezone zone = { 7, 7 };

	image = (const char *)getauxval(AT_SYSINFO_EHDR);
	SHOW(image && (unsigned long)image % 4096 == 0);
	read_dynamic();
	gettime = function("__vdso_clock_gettime");
	getres = function("__vdso_clock_getres");
	gettimeofday_fn = function("__vdso_gettimeofday");
	time_fn = function("__vdso_time");
	getcpu_fn = function("__vdso_getcpu");
	function("clock_gettime");
	function("getcpu");
	show_clock(gettime, "CLOCK_REALTIME", CLOCK_REALTIME);
	show_clock(gettime, "CLOCK_MONOTONIC", CLOCK_MONOTONIC);
	show_clock(gettime, "CLOCK_BOOTTIME", CLOCK_BOOTTIME);
	show_clock(gettime, "CLOCK_REALTIME_COARSE", CLOCK_REALTIME_COARSE);
	show_clock(gettime, "CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID);
	show_monotonic(gettime);
	SHOW(gettime(99, &time));
	SHOW(getres(CLOCK_MONOTONIC, &time));
	SHOW(ns(&time));
	SHOW(getres(99, &time));
	SHOW(time_fn(&seconds) - seconds);
	other = syscall(SYS_time, NULL);
	SHOW(other >= seconds && other - seconds < 2);
	SHOW(gettimeofday_fn(&day, &zone));
	gettimeofday_fn(&day_after, NULL);
	SHOW(zone.tz_minuteswest);
	SHOW(day.tv_usec >= 0 && day.tv_usec < 1000000);
	SHOW(day_after.tv_sec - day.tv_sec < 2);
	SHOW(getcpu_fn(&cpu, &node, NULL));
	SHOW(cpu);
	SHOW(node);
	SHOW(getcpu_fn(NULL, NULL, NULL));
	show_maps();
	fflush(stdout);
	if (fork() == 0) {
		show_clock(gettime, "in a child", CLOCK_MONOTONIC);
		exit(0);
	}
	wait(NULL);
	return 0;
}
