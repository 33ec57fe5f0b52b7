/* prlimit of other processes: whose, and that it has an effect there. */
#include "show.h"

#include <sys/resource.h>
#include <sys/wait.h>

static int ready[2], go[2];

/* A child with these ids, that goes on when it is told to. */
static pid_t target(int gid, int ruid, int euid, int suid)
{
	pid_t pid;
	char byte;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setresgid(gid, gid, gid);
		setresuid(ruid, euid, suid);
		write(ready[1], "", 1);
		read(go[0], &byte, 1);
		void *map = mmap(NULL, 256 << 20, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		printf("256 MiB: %s\n", map == MAP_FAILED ? strerror(errno) : "ok");
		exit(0);
	}
	read(ready[0], &byte, 1);
	return pid;
}

static void finish(pid_t pid)
{
	write(go[1], "", 1);
	waitpid(pid, NULL, 0);
}

static void ask(const char *what, pid_t pid)
{
	struct rlimit limit;
	pid_t asking;

	fflush(stdout);
	asking = fork();
	if (asking == 0) {
		setresgid(1000, 1000, 1000);
		setresuid(1000, 1000, 1000);
		printf("%s\n", what);
		SHOW(prlimit(pid, RLIMIT_CORE, NULL, &limit));
		limit = (struct rlimit){ 0, 0 };
		SHOW(prlimit(pid, RLIMIT_CORE, &limit, NULL));
		exit(0);
	}
	waitpid(asking, NULL, 0);
	finish(pid);
}

int main(void)
{
	struct rlimit small = { 64 << 20, 64 << 20 };
	pid_t pid;

	pipe(ready);
	pipe(go);
	pid = target(0, 0, 0, 0);
	SHOW(prlimit(pid, RLIMIT_AS, &small, NULL));
	finish(pid);
	SHOW(prlimit(pid, RLIMIT_AS, &small, NULL));
	ask("of the same user", target(1000, 1000, 1000, 1000));
	ask("of another user", target(1000, 1001, 1001, 1001));
	ask("of another group", target(1001, 1000, 1000, 1000));
	ask("who is root", target(1000, 1000, 0, 0));
	ask("who may become root", target(1000, 1000, 1000, 0));
	SHOW(prlimit(pid, 99, (void *)8, NULL));
	SHOW(prlimit(pid, 99, NULL, NULL));
	SHOW(prlimit(0, 99, NULL, NULL));
	return 0;
}
