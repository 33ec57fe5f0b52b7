/* stat and its relatives: what they say of each kind of file. */
#include "show.h"

#include <sys/sysmacros.h>

static void show_stat(const char *path, int flags)
{
	struct stat st;

	if (fstatat(AT_FDCWD, path, &st, flags)) {
		printf("%s: %s\n", path, strerror(errno));
		return;
	}
	printf("%s: mode %o links %lu uid %u gid %u rdev %u:%u blksize %ld", path, st.st_mode,
		S_ISDIR(st.st_mode) ? 0ul : (unsigned long)st.st_nlink, st.st_uid, st.st_gid,
		major(st.st_rdev), minor(st.st_rdev), (long)st.st_blksize);
	if (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
		printf(" size %ld", (long)st.st_size);
	puts("");
}

int main(void)
{
	struct stat st, other;
	int fd = open("f", O_RDWR | O_CREAT, 0640);

	SHOW(write(fd, "12345", 5));
	show_stat("f", 0);
	SHOW(link("f", "g"));
	show_stat("g", 0);
	stat("f", &st);
	stat("g", &other);
	SHOW(st.st_ino == other.st_ino && st.st_dev == other.st_dev);
	SHOW(fstat(fd, &other));
	SHOW(st.st_ino == other.st_ino);
	SHOW(symlink("f", "link"));
	show_stat("link", 0);
	show_stat("link", AT_SYMLINK_NOFOLLOW);
	SHOW(mkdir("d", 01777));
	show_stat("d", 0);
	show_stat(".", 0);
	show_stat("/dev/null", 0);
	show_stat("/dev/zero", 0);
	show_stat("/dev/full", 0);
	show_stat("/dev/urandom", 0);
	show_stat("/dev/console", 0);
	show_stat("/bin/runner", 0);
	show_stat("missing", 0);
	show_stat("f/x", 0);
	show_stat("", 0);
	SHOW(fstatat(fd, "", &st, AT_EMPTY_PATH));
	SHOW(st.st_size);
	SHOW(fstatat(fd, "x", &st, 0));
	SHOW(fstatat(AT_FDCWD, "f", &st, 0x10000000));
	SHOW(fstat(99, &st));
	SHOW(st.st_blocks > 0);
	SHOW(chmod("f", 07777));
	show_stat("f", 0);
	SHOW(mkfifo("fifo", 0600));
	show_stat("fifo", 0);
	SHOW(mknod("null", S_IFCHR | 0666, makedev(1, 3)));
	show_stat("null", 0);
	SHOW(unlink("g"));
	show_stat("f", 0);
	return 0;
}
