/* Files of /proc that are one number or a line, and settings that can be written. */
#include "show.h"

#include <ctype.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void contents(const char *path)
{
	char buf[256] = "";
	int fd = open(path, O_RDONLY);
	ssize_t got = read(fd, buf, sizeof(buf) - 1);

	close(fd);
	if (got < 0)
		printf("%s: %s\n", path, strerror(errno));
	else
		printf("%s: %s%s", path, buf, got && buf[got - 1] == '\n' ? "" : "\n");
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), err;

	err = fd < 0 ? errno : write(fd, text, strlen(text)) < 0 ? errno : 0;
	printf("%s > %s: %s\n", text, path, err ? strerror(err) : "ok");
	close(fd);
}

/* Of lines "name value": the names that are wanted are there, with a number. */
static void has(const char *path, const char *const *names)
{
	for (; *names; names++) {
		FILE *file = fopen(path, "r");
		char line[4096];
		int found = 0;

		while (fgets(line, sizeof(line), file)) {
			size_t bytes = strlen(*names);

			if (strncmp(line, *names, bytes) == 0 &&
				(line[bytes] == ':' || line[bytes] == ' ')) {
				char *at = line + bytes + 1;

				while (*at == ' ' || *at == '\t')
					at++;
				found = isdigit((unsigned char)*at) ? 1 : 2;
			}
		}
		fclose(file);
		printf("%s %s: %d\n", path, *names, found);
	}
}

static void out_of_memory(void)
{
	contents("/proc/self/oom_score_adj");
	put("/proc/self/oom_score_adj", "100\n");
	contents("/proc/self/oom_score_adj");
	put("/proc/self/oom_score_adj", "-1000");
	contents("/proc/self/oom_score_adj");
	contents("/proc/self/oom_score");
	put("/proc/self/oom_score_adj", "1001");
	put("/proc/self/oom_score_adj", "-1001");
	put("/proc/self/oom_score_adj", "x");
	put("/proc/self/oom_score_adj", " 7 ");
	contents("/proc/self/oom_score_adj");
	put("/proc/self/oom_score_adj", "300");
	fflush(stdout);
	if (fork() == 0) {
		contents("/proc/self/oom_score_adj");
		if (setuid(5))
			_exit(1);
		put("/proc/self/oom_score_adj", "299");
		put("/proc/self/oom_score_adj", "600");
		put("/proc/self/oom_score_adj", "300");
		put("/proc/1/oom_score_adj", "600");
		contents("/proc/self/oom_score_adj");
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
	put("/proc/self/oom_score_adj", "0");
}

static void settings(void)
{
	contents("/proc/sys/vm/overcommit_memory");
	put("/proc/sys/vm/overcommit_memory", "1");
	contents("/proc/sys/vm/overcommit_memory");
	SHOW_MAP(mmap(NULL, 1ul << 40, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	put("/proc/sys/vm/overcommit_memory", "3");
	put("/proc/sys/vm/overcommit_memory", "-1");
	put("/proc/sys/vm/overcommit_memory", "x");
	put("/proc/sys/vm/overcommit_memory", "0\n");
	SHOW_MAP(mmap(NULL, 1ul << 40, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	contents("/proc/sys/vm/swappiness");
	put("/proc/sys/vm/swappiness", "10");
	contents("/proc/sys/vm/swappiness");
	put("/proc/sys/vm/swappiness", "201");
	put("/proc/sys/vm/swappiness", "60");
	contents("/proc/sys/vm/max_map_count");
	contents("/proc/sys/kernel/cap_last_cap");
	contents("/proc/sys/kernel/core_pattern");
	contents("/proc/sys/kernel/overflowuid");
	contents("/proc/sys/kernel/overflowgid");
	contents("/proc/sys/kernel/randomize_va_space");
	contents("/proc/sys/kernel/tainted");
	contents("/proc/sys/fs/nr_open");
	contents("/proc/sys/fs/pipe-max-size");
	contents("/proc/sys/fs/overflowuid");
}

static void numbers(void)
{
	static const char *const stat[] = { "cpu", "cpu0", "intr", "ctxt", "btime", "processes",
		"procs_running", "procs_blocked", NULL };
	static const char *const meminfo[] = { "MemTotal", "MemFree", "MemAvailable", "Buffers",
		"Cached", "SwapCached", "Active", "Inactive", "Active(anon)", "Inactive(file)",
		"SwapTotal", "SwapFree", "Dirty", "Writeback", "AnonPages", "Shmem", "KReclaimable",
		"Slab", "SReclaimable", "SUnreclaim", "KernelStack", "PageTables",
		"HugePages_Total", "Hugepagesize", NULL };
	static const char *const vmstat[] = { "nr_free_pages", "nr_anon_pages", "nr_file_pages",
		"nr_dirty", "nr_writeback", "pgpgin", "pgpgout", "pswpin", "pswpout", NULL };
	static const char *const status[] = { "VmRSS", "VmSize", "Cpus_allowed",
		"Cpus_allowed_list", "Mems_allowed_list", "Threads", "NoNewPrivs", NULL };
	double one, five, fifteen;
	unsigned running, threads, last, used, free_files;
	FILE *file;

	has("/proc/stat", stat);
	has("/proc/meminfo", meminfo);
	has("/proc/vmstat", vmstat);
	has("/proc/self/status", status);
	file = fopen("/proc/loadavg", "r");
	SHOW(fscanf(
		file, "%lf %lf %lf %u/%u %u", &one, &five, &fifteen, &running, &threads, &last));
	printf("sane: %d\n",
		one >= 0 && one < 100 && running >= 1 && threads >= running && last > 0);
	fclose(file);
	file = fopen("/proc/sys/fs/file-nr", "r");
	SHOW(fscanf(file, "%u %u", &used, &free_files));
	printf("not used: %u\n", free_files);
	fclose(file);
}

int main(void)
{
	mkdir("proc_more", 0755);
	chdir("proc_more");
	contents("/proc/swaps");
	contents("/proc/self/wchan");
	contents("/proc/self/loginuid");
	contents("/proc/self/sessionid");
	contents("/proc/self/task/../oom_score_adj");
	out_of_memory();
	settings();
	numbers();
	return 0;
}
