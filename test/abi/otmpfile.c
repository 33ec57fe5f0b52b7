/* O_TMPFILE: a file without a name, which may get one by linkat(2). */
#include "show.h"

#include <sys/mount.h>
#include <sys/statfs.h>

static void show_fd(const char *what, int fd)
{
	struct stat st;
	char path[64], text[256] = "";
	char *hash;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (readlink(path, text, sizeof(text) - 1) < 0)
		perror("readlink");
	hash = strchr(text, '#');
	fstat(fd, &st);
	if (hash && strtoul(hash + 1, NULL, 10) == st.st_ino)
		strcpy(hash, "INO (deleted)");
	printf("%s: %s mode %o links %ld size %ld uid %u gid %u\n", what, text, st.st_mode,
		(long)st.st_nlink, (long)st.st_size, st.st_uid, st.st_gid);
}

static int link_fd(int fd, const char *to)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
}

static long free_nodes(void)
{
	struct statfs st;

	statfs("m", &st);
	return (long)st.f_ffree;
}

static void flags(void)
{
	int fd;

	SHOW(open("d", O_TMPFILE | O_RDONLY, 0600));
	SHOW(open("d", O_TMPFILE | O_RDWR | O_CREAT, 0600));
	SHOW(open("d", 020000000 | O_RDWR, 0600)); /* without O_DIRECTORY */
	SHOW(open("d", 020000000 | O_RDONLY, 0600));
	SHOW(open("missing", O_TMPFILE | O_RDWR, 0600));
	SHOW(open("file", O_TMPFILE | O_RDWR, 0600));
	SHOW(open("", O_TMPFILE | O_RDWR, 0600));
	SHOW(open("tofile", O_TMPFILE | O_RDWR, 0600));
	SHOW(open("tod", O_TMPFILE | O_RDWR | O_NOFOLLOW, 0600));
	SHOW(open("/proc/self/fd", O_TMPFILE | O_RDWR, 0600));
	SHOW(open("/dev/null", O_TMPFILE | O_RDWR, 0600));
	SHOW(fd = open("tod", O_TMPFILE | O_WRONLY | O_TRUNC, 0666));
	SHOW(fcntl(fd, F_GETFL));
	show_fd("through a link", fd);
	close(fd);
	SHOW(fd = open("d", O_TMPFILE | O_PATH, 0666));
	show_fd("O_PATH", fd);
	close(fd);
}

static void use(void)
{
	char buf[8] = "";
	int fd = open("d", O_TMPFILE | O_RDWR, 04751), again;

	show_fd("new", fd);
	SHOW(write(fd, "contents", 8));
	SHOW(rmdir("e"));
	SHOW(again = open("/proc/self/fd/3", O_RDONLY));
	SHOW(read(again, buf, 4));
	printf("%.4s\n", buf);
	close(again);
	SHOW(link_fd(fd, "d/name"));
	show_fd("linked", fd);
	SHOW(link_fd(fd, "d/name"));
	SHOW(link_fd(fd, "d/second"));
	show_fd("twice", fd);
	SHOW(unlink("d/name"));
	SHOW(unlink("d/second"));
	SHOW(link_fd(fd, "d/third"));
	show_fd("unlinked", fd);
	close(fd);

	fd = open("d", O_TMPFILE | O_RDWR | O_EXCL, 0600);
	SHOW(link_fd(fd, "d/name"));
	close(fd);
	fd = open("d", O_TMPFILE | O_RDWR, 0600);
	SHOW(linkat(fd, "", AT_FDCWD, "d/name", AT_EMPTY_PATH));
	SHOW(linkat(fd, "", AT_FDCWD, "d/other", 0));
	SHOW(linkat(fd, "", AT_FDCWD, "m/other", AT_EMPTY_PATH));
	SHOW(link_fd(fd, "missing/name"));
	show_fd("by descriptor", fd);
	close(fd);
	SHOW(unlink("d/name"));
	SHOW(rmdir("d"));
}

/* A node is one, with and without a name. */
static void nodes(void)
{
	long before, fd;

	mkdir("m", 0777);
	SHOW(mount("none", "m", "tmpfs", 0, "nr_inodes=100"));
	before = free_nodes();
	fd = open("m", O_TMPFILE | O_RDWR, 0600);
	printf("open: %ld\n", before - free_nodes());
	link_fd((int)fd, "m/a");
	printf("a name: %ld\n", before - free_nodes());
	link_fd((int)fd, "m/b");
	printf("two: %ld\n", before - free_nodes());
	unlink("m/a");
	unlink("m/b");
	printf("none: %ld\n", before - free_nodes());
	SHOW(umount("m"));
	close((int)fd);
	SHOW(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	SHOW(open("m", O_TMPFILE | O_RDWR, 0600));
	SHOW(umount("m"));
	fd = open("d", O_TMPFILE | O_RDWR, 0600);
	SHOW(close((int)fd));
}

static void others(void)
{
	int fd;

	chmod("d", 0777);
	chmod("g", 02777);
	if (setgid(1) || setuid(1))
		exit(1);
	fd = open("d", O_TMPFILE | O_RDWR, 0600);
	show_fd("another user's", fd);
	SHOW(linkat(fd, "", AT_FDCWD, "d/name", AT_EMPTY_PATH));
	SHOW(linkat(AT_FDCWD, "file", AT_FDCWD, "d/name", AT_EMPTY_PATH));
	SHOW(link_fd(fd, "d/name"));
	SHOW(link_fd(fd, "name"));
	close(fd);
	fd = open("g", O_TMPFILE | O_RDWR, 0600);
	show_fd("the directory's group", fd);
	close(fd);
	SHOW(open(".", O_TMPFILE | O_RDWR, 0600));
	SHOW(unlink("d/name"));
}

int main(void)
{
	mkdir("otmpfile", 0755);
	chdir("otmpfile");
	mkdir("d", 0777);
	mkdir("e", 0777);
	mkdir("g", 0777);
	symlink("d", "tod");
	symlink("file", "tofile");
	close(open("file", O_CREAT | O_WRONLY, 0644));
	umask(022);
	flags();
	nodes();
	use();
	mkdir("d", 0777);
	others();
	return 0;
}
