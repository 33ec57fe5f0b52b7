/* pivot_root(2) and chroot(2), in a root of our own: each is a child that changed its root. */
#include "show.h"

#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/wait.h>

static int pivot(const char *new_root, const char *put_old)
{
	return syscall(SYS_pivot_root, new_root, put_old);
}

static void there(const char *path)
{
	printf("%s: %s\n", path, access(path, F_OK) ? strerror(errno) : "there");
}

static void cwd(void)
{
	char text[256];
	long result = syscall(SYS_getcwd, text, sizeof(text));

	printf("cwd %s\n", result < 0 ? strerror(errno) : text);
}

static void in_child(void (*fn)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		fn();
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	printf("ended %x\n", status);
}

static void roots(void)
{
	struct stat st;
	int up;

	SHOW(chroot(""));
	SHOW(chroot("missing"));
	SHOW(chroot("file"));
	SHOW(chroot((char *)8));
	SHOW(up = open("/", O_RDONLY));
	SHOW(chroot("top"));
	cwd();
	there("/new");
	there("/tmp");
	there("top");
	SHOW(chdir("/"));
	cwd();
	there("..");
	SHOW(stat("/..", &st));
	there("/../../new/../new");
	SHOW(symlink("/new", "new/absolute"));
	there("new/absolute/old");
	SHOW(fchdir(up));
	cwd();
	there("tmp/pivot_root/top");
	SHOW(chroot("tmp/pivot_root/top/new"));
	SHOW(chdir("/"));
	there("old");
	SHOW(chdir("/.."));
	cwd();
	SHOW(close(up));
}

static void errors(void)
{
	SHOW(pivot("top", "top"));
	SHOW(pivot("missing", "top"));
	SHOW(pivot("top", "missing"));
	SHOW(pivot("file", "top"));
	SHOW(pivot("top", "file"));
	SHOW(pivot((char *)8, "top"));
	SHOW(pivot("top/new", "top/new/old"));
	SHOW(chroot("top/new/old"));
	SHOW(pivot("/", "/"));
	SHOW(chdir("/"));
	SHOW(pivot(".", "."));
	SHOW(mkdir("a", 0755));
	SHOW(mount("none", "a", "tmpfs", 0, NULL));
	SHOW(mkdir("a/b", 0755));
	SHOW(pivot("a", "a/b"));
	SHOW(umount("a"));
}

static void show_mounts(void)
{
	FILE *file = fopen("/proc/self/mounts", "r");
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (strstr(line, "one") || strstr(line, "three"))
			printf("  %s", line);
	if (file)
		fclose(file);
}

/* The root is the mount "one"; the new one lies in it. */
static void pivots(void)
{
	struct statfs st;
	int old;

	SHOW(chroot("top"));
	SHOW(chdir("/"));
	SHOW(mkdir("/proc", 0755));
	SHOW(mount("none", "/proc", "proc", 0, NULL));
	SHOW(mount("three", "/new", "tmpfs", 0, "mode=711"));
	SHOW(mkdir("/new/old", 0755));
	SHOW(mkdir("/new/proc", 0755));
	SHOW(mkdir("/other", 0755));
	SHOW(mkdir("/new/dir", 0755));
	SHOW(pivot("/new", "/other"));
	SHOW(pivot("/new/dir", "/new/dir"));
	SHOW(pivot("/new/dir", "/new/old"));
	SHOW(pivot("/", "/new/old"));
	SHOW(old = open("/", O_RDONLY));
	show_mounts();
	SHOW(pivot("/new", "/new/old"));
	cwd();
	there("/old/other");
	there("/dir");
	there("dir");
	SHOW(fchdir(old));
	cwd();
	SHOW(chdir("/"));
	SHOW(mount("/old/proc", "/proc", NULL, MS_MOVE, NULL));
	show_mounts();
	SHOW(statfs("/old", &st));
	SHOW(umount("/old"));
	SHOW(close(old));
	SHOW(umount("/old"));
	SHOW(umount2("/old", MNT_DETACH));
	SHOW(umount("/"));
	SHOW(statfs("/", &st));
	printf("flags %lx\n", (long)st.f_flags & ~0x20);
	SHOW(mkdir("/x", 0755));
	SHOW(mount(NULL, "/", NULL, MS_REMOUNT, NULL));
	SHOW(mkdir("/x", 0755));
	SHOW(umount("/proc"));
}

/* "." upon ".": the old root lies above the new one until it is unmounted. */
static void in_place(void)
{
	SHOW(chroot("top"));
	SHOW(chdir("/new"));
	SHOW(mount("five", ".", "tmpfs", 0, NULL));
	SHOW(chdir("/new"));
	SHOW(mkdir("five", 0755));
	SHOW(pivot(".", "."));
	cwd();
	there("/five");
	there("/new");
	SHOW(umount2(".", MNT_DETACH));
	there("/five");
	there("/new");
	SHOW(chdir("/"));
	there("five");
}

/* What switch_root(8) does: the new root is moved over the old one. */
static void switches(void)
{
	SHOW(chdir("top"));
	SHOW(mount(".", "/", NULL, MS_MOVE, NULL));
	SHOW(chroot("."));
	SHOW(chdir("/"));
	cwd();
	there("/new");
	there("/tmp");
	SHOW(umount2("/", MNT_DETACH));
	there("/new");
}

static void set_up(void)
{
	SHOW(mount("one", "top", "tmpfs", 0, "size=4m"));
	SHOW(mkdir("top/new", 0755));
	SHOW(mkdir("top/new/old", 0755));
}

int main(void)
{
	SHOW(mkdir("top", 0755));
	SHOW(close(open("file", O_CREAT | O_WRONLY, 0644)));
	set_up();
	in_child(roots);
	in_child(errors);
	in_child(pivots);
	/* The child's root and what it put aside lie where "one" was. */
	SHOW(umount2("top", MNT_DETACH));
	there("top/new");
	set_up();
	in_child(in_place);
	SHOW(umount2("top", MNT_DETACH));
	set_up();
	in_child(switches);
	SHOW(umount("top"));
	SHOW(rmdir("top"));
	return 0;
}
