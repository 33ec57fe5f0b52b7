/* process_vm_readv, process_vm_writev: pieces of both sides, how far they come, whose memory one
 * may see. */
#include "show.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define PAGE 4096

static char *map; /* two pages, a hole, a page that is only read; the child has its own */
static char buf[4 * PAGE];
static pid_t child;

static struct iovec piece(void *base, size_t bytes)
{
	return (struct iovec){ base, bytes };
}

static long get(void *from, size_t bytes)
{
	struct iovec ours = piece(buf, sizeof(buf)), theirs = piece(from, bytes);

	return process_vm_readv(child, &ours, 1, &theirs, 1, 0);
}

static long put(void *to, size_t bytes)
{
	struct iovec ours = piece(buf, bytes), theirs = piece(to, bytes);

	return process_vm_writev(child, &ours, 1, &theirs, 1, 0);
}

static int ready[2]; /* a child says that it is */

static void become_child(uid_t uid, int dumpable)
{
	char byte = 0;

	strcpy(map, "the child's");
	if (uid)
		setresuid(uid, uid, uid);
	prctl(PR_SET_DUMPABLE, dumpable);
	write(ready[1], &byte, 1);
	for (;;)
		pause();
}

static void start_child(uid_t uid, int dumpable)
{
	char byte;

	fflush(stdout);
	child = fork();
	if (child == 0)
		become_child(uid, dumpable);
	read(ready[0], &byte, 1);
}

static void end_child(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void lengths(void)
{
	struct iovec ours[3], theirs[3];

	SHOW(get(map, 12));
	printf("%s; here %s\n", buf, map);
	strcpy(buf, "written");
	SHOW(put(map + PAGE - 4, 8));
	memset(buf, 0, sizeof(buf));
	SHOW(get(map + PAGE - 4, 8));
	printf("%s\n", buf);
	SHOW(get(map, 3 * PAGE));
	SHOW(get(map + 10, 3 * PAGE));
	SHOW(put(map + PAGE, 2 * PAGE));
	SHOW(get(map + 2 * PAGE, 1));
	SHOW(get(map + 3 * PAGE, 1));
	SHOW(put(map + 3 * PAGE, 1));
	SHOW(get(NULL, 1));
	SHOW(get((void *)(1ul << 47), 1));
	SHOW(get((void *)-8, 64));
	ours[0] = piece(buf, 3);
	ours[1] = piece(buf, 0);
	ours[2] = piece(buf + 100, 50);
	theirs[0] = piece(map, 1);
	theirs[1] = piece(map + 4, 5);
	theirs[2] = piece(map + 2 * PAGE - 1, 2);
	SHOW(process_vm_readv(child, ours, 3, theirs, 3, 0));
	printf("%.3s %.3s\n", buf, buf + 100);
	SHOW(process_vm_readv(child, ours, 1, theirs, 3, 0));
	SHOW(process_vm_readv(child, ours, 3, theirs, 1, 0));
	ours[1] = piece((void *)8, 50);
	SHOW(process_vm_readv(child, ours, 3, theirs, 3, 0));
	SHOW(process_vm_writev(child, ours, 3, theirs, 3, 0));
	SHOW(process_vm_readv(child, ours + 1, 1, theirs, 1, 0));
}

static void refused(void)
{
	static struct iovec many[1025];
	struct iovec ours = piece(buf, 8), none = piece(buf, 0), theirs = piece(map, 8);
	struct iovec negative = piece(map, -1ul);

	SHOW(process_vm_readv(child, &ours, 1, &theirs, 1, 1));
	SHOW(process_vm_readv(child, many, 1024, &theirs, 1, 0));
	SHOW(process_vm_readv(child, many, 1025, &theirs, 1, 0));
	SHOW(process_vm_readv(child, &ours, 1, many, 1024, 0));
	SHOW(process_vm_readv(child, &ours, 1, many, 1025, 0));
	SHOW(process_vm_readv(child, &none, 1, many, 1025, 0));
	SHOW(process_vm_readv(child, &negative, 1, &theirs, 1, 0));
	SHOW(process_vm_readv(child, &ours, 1, &negative, 1, 0));
	SHOW(process_vm_readv(child, &ours, 0, &theirs, 1, 0));
	SHOW(process_vm_readv(child, &ours, 1, &theirs, 0, 0));
	SHOW(process_vm_readv(child, (void *)8, 1, &theirs, 1, 0));
	SHOW(process_vm_readv(child, &ours, 1, (void *)8, 1, 0));
	SHOW(process_vm_readv(child, &none, 1, (void *)8, 1, 0));
	SHOW(process_vm_readv(99999, &ours, 1, &theirs, 1, 0));
	SHOW(process_vm_readv(99999, &ours, 1, &none, 1, 0));
	SHOW(process_vm_readv(0, &ours, 1, &theirs, 1, 0));
	SHOW(process_vm_readv(-1, &ours, 1, &theirs, 1, 0));
	SHOW(process_vm_readv(getpid(), &ours, 1, &theirs, 1, 0));
	SHOW(process_vm_writev(getpid(), &ours, 1, &theirs, 1, 0));
}

/* Its own child, as user 1000; and root's, and another's. */
static void as_user(void)
{
	pid_t roots = child;

	fflush(stdout);
	if (fork()) {
		wait(NULL);
		return;
	}
	setresuid(1000, 1000, 1000);
	SHOW(get(map, 8));
	child = 1;
	SHOW(get(map, 8));
	start_child(0, 1);
	SHOW(get(map, 8));
	SHOW(put(map, 8));
	end_child();
	SHOW(get(map, 8));
	start_child(0, 0);
	SHOW(get(map, 8));
	SHOW(put(map, 8));
	end_child();
	child = roots;
	exit(0);
}

int main(void)
{
	map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(map + 2 * PAGE, PAGE);
	strcpy(map + 3 * PAGE, "read-only");
	mprotect(map + 3 * PAGE, PAGE, PROT_READ);
	strcpy(map, "ours");
	pipe(ready);
	start_child(0, 1);
	lengths();
	refused();
	as_user();
	end_child();
	start_child(1000, 0);
	SHOW(get(map, 8));
	end_child();
	return 0;
}
