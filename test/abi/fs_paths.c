/* Paths: their limits and odd forms, links upon links, places that are gone, descriptors as bases.
 */
#include "show.h"

static char text[8192];

/* A path of `bytes` characters that leads to ".". */
static const char *long_path(size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		text[i] = i % 2 ? '/' : '.';
	text[bytes] = '\0';
	return text;
}

static const char *long_name(size_t bytes)
{
	memset(text, 'n', bytes);
	text[bytes] = '\0';
	return text;
}

static void chain(int links)
{
	char from[16], to[16];

	for (int i = 1; i <= links; i++) {
		sprintf(from, "c%d", i);
		sprintf(to, "c%d", i - 1);
		if (symlink(to, from))
			perror(from);
	}
}

static void odd_forms(void)
{
	struct stat st;

	SHOW(mkdir("d", 0755));
	SHOW(mkdir("d/e", 0755));
	SHOW(close(open("d/f", O_CREAT | O_WRONLY, 0600)));
	SHOW(stat("", &st));
	SHOW(stat("d/", &st));
	SHOW(stat("d/f/", &st));
	SHOW(stat("d/f/.", &st));
	SHOW(stat("d/f/..", &st));
	SHOW(stat("d//e///..//f", &st));
	SHOW(stat("missing/../d", &st));
	SHOW(stat("/../../..", &st));
	SHOW(mkdir("d/g/", 0755));
	SHOW(mkdir("d/.", 0755));
	SHOW(mkdir("d/..", 0755));
	SHOW(mkdir("/", 0755));
	SHOW(rmdir("d/."));
	SHOW(rmdir("d/.."));
	SHOW(rmdir("d/g/"));
	SHOW(rmdir("/"));
	SHOW(rmdir("d"));
	SHOW(unlink("d"));
	SHOW(unlink("d/"));
	SHOW(unlink("d/f/"));
	SHOW(unlink("/"));
	SHOW(unlink("."));
	SHOW(open("d/f/", O_RDONLY));
	SHOW(open("d/new/", O_CREAT | O_WRONLY, 0600));
	SHOW(open("d/.", O_CREAT | O_WRONLY, 0600));
	SHOW(open("d/..", O_CREAT | O_RDONLY, 0600));
	SHOW(open("d", O_WRONLY));
	SHOW(open("d", O_RDONLY | O_CREAT, 0600));
	SHOW(open("d", O_RDONLY | O_TRUNC));
	SHOW(mknod("d/node/", S_IFREG | 0600, 0));
	SHOW(symlink("x", "d/link/"));
	SHOW(link("d/f", "d/h/"));
	SHOW(rename("d/f", "d/h/"));
	SHOW(rename("d/e", "d/k/"));
	SHOW(rename("d/f/", "d/h"));
	SHOW(rename("d/k/.", "d/h"));
	SHOW(rename("d/k", "d/h/.."));
	SHOW(rename("/", "d/h"));
	SHOW(access("d/f/x", F_OK));
	SHOW(truncate("d/f/x", 0));
	SHOW(chdir("d/f"));
}

static void limits(void)
{
	struct stat st;

	SHOW(stat(long_path(4095), &st));
	SHOW(stat(long_path(4096), &st));
	SHOW(close(open(long_name(255), O_CREAT | O_WRONLY, 0600)));
	SHOW(stat(long_name(255), &st));
	SHOW(open(long_name(256), O_CREAT | O_WRONLY, 0600));
	SHOW(stat(long_name(256), &st));
	SHOW(unlink(long_name(255)));
	SHOW(symlink(long_name(4095), "long"));
	SHOW(symlink(long_name(4096), "longer"));
	SHOW(stat("long", &st));
	SHOW(lstat("long", &st));
	SHOW(st.st_size);
	SHOW(close(open("c0", O_CREAT | O_WRONLY, 0600)));
	chain(41);
	SHOW(stat("c40", &st));
	SHOW(stat("c41", &st));
	SHOW(symlink("loop", "loop"));
	SHOW(stat("loop", &st));
	SHOW(open("loop", O_CREAT | O_WRONLY, 0600));
	SHOW(open("loop", O_RDONLY | O_NOFOLLOW));
	SHOW(close(open("loop", O_PATH | O_NOFOLLOW)));
	SHOW(unlink("loop/"));
	SHOW(unlink("loop"));
}

