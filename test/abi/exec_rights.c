/* execve: the ids that a program begins with, whether others may look into it, and the limits that
 * go on with it. */
#include "show.h"

#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* What the started program says of itself. */
static int report(void)
{
	uid_t uid[3];
	gid_t gid[3];
	int signal = -1;

	getresuid(&uid[0], &uid[1], &uid[2]);
	getresgid(&gid[0], &gid[1], &gid[2]);
	prctl(PR_GET_PDEATHSIG, &signal);
	printf("  users %d %d %d, groups %d %d %d, for files %d %d\n", uid[0], uid[1], uid[2],
		gid[0], gid[1], gid[2], (int)syscall(SYS_setfsuid, -1),
		(int)syscall(SYS_setfsgid, -1));
	printf("  secure %d, dumpable %d, death signal %d\n", (int)getauxval(AT_SECURE),
		prctl(PR_GET_DUMPABLE), signal);
	printf("  setuid(0): %s\n", setuid(0) ? strerror(errno) : "ok");
	return 0;
}

/* A copy of this program. */
static void install(const char *path, int uid, int gid, int mode)
{
	int from = open("/proc/self/exe", O_RDONLY);
	int to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);
	char data[4096];
	ssize_t bytes;

	while ((bytes = read(from, data, sizeof(data))) > 0)
		write(to, data, bytes);
	close(from);
	close(to);
	chown(path, uid, gid);
	chmod(path, mode);
}

static void start(const char *what, void (*prepare)(void), const char *path, const char *argument)
{
	pid_t pid;

	printf("%s:\n", what);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		prepare();
		execl(path, path, argument, NULL);
		printf("  %s\n", strerror(errno));
		exit(1);
	}
	waitpid(pid, NULL, 0);
}

static void saved(void)
{
	setresgid(5, 6, 7);
	setresuid(1000, 1000, 0);
}

static void effective(void)
{
	setresuid(1000, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGUSR1);
}

static void file_user(void)
{
	syscall(SYS_setfsuid, 1000);
}

static void user(void)
{
	setresgid(1000, 1000, 1000);
	setresuid(1000, 1000, 1000);
	prctl(PR_SET_PDEATHSIG, SIGUSR1);
}

static void no_new(void)
{
	user();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Until the parent has gone; that can be before this runs. */
static int stay(void *parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == (pid_t)(long)parent)
		pause();
	return 0;
}

/* From here on another process has the same root and working directory. */
static void share(void)
{
	static char stack[4096] __attribute__((aligned(16)));

	clone(stay, stack + sizeof(stack), CLONE_FS | SIGCHLD, (void *)(long)getpid());
}

static void user_shares(void)
{
	user();
	share();
}

static void root_shares(void)
{
	setresgid(1000, 1000, 1000);
	setresuid(1000, 0, 0);
	share();
}

static void effective_shares(void)
{
	setresgid(1000, 1000, 1000);
	setresuid(1000, 2000, 2000);
	share();
}

static void user_shared(void)
{
	int status;

	user();
	if (syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0) == 0)
		_exit(0);
	wait(&status);
}

static void as_limit(void)
{
	setrlimit(RLIMIT_AS, &(struct rlimit){ 64 << 20, 64 << 20 });
}

static void data_limit(void)
{
	setrlimit(RLIMIT_DATA, &(struct rlimit){ 8 << 20, 8 << 20 });
}

static void nothing(void)
{
}

static int map_much(void)
{
	void *map = mmap(NULL, 100 << 20, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	printf("  100 MiB: %s\n", map == MAP_FAILED ? strerror(errno) : "ok");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return strcmp(argv[1], "report") ? map_much() : report();
	install("plain", 0, 0, 0755);
	install("set-user", 0, 0, 04755);
	install("set-group", 0, 5, 02755);
	install("set-group-of-nobody", 0, 5, 02745);
	install("unreadable", 0, 0, 0711);
	start("a saved id of root", saved, "plain", "report");
	start("an effective id of root", effective, "plain", "report");
	start("another user for files", file_user, "plain", "report");
	start("a user", user, "plain", "report");
	start("set-user-ID", user, "set-user", "report");
	start("set-group-ID", user, "set-group", "report");
	start("set-group-ID, not executable", user, "set-group-of-nobody", "report");
	start("no new rights", no_new, "set-user", "report");
	start("a program that may not be read", user, "unreadable", "report");
	start("set-user-ID, a shared root", user_shares, "set-user", "report");
	start("set-group-ID, a shared root", user_shares, "set-group", "report");
	start("a shared root", user_shares, "plain", "report");
	start("root's, a shared root", root_shares, "set-group", "report");
	start("an effective id, a shared root", effective_shares, "plain", "report");
	start("a root that is shared no longer", user_shared, "set-user", "report");
	start("no limit", nothing, "plain", "map");
	start("RLIMIT_AS", as_limit, "plain", "map");
	start("RLIMIT_DATA", data_limit, "plain", "map");
	return 0;
}
