/*
 * movers OPERATIONS: processes that mount, bind, move and unmount, and make, move and remove names,
 * while others walk through all that. Nothing that they ask must succeed; the machine must live.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOVERS  8
#define BENEATH 8
#define IN_ROOT 16
#define TOP     "/tmp/movers"

static int proc; /* a descriptor of /proc, which is not to be seen from where they stand */

static const char *any(void)
{
	static const char *const paths[] = { "a", "b", "c", "a/x", "a/x/y", "b/x", "b/x/y", "c/x",
		"a/x/../..", "b/../a/x", "a/f", "b/f", "a/x/f", "b/x/y/f" };

	return paths[random() % (long)(sizeof(paths) / sizeof(*paths))];
}

static void mounting(void)
{
	unsigned long some = random() % 2 ? MS_RDONLY : 0;

	switch (random() % 6) {
	case 0:
		mount("none", any(), "tmpfs", 0, random() % 2 ? "size=1m" : NULL);
		break;
	case 1:
		mount(any(), any(), NULL, MS_BIND | (random() % 4 ? 0 : MS_REC), NULL);
		break;
	case 2:
		mount(any(), any(), NULL, MS_MOVE, NULL);
		break;
	case 3:
		mount(NULL, any(), NULL, MS_REMOUNT | some | (random() % 2 ? MS_BIND : 0), NULL);
		break;
	case 4:
		umount2(any(), random() % 3 ? 0 : MNT_DETACH);
		break;
	default:
		umount2(any(), MNT_EXPIRE);
	}
}

static void naming(void)
{
	switch (random() % 6) {
	case 0:
	case 1:
		mkdir(any(), 0755);
		break;
	case 2:
		rmdir(any());
		break;
	case 3:
		rename(any(), any());
		break;
	case 4:
		symlink(any(), any());
		break;
	default:
		unlink(any());
	}
}

static void filling(void)
{
	char path[64];
	int fd;

	if (random() % 2) {
		fd = open(any(), O_CREAT | O_RDWR, 0600);
		fallocate(fd, random() % 2 ? 1 : 3, 0, 20000);
		ftruncate(fd, random() % 30000);
	} else {
		fd = open(any(), O_TMPFILE | O_RDWR, 0600);
		snprintf(path, sizeof(path), "self/fd/%d", fd);
		linkat(proc, path, AT_FDCWD, any(), AT_SYMLINK_FOLLOW);
	}
	close(fd);
}

static void walking(void)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = { .resolve = random() % 2 ? BENEATH : IN_ROOT };
	static char buf[4096];
	int fd = open(any(), O_RDONLY);
	struct stat st;

	syscall(SYS_getdents64, fd, buf, sizeof(buf));
	close((int)syscall(SYS_openat2, fd, any(), &how, sizeof(how)));
	close(fd);
	if (chdir(any()) == 0) {
		getcwd(buf, sizeof(buf));
		stat("..", &st);
		chdir("/");
	}
	fd = openat(proc, "self/mountinfo", O_RDONLY);
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	close(fd);
}

static void move(unsigned seed, long operations)
{
	static void (*const kinds[])(void) = { mounting, mounting, naming, filling, walking };

	if (chroot(".")) /* no link leads out of it */
		_exit(1);
	srandom(seed);
	for (long i = 0; i < operations; i++) {
		kinds[random() % 5]();
		if (i % 50 == 0 && fork() == 0) { /* somebody stands there when it goes */
			chdir(any());
			usleep(random() % 3000);
			_exit(chdir("..") ? 0 : 0);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	while (wait(NULL) > 0)
		;
}

int main(int argc, char **argv)
{
	int status, bad = 0;

	mkdir(TOP, 0755);
	proc = open("/proc", O_RDONLY | O_DIRECTORY);
	if (mount("none", TOP, "tmpfs", 0, "size=20m") || chdir(TOP))
		return 1;
	for (unsigned i = 0; i < MOVERS; i++) {
		if (fork() == 0) {
			move(i, argc > 1 ? atol(argv[1]) : 1000);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		bad |= status;
	chdir("/");
	while (umount2(TOP, MNT_DETACH) == 0)
		;
	rmdir(TOP);
	puts(bad ? "killed" : "moved");
	return bad != 0;
}
