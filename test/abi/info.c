/* What a program asks about itself and its machine. */
#include "show.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

static void show_limit(const char *name, int resource)
{
	struct rlimit limit;

	getrlimit(resource, &limit);
	printf("%s: %ld %ld\n", name, (long)limit.rlim_cur, (long)limit.rlim_max);
}

int main(void)
{
	struct utsname name;
	struct sysinfo info;
	struct rusage usage;
	struct rlimit limit;
	struct statfs fs;
	cpu_set_t set;
	char thread[32];

	SHOW(uname(&name));
	printf("%s %s\n", name.sysname, name.machine);
	SHOW(sysinfo(&info));
	SHOW(info.totalram > info.freeram && info.freeram > 0 && info.mem_unit > 0);
	SHOW(info.totalswap);
	SHOW(getpid() > 1);
	SHOW(getppid() > 0 && getppid() != getpid());
	SHOW(syscall(SYS_gettid) == getpid());
	SHOW(getuid() + geteuid() + getgid() + getegid());
	SHOW(setuid(0));
	SHOW(getgroups(0, NULL));
	show_limit("stack", RLIMIT_STACK);
	show_limit("files", RLIMIT_NOFILE);
	show_limit("core", RLIMIT_CORE);
	show_limit("cpu", RLIMIT_CPU);
	show_limit("as", RLIMIT_AS);
	show_limit("fsize", RLIMIT_FSIZE);
	SHOW(getrlimit(99, &limit));
	limit = (struct rlimit){ 2, 1 };
	SHOW(setrlimit(RLIMIT_CORE, &limit));
	SHOW(getrusage(RUSAGE_SELF, &usage));
	SHOW(usage.ru_maxrss > 0);
	SHOW(getrusage(99, &usage));
	SHOW(sched_yield());
	SHOW(sched_getaffinity(0, sizeof(set), &set));
	SHOW(CPU_COUNT(&set));
	SHOW(prctl(PR_SET_NAME, "a new name which is too long"));
	SHOW(prctl(PR_GET_NAME, thread));
	puts(thread);
	SHOW(prctl(9999));
	SHOW(statfs("/tmp", &fs));
	SHOW(fs.f_namelen);
	SHOW(fs.f_bsize);
	SHOW(getpriority(PRIO_PROCESS, 0));
	SHOW(getpgrp() >= 0);
	SHOW(isatty(0) + isatty(3));
	return 0;
}
