/* A directory is renamed while others mount upon it: it has one name at any time, and in the end
 * nothing lies upon it. */
#include "show.h"

#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define ROUNDS 400

static const char *const places[] = { "x", "y", "in/x" };

static void rename_often(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		rename("x", "y");
		rename("y", "in/x");
		rename("in/x", "x");
		rename("y", "x");
	}
	_exit(0);
}

static void mount_often(void)
{
	for (;;) {
		mount("none", "x", "tmpfs", 0, NULL);
		for (int i = 0; i < 3; i++)
			umount2(places[i], MNT_DETACH);
	}
}

static void race(void)
{
	pid_t renames, mounts;

	if ((renames = fork()) == 0)
		rename_often();
	if ((mounts = fork()) == 0)
		mount_often();
	waitpid(renames, NULL, 0);
	kill(mounts, SIGKILL);
	waitpid(mounts, NULL, 0);
}

int main(void)
{
	int there = 0, removed = 0;

	SHOW(mkdir("renamed", 0755));
	SHOW(chdir("renamed"));
	SHOW(mkdir("in", 0755));
	SHOW(mkdir("x", 0755));
	race();
	for (int i = 0; i < 3; i++)
		while (umount2(places[i], MNT_DETACH) == 0)
			;
	for (int i = 0; i < 3; i++) {
		there += access(places[i], F_OK) == 0;
		removed += rmdir(places[i]) == 0;
	}
	SHOW(there);
	SHOW(removed);
	SHOW(rmdir("in"));
	SHOW(chdir(".."));
	SHOW(rmdir("renamed"));
	return 0;
}
