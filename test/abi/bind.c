/* MS_BIND, MS_REC and MS_MOVE: the same files seen elsewhere, and what cannot be crossed. */
#include "show.h"

#include <sys/mount.h>

static void there(const char *path)
{
	printf("%s: %s\n", path, access(path, F_OK) ? strerror(errno) : "there");
}

/* Roots and mountpoints of what lies below this directory. */
static void show_mountinfo(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "r");
	char line[512], root[128], at[128], options[128];

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*d %*d %*s %127s %127s %127s", root, at, options) == 3 &&
			strstr(at, "/bind/"))
			printf("%s at %s, %s\n", root, at, options);
	fclose(file);
}

static void files(void)
{
	struct stat a, b;
	int fd;

	SHOW(close(open("f", O_CREAT | O_WRONLY, 0644)));
	SHOW(close(open("g", O_CREAT | O_WRONLY, 0644)));
	SHOW(mount("f", "g", NULL, MS_BIND, NULL));
	SHOW(stat("f", &a));
	SHOW(stat("g", &b));
	printf("the same: %d\n", a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	SHOW(fd = open("g", O_WRONLY));
	SHOW(write(fd, "text", 4));
	SHOW(stat("f", &a));
	printf("size %ld\n", (long)a.st_size);
	SHOW(umount("g"));
	SHOW(close(fd));
	SHOW(unlink("g"));
	SHOW(rename("f", "g"));
	SHOW(rename("g", "f"));
	SHOW(link("f", "g"));
	SHOW(rename("f", "other/f"));
	SHOW(umount("g"));
	SHOW(unlink("g"));
	SHOW(mount("f", "d", NULL, MS_BIND, NULL));
	SHOW(mount("d", "f", NULL, MS_BIND, NULL));
	SHOW(mount("none", "f", "tmpfs", 0, NULL));
}

static void directories(void)
{
	struct stat a, b;
	char cwd[256];

	SHOW(mkdir("d/in", 0755));
	SHOW(mkdir("d/in/deep", 0755));
	SHOW(mount("d/in", "other", "ignored", MS_BIND, NULL));
	there("other/deep");
	SHOW(chdir("other/deep"));
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)));
	SHOW(stat("../..", &a));
	SHOW(chdir("../.."));
	SHOW(stat(".", &b));
	printf("up the way that one came: %d\n", a.st_ino == b.st_ino);
	SHOW(link("d/in/deep", "other/x"));
	SHOW(close(open("d/in/file", O_CREAT | O_WRONLY, 0644)));
	SHOW(link("d/in/file", "other/file2"));
	SHOW(rename("d/in/file", "other/file2"));
	SHOW(rename("other/file", "other/file2"));
	there("d/in/file2");
	SHOW(unlink("d/in/file2"));
	there("other/file2");
	SHOW(rmdir("d/in"));
	show_mountinfo();
	SHOW(umount("other"));
}

/* With MS_REC what hangs below comes along, else what lies under it is seen. */
static void trees(void)
{
	SHOW(mount("tree", "d", "tmpfs", 0, NULL));
	SHOW(mkdir("d/a", 0755));
	SHOW(mkdir("d/b", 0755));
	SHOW(mkdir("d/b/c", 0755));
	SHOW(mount("leaf", "d/a", "tmpfs", 0, NULL));
	SHOW(mkdir("d/a/leaf", 0755));
	SHOW(mount("leaf2", "d/b/c", "tmpfs", MS_RDONLY, NULL));
	SHOW(mount("d", "other", NULL, MS_BIND, NULL));
	there("other/a/leaf");
	SHOW(umount("other"));
	SHOW(mount("d", "other", NULL, MS_BIND | MS_REC, NULL));
	there("other/a/leaf");
	show_mountinfo();
	SHOW(umount("other"));
	SHOW(umount2("other", MNT_DETACH));
	SHOW(mount("d/b", "other", NULL, MS_BIND | MS_REC, NULL));
	show_mountinfo();
	SHOW(mkdir("other/c/x", 0755));
	SHOW(umount("other/c"));
	SHOW(umount("other"));
	/* Into itself. */
	SHOW(mount("d", "d/b", NULL, MS_BIND | MS_REC, NULL));
	show_mountinfo();
	SHOW(umount2("d/b", MNT_DETACH));
}

static void moves(void)
{
	SHOW(mount("d", "d/a", NULL, MS_MOVE, NULL));
	SHOW(mount("d", "d/b", NULL, MS_MOVE, NULL));
	SHOW(mount("d/b", "other", NULL, MS_MOVE, NULL));
	SHOW(mount("d", "f", NULL, MS_MOVE, NULL));
	SHOW(mount("d/a", "other", NULL, MS_MOVE, NULL));
	there("other/leaf");
	there("d/a/leaf");
	SHOW(mount("d", "other", NULL, MS_MOVE, NULL));
	there("other/b");
	show_mountinfo();
	SHOW(umount("other/b/c"));
	SHOW(umount("other"));
	SHOW(umount("other"));
	SHOW(umount("other"));
}

/* A directory that was moved out of what a bind mount shows has no way up. */
static void escapes(void)
{
	char cwd[256];

	SHOW(mkdir("d/in/deep/more", 0755));
	SHOW(mount("d/in", "other", NULL, MS_BIND, NULL));
	SHOW(chdir("other/deep/more"));
	SHOW(rename("../../../d/in/deep", "../../../d/out"));
	SHOW(chdir(".."));
	SHOW(syscall(SYS_getcwd, cwd, sizeof(cwd)) > 0);
	printf("cwd %.40s\n", cwd);
	SHOW(chdir("/tmp/bind"));
	SHOW(umount("other"));
}

/* What has no name any more is not shown again. */
static void removed(void)
{
	int file = open("gone", O_CREAT | O_RDWR, 0600), dir;
	char path[40];

	SHOW(mkdir("gone-dir", 0755));
	dir = open("gone-dir", O_RDONLY);
	SHOW(unlink("gone"));
	SHOW(rmdir("gone-dir"));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	SHOW(mount(path, "f", NULL, MS_BIND, NULL));
	SHOW(mount(path, "other", NULL, MS_BIND, NULL));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	SHOW(mount(path, "other", NULL, MS_BIND, NULL));
	SHOW(mount(path, "f", NULL, MS_BIND, NULL));
}

int main(void)
{
	SHOW(mkdir("d", 0755));
	SHOW(mkdir("other", 0755));
	files();
	directories();
	trees();
	moves();
	escapes();
	removed();
	return 0;
}
