/* Who keeps a file system from being unmounted, and what MNT_DETACH, MNT_EXPIRE and MNT_FORCE do.
 */
#include "show.h"

#include <sys/mount.h>
#include <sys/wait.h>

static void setup(void)
{
	SHOW(mount("none", "d", "tmpfs", 0, NULL));
	SHOW(mkdir("d/sub", 0755));
	SHOW(close(open("d/file", O_CREAT | O_WRONLY, 0755)));
}

static void users(void)
{
	int fd = open("d/file", O_RDONLY), path;
	void *map;

	SHOW(umount("d"));
	SHOW(umount2("d", MNT_FORCE));
	map = SHOW_MAP(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	close(fd);
	SHOW(umount("d"));
	munmap(map, 4096);
	SHOW(path = open("d", O_PATH));
	SHOW(umount("d"));
	close(path);
	SHOW(chdir("d/sub"));
	SHOW(umount("/tmp/umount_busy/d"));
	SHOW(chdir("../.."));
	SHOW(mount("none", "d/sub", "tmpfs", 0, NULL));
	SHOW(umount("d"));
	SHOW(umount("d/sub"));
	SHOW(mount("d/sub", "e", NULL, MS_BIND, NULL));
	SHOW(umount("d"));
	SHOW(umount("e"));
}

static void root_of_another(void)
{
	int go[2], done[2];
	char byte = 0;

	setup();
	if (pipe(go) || pipe(done))
		exit(1);
	fflush(stdout);
	if (fork() == 0) {
		if (chroot("d") || chdir("/"))
			exit(1);
		write(done[1], &byte, 1);
		read(go[0], &byte, 1);
		exit(0);
	}
	read(done[0], &byte, 1);
	SHOW(umount("d"));
	write(go[1], &byte, 1);
	wait(NULL);
	SHOW(umount("d"));
}

static void detached(void)
{
	char cwd[256], text[8] = "";
	struct stat st;
	int fd, dir;

	setup();
	SHOW(mount("none", "d/sub", "tmpfs", 0, NULL));
	SHOW(mkdir("d/sub/below", 0755));
	SHOW(fd = open("d/file", O_RDWR));
	SHOW(dir = open("d/sub", O_RDONLY));
	SHOW(chdir("d/sub/below"));
	SHOW(umount2("/tmp/umount_busy/d", MNT_DETACH));
	SHOW(access("/tmp/umount_busy/d/file", F_OK));
	SHOW(syscall(SYS_getcwd, cwd, sizeof(cwd)));
	printf("cwd %s\n", cwd);
	SHOW(stat("../..", &st));
	SHOW(chdir("../.."));
	SHOW(syscall(SYS_getcwd, cwd, sizeof(cwd)));
	printf("cwd %s\n", cwd);
	SHOW(write(fd, "still", 5));
	SHOW(pread(fd, text, 5, 0));
	printf("%s\n", text);
	SHOW(mkdirat(dir, "new", 0755));
	SHOW(mount("none", "/proc/self/cwd", "tmpfs", 0, NULL));
	SHOW(mount("/proc/self/cwd", "/tmp/umount_busy/e", NULL, MS_BIND, NULL));
	SHOW(mount("/proc/self/cwd", "/tmp/umount_busy/e", NULL, MS_MOVE, NULL));
	SHOW(umount2("/proc/self/cwd", MNT_DETACH));
	SHOW(umount2("/proc/self/cwd", 0));
	SHOW(mount(NULL, "/proc/self/cwd", NULL, MS_REMOUNT, NULL));
	SHOW(chdir("/tmp/umount_busy"));
	close(fd);
	close(dir);
}

static void expiring(void)
{
	setup();
	SHOW(umount2("d", MNT_EXPIRE | MNT_DETACH));
	SHOW(umount2("d", MNT_EXPIRE | MNT_FORCE));
	SHOW(umount2("d", MNT_EXPIRE));
	SHOW(access("d/file", F_OK));
	SHOW(umount2("d", MNT_EXPIRE));
	SHOW(chdir("d"));
	SHOW(umount2("../d", MNT_EXPIRE));
	SHOW(chdir(".."));
	SHOW(umount2("d", MNT_EXPIRE));
	SHOW(umount2("d", MNT_EXPIRE));
	SHOW(umount2("d", MNT_EXPIRE));
}

int main(void)
{
	SHOW(mkdir("d", 0755));
	SHOW(mkdir("e", 0755));
	setup();
	users();
	SHOW(umount("d"));
	root_of_another();
	detached();
	expiring();
	SHOW(rmdir("d"));
	SHOW(rmdir("e"));
	return 0;
}