static void links(void)
{
	char buffer[32] = "";
	struct stat st;

	SHOW(symlink("d/k", "to-k"));
	SHOW(symlink("to-k/../f", "via"));
	SHOW(stat("via", &st));
	SHOW(st.st_mode);
	SHOW(symlink("/", "root"));
	SHOW(stat("root/", &st));
	SHOW(stat("root/tmp/../dev/null", &st));
	SHOW(st.st_rdev);
	SHOW(lstat("to-k/", &st));
	SHOW(st.st_mode);
	SHOW(readlink("to-k/", buffer, sizeof(buffer)));
	SHOW(rmdir("to-k"));
	SHOW(rmdir("to-k/"));
	SHOW(unlink("to-k/"));
	SHOW(symlink("new-dir", "to-new"));
	SHOW(mkdir("to-new", 0755));
	SHOW(mkdir("to-new/", 0755));
	SHOW(open("to-new/", O_CREAT | O_WRONLY, 0600));
	SHOW(close(open("to-new", O_CREAT | O_WRONLY, 0600)));
	SHOW(lstat("new-dir", &st));
	SHOW(st.st_mode);
	SHOW(rename("to-k", "to-k2"));
	SHOW(lstat("to-k2", &st));
	SHOW(st.st_mode);
	SHOW(symlink("d/f/x", "through"));
	SHOW(stat("through", &st));
}

static void gone(void)
{
	char buffer[64];
	int fd;

	SHOW(mkdir("away", 0755));
	SHOW(chdir("away"));
	fd = open(".", O_RDONLY);
	SHOW(rmdir("../away"));
	SHOW(syscall(SYS_getcwd, buffer, sizeof(buffer)));
	SHOW(open("x", O_CREAT | O_WRONLY, 0600));
	SHOW(mkdir("x", 0755));
	SHOW(open("..", O_RDONLY) >= 0);
	SHOW(open(".", O_RDONLY) >= 0);
	SHOW(syscall(SYS_getdents64, fd, text, sizeof(text)));
	SHOW(linkat(AT_FDCWD, "../d/f", fd, "x", 0));
	SHOW(chdir(".."));
	close(fd);
}

static void bases(void)
{
	int dir = open("d", O_RDONLY | O_DIRECTORY), file = open("d/f", O_RDONLY);
	int path = open("d/f", O_PATH), zero = open("/dev/zero", O_RDONLY);
	struct stat st;
	char buffer[8];

	SHOW(fstatat(dir, "f", &st, 0));
	SHOW(fstatat(file, "f", &st, 0));
	SHOW(fstatat(99, "f", &st, 0));
	SHOW(fstatat(99, "/dev", &st, 0));
	SHOW(fstatat(dir, "", &st, 0));
	SHOW(fstatat(dir, "", &st, AT_EMPTY_PATH));
	SHOW(fstatat(file, "", &st, AT_EMPTY_PATH));
	SHOW(fstatat(path, "", &st, AT_EMPTY_PATH));
	SHOW(fstatat(dir, "f", &st, 0x8));
	SHOW(fstat(path, &st));
	SHOW(read(path, buffer, 1));
	SHOW(lseek(path, 0, SEEK_SET));
	SHOW(ftruncate(path, 0));
	SHOW(fcntl(path, F_GETFL) & ~0100000);
	SHOW(fchdir(path));
	SHOW(fchdir(zero));
	SHOW(openat(dir, "f", O_RDONLY) >= 0);
	SHOW(openat(zero, "f", O_RDONLY));
	SHOW(mkdirat(dir, "sub", 0755));
	SHOW(unlinkat(dir, "sub", 0));
	SHOW(unlinkat(dir, "sub", AT_REMOVEDIR));
	SHOW(unlinkat(dir, "f", 0x8));
	SHOW(linkat(dir, "f", dir, "f2", 0));
	SHOW(linkat(path, "", dir, "f3", AT_EMPTY_PATH));
	SHOW(renameat(dir, "f2", AT_FDCWD, "f4"));
	SHOW(link("f4", "/dev/f4"));
	SHOW(rename("f4", "/dev/f4"));
	SHOW(close(dir) + close(file) + close(path) + close(zero));
}

/* A descriptor of a link stands for the link, also by way of /proc. */
static void link_by_descriptor(void)
{
	struct stat st = { 0 };
	char path[40], target[20];
	int fd;

	SHOW(symlink("nowhere", "held"));
	fd = open("held", O_PATH | O_NOFOLLOW);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	SHOW(stat(path, &st));
	printf("a link: %d\n", S_ISLNK(st.st_mode));
	SHOW(open(path, O_RDONLY));
	SHOW(open(path, O_RDONLY | O_CREAT, 0600));
	SHOW(close(open(path, O_PATH)));
	SHOW(access(path, F_OK));
	SHOW(chmod(path, 0600));
	SHOW(truncate(path, 0));
	SHOW(chdir(path));
	SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "held-too", AT_SYMLINK_FOLLOW));
	SHOW(readlink("held-too", target, sizeof(target)));
	close(fd);
	unlink("held");
	unlink("held-too");
}

int main(void)
{
	odd_forms();
	limits();
	links();
	gone();
	bases();
	link_by_descriptor();
	return 0;
}
