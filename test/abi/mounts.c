/* mount(2) and umount2(2): new file systems, what they hide, every error that there is. */
#include "show.h"

#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/wait.h>

static void show_flags(const char *path)
{
	struct statfs st;

	if (statfs(path, &st))
		printf("%s: %s\n", path, strerror(errno));
	else
		printf("%s: type %lx, flags %lx\n", path, (long)st.f_type,
			(long)st.f_flags & ~0x20);
}

/* Does a file of that name show? */
static void show_there(const char *path)
{
	printf("%s: %s\n", path, access(path, F_OK) ? strerror(errno) : "there");
}

/* The lines of /proc/self/mounts with this word, without numbers of ours. */
static void show_lines(const char *word)
{
	FILE *file = fopen("/proc/self/mounts", "r");
	char line[512];

	while (fgets(line, sizeof(line), file))
		if (strstr(line, word))
			fputs(line, stdout);
	fclose(file);
}

static void errors(void)
{
	SHOW(mount("none", "missing", "tmpfs", 0, NULL));
	SHOW(mount("none", "d", "no-such-type", 0, NULL));
	SHOW(mount("none", "d", NULL, 0, NULL));
	SHOW(mount("none", "d", "", 0, NULL));
	SHOW(mount("none", "f", "tmpfs", 0, NULL));
	SHOW(mount("none", "f/", "tmpfs", 0, NULL));
	SHOW(mount("none", (char *)8, "tmpfs", 0, NULL));
	SHOW(mount((char *)8, "d", "tmpfs", 0, NULL));
	SHOW(mount("none", "d", (char *)8, 0, NULL));
	SHOW(mount("none", "d", "tmpfs", 0, (void *)8));
	SHOW(mount("none", "d", "tmpfs", 1ul << 31, NULL));
	SHOW(mount("none", "d", "tmpfs", 0, "no-such-option"));
	SHOW(mount("none", "d", "tmpfs", 0, "size=abc"));
	SHOW(mount("none", "d", "tmpfs", MS_REMOUNT, NULL));
	SHOW(mount("none", "d", "tmpfs", MS_REMOUNT | MS_BIND, NULL));
	SHOW(mount("none", "d", NULL, MS_PRIVATE, NULL));
	SHOW(mount("none", "d", NULL, MS_PRIVATE | MS_SHARED, NULL));
	SHOW(mount(NULL, "d", NULL, MS_BIND, NULL));
	SHOW(mount("", "d", NULL, MS_BIND, NULL));
	SHOW(mount("missing", "d", NULL, MS_BIND, NULL));
	SHOW(mount(NULL, "d", NULL, MS_MOVE, NULL));
	SHOW(mount("missing", "d", NULL, MS_MOVE, NULL));
	SHOW(mount("d", "d", NULL, MS_MOVE, NULL));
	SHOW(umount2("d", 0));
	SHOW(umount2("missing", 0));
	SHOW(umount2("f", 0));
	SHOW(umount2("d", 64));
	SHOW(umount2("d", -1));
	SHOW(umount2((char *)8, 0));
}

static void layers(void)
{
	struct stat outer, inner, again;

	SHOW(mkdir("d/hidden", 0755));
	SHOW(stat("d", &outer));
	SHOW(mount("one", "d", "tmpfs", 0, NULL));
	SHOW(stat("d", &inner));
	printf("another device: %d, number %d, mode %o\n", outer.st_dev != inner.st_dev,
		(int)inner.st_nlink, inner.st_mode);
	show_there("d/hidden");
	SHOW(mkdir("d/first", 0755));
	SHOW(mount("two", "d", "tmpfs", 0, "mode=0750,uid=3,gid=4"));
	SHOW(stat("d", &again));
	printf("again: %d, %o %d %d\n", again.st_dev != inner.st_dev, again.st_mode, again.st_uid,
		again.st_gid);
	show_there("d/first");
	show_lines("/mounts/d ");
	SHOW(stat("d/..", &again));
	SHOW(stat(".", &inner));
	printf("up: %d\n", again.st_ino == inner.st_ino && again.st_dev == inner.st_dev);
	SHOW(umount("d"));
	show_there("d/first");
	SHOW(umount("d/."));
	show_there("d/hidden");
	SHOW(umount("d"));
	SHOW(rmdir("d/hidden"));
}

static void names(void)
{
	char cwd[256];

	SHOW(mount("none", "d", "tmpfs", 0, NULL));
	SHOW(mkdir("d/sub", 0755));
	SHOW(rmdir("d"));
	SHOW(rename("d", "e"));
	SHOW(rename("f", "d"));
	SHOW(mkdir("e", 0755));
	SHOW(rename("e", "d"));
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "e", AT_FDCWD, "d", 2));
	SHOW(rename("f", "d/f"));
	SHOW(link("f", "d/f"));
	SHOW(rename("d/sub", "sub"));
	SHOW(symlink("sub", "d/link"));
	SHOW(symlink("d", "to-d"));
	SHOW(chdir("to-d/link"));
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)));
	SHOW(umount("../../d"));
	SHOW(umount2("../../to-d", UMOUNT_NOFOLLOW));
	SHOW(chdir("../.."));
	SHOW(umount2("to-d", UMOUNT_NOFOLLOW));
	SHOW(umount("to-d"));
	SHOW(rmdir("e"));
	SHOW(unlink("to-d"));
}

static void kinds(void)
{
	static const char *const types[] = { "tmpfs", "proc", "devtmpfs", "devpts" };
	char path[32];

	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++) {
		printf("%s\n", types[i]);
		SHOW(mount("none", "d", types[i], MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
		show_flags("d");
		sprintf(path, "d/%s", i == 1 ? "self/mounts" : i == 2 ? "null" : "ptmx");
		show_there(path);
		SHOW(umount("d"));
	}
	show_there("d/null");
}

/* Who is not root may not. */
static void others(void)
{
	fflush(stdout);
	if (fork() == 0) {
		setuid(1000);
		SHOW(mount("none", "d", "tmpfs", 0, NULL));
		SHOW(mount("none", "missing", "tmpfs", 0, NULL));
		SHOW(umount("d"));
		SHOW(umount("missing"));
		SHOW(umount2("d", 64));
		SHOW(chroot("d"));
		SHOW(chroot("missing"));
		SHOW(syscall(SYS_pivot_root, "d", "d"));
		exit(0);
	}
	wait(NULL);
}

int main(void)
{
	SHOW(mkdir("d", 0755));
	SHOW(close(open("f", O_CREAT | O_WRONLY, 0644)));
	errors();
	layers();
	names();
	kinds();
	others();
	SHOW(rmdir("d"));
	return 0;
}
