/* openat2(2): its structure, its flags, and where a path may not lead. */
#include "show.h"

#include <sys/mount.h>

struct how {
	uint64_t flags, mode, resolve, more;
};

#define NO_XDEV       1
#define NO_MAGICLINKS 2
#define NO_SYMLINKS   4
#define BENEATH       8
#define IN_ROOT       16
#define CACHED        32

static long call(int dirfd, const char *path, const struct how *how, size_t bytes)
{
	return syscall(437, dirfd, path, how, bytes);
}

static int base;

/* What it is that was opened: the path from /proc. */
static void walk(const char *path, uint64_t flags, uint64_t resolve)
{
	struct how how = { .flags = flags, .resolve = resolve };
	long fd = call(base, path, &how, 24);
	char link[64], text[256] = "";
	const char *part;

	if (fd < 0) {
		printf("%s flags %lo resolve %lx: %s\n", path, (long)flags, (long)resolve,
			strerror(errno));
		return;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%ld", fd);
	if (readlink(link, text, sizeof(text) - 1) < 0)
		perror("readlink");
	part = strstr(text, "openat2/");
	printf("%s flags %lo resolve %lx: %s\n", path, (long)flags, (long)resolve,
		part ? part : text);
	close((int)fd);
}

static void structure(void)
{
	struct how how = { .flags = O_RDONLY };
	char page[8192] = { 0 };

	SHOW(call(base, "file", &how, 0));
	SHOW(call(base, "file", &how, 23));
	SHOW(close((int)SHOW(call(base, "file", &how, 24))));
	SHOW(close((int)SHOW(call(base, "file", &how, 32))));
	how.more = 1;
	SHOW(call(base, "file", &how, 32));
	SHOW(close((int)SHOW(call(base, "file", (void *)page, 4096))));
	page[4000] = 1;
	SHOW(call(base, "file", (void *)page, 4096));
	SHOW(call(base, "file", NULL, 24));
	SHOW(call(base, NULL, &how, 24));
	SHOW(call(99, "file", &how, 24));
	SHOW(call(base, "", &how, 24));
}

static void how(uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct how how = { .flags = flags, .mode = mode, .resolve = resolve };
	long fd = call(base, "file", &how, 24);

	printf("%lo %lo %lx: %s\n", (long)flags, (long)mode, (long)resolve,
		fd < 0 ? strerror(errno) : "ok");
	if (fd >= 0)
		close((int)fd);
}

static void flags(void)
{
	how(O_RDONLY, 0, 0);
	how(3, 0, 0);
	how(O_RDONLY | 04000000000, 0, 0);
	how(O_RDONLY | 020, 0, 0);
	how(1ul << 33, 0, 0);
	how(O_RDONLY, 0600, 0);
	how(O_RDWR | O_CREAT, 0600, 0);
	how(O_RDWR | O_CREAT, 07777, 0);
	how(O_RDWR | O_CREAT, 010600, 0);
	how(O_RDWR | O_CREAT, 1ul << 40, 0);
	how(O_PATH, 0, 0);
	how(O_PATH | O_CLOEXEC | O_NOFOLLOW, 0, 0);
	how(O_PATH | O_RDWR, 0, 0);
	how(O_PATH | O_CREAT, 0600, 0);
	how(O_PATH | O_DIRECTORY, 0, 0);
	how(O_CREAT | O_EXCL | O_RDWR, 0600, 0);
	how(O_TMPFILE | O_RDWR, 0600, 0);
	how(020000000 | O_RDWR, 0600, 0);
	how(O_RDONLY, 0, 64);
	how(O_RDONLY, 0, 1ul << 32);
	how(O_RDONLY, 0, BENEATH | IN_ROOT);
	how(O_RDWR | O_TRUNC, 0, CACHED);
	how(O_RDWR | O_CREAT, 0600, CACHED);
	how(O_RDWR, 0, CACHED);
	how(O_RDWR | O_CREAT, 0600, BENEATH | NO_XDEV | NO_SYMLINKS | NO_MAGICLINKS);
}

static void resolve(const uint64_t how)
{
	static const char *const paths[] = { "file", "./dir/../file", "dir/up/file", "..", "../out",
		"dir/../../base/file", "/", "/file", "/dir/..", "link", "dirlink/inside", "abs",
		"abs/file", "out", "dir/uplink", "mnt", "mnt/", "mnt/..", "mnt/in/../..", "magic",
		"magic/file", "fdlink", "loop", "missing", "file/", "file/x", "rootlink",
		"rootlink/file", "selfabs", "dir/../link", "/../../file", "bind/inside" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		/* Linux forgets here that the root may be on the same mount. */
		if (how == NO_XDEV && (strstr(paths[i], "abs") || strstr(paths[i], "root")))
			continue;
		walk(paths[i], O_RDONLY, how);
	}
	walk("link", O_PATH | O_NOFOLLOW, how);
	walk("magic", O_PATH | O_NOFOLLOW, how);
	walk("new", O_RDWR, how);
}

static void create(void)
{
	struct how how = { .flags = O_CREAT | O_RDWR, .mode = 0640 };
	struct stat st;

	how.resolve = BENEATH;
	SHOW(close((int)SHOW(call(base, "made", &how, 24))));
	SHOW(stat("base/made", &st));
	printf("mode %o\n", st.st_mode);
	SHOW(call(base, "../made", &how, 24));
	SHOW(call(base, "outlink", &how, 24));
	SHOW(access("made", F_OK));
	how.resolve = IN_ROOT;
	SHOW(close((int)SHOW(call(base, "/../made2", &how, 24))));
	SHOW(access("base/made2", F_OK));
	SHOW(close((int)SHOW(call(base, "outlink", &how, 24))));
	SHOW(access("base/made3", F_OK));
	how.resolve = NO_XDEV;
	SHOW(call(base, "mnt/made", &how, 24));
	how.resolve = NO_SYMLINKS;
	SHOW(call(base, "outlink", &how, 24));
	SHOW(call(base, "dirlink/made", &how, 24));
	how.resolve = BENEATH;
	how.flags = O_TMPFILE | O_RDWR;
	SHOW(close((int)SHOW(call(base, "dir", &how, 24))));
	SHOW(call(base, "dir/../..", &how, 24));
}

/* The base is no directory, is the working directory, was removed. */
static void bases(void)
{
	struct how how = { .flags = O_RDONLY, .resolve = IN_ROOT };
	int fd;

	fd = open("base/file", O_RDONLY);
	SHOW(call(fd, "x", &how, 24));
	SHOW(call(fd, "/", &how, 24));
	SHOW(call(fd, ".", &how, 24));
	close(fd);
	SHOW(close((int)SHOW(call(AT_FDCWD, "/base/file", &how, 24))));
	SHOW(call(AT_FDCWD, "/proc", &how, 24));
	mkdir("gone", 0755);
	fd = open("gone", O_RDONLY);
	rmdir("gone");
	SHOW(close((int)SHOW(call(fd, ".", &how, 24))));
	SHOW(close((int)SHOW(call(fd, "..", &how, 24))));
	SHOW(call(fd, "x", &how, 24));
	close(fd);
	how.resolve = NO_XDEV;
	SHOW(close((int)SHOW(call(AT_FDCWD, "/", &how, 24))));
	SHOW(call(AT_FDCWD, "/proc", &how, 24));
	fd = open("/proc", O_RDONLY);
	SHOW(close((int)SHOW(call(fd, "self/status", &how, 24))));
	SHOW(call(fd, "..", &how, 24));
	SHOW(call(fd, "self/exe", &how, 24));
	SHOW(call(fd, "self/root", &how, 24));
	how.resolve = NO_MAGICLINKS;
	SHOW(close((int)SHOW(call(fd, "self/status", &how, 24))));
	SHOW(call(fd, "self/exe", &how, 24));
	how.resolve = NO_SYMLINKS;
	SHOW(call(fd, "self/status", &how, 24));
	close(fd);
}

int main(void)
{
	mkdir("openat2", 0755);
	SHOW(mount("none", "openat2", "tmpfs", 0, NULL));
	chdir("openat2");
	mkdir("proc", 0755);
	mkdir("openat2", 0755);
	SHOW(mount("none", "proc", "proc", 0, NULL));
	SHOW(chroot("."));
	chdir("openat2");
	mkdir("base", 0755);
	mkdir("base/dir", 0755);
	mkdir("base/dir/up", 0755);
	mkdir("base/mnt", 0755);
	mkdir("base/bind", 0755);
	close(open("base/file", O_CREAT | O_WRONLY, 0644));
	close(open("base/dir/up/file", O_CREAT | O_WRONLY, 0644));
	close(open("base/dir/inside", O_CREAT | O_WRONLY, 0644));
	close(open("out", O_CREAT | O_WRONLY, 0644));
	symlink("file", "base/link");
	symlink("dir", "base/dirlink");
	symlink("../../out", "base/dir/uplink");
	symlink("../out", "base/out");
	symlink("/made3", "base/outlink");
	symlink("loop", "base/loop");
	symlink("/", "base/rootlink");
	symlink("/dir/inside", "base/selfabs");
	symlink("/proc/self/fd/3", "base/fdlink");
	symlink("/openat2", "base/abs");
	symlink("/proc/self/cwd", "base/magic");
	SHOW(mount("none", "base/mnt", "tmpfs", 0, NULL));
	mkdir("base/mnt/in", 0755);
	SHOW(mount("base/dir", "base/bind", NULL, MS_BIND, NULL));
	base = open("base", O_RDONLY | O_DIRECTORY);
	structure();
	flags();
	resolve(0);
	resolve(NO_XDEV);
	resolve(NO_MAGICLINKS);
	resolve(NO_SYMLINKS);
	resolve(BENEATH);
	resolve(IN_ROOT);
	resolve(IN_ROOT | NO_XDEV);
	create();
	bases();
	SHOW(umount("base/mnt"));
	SHOW(umount("base/bind"));
	return 0;
}
