/* statx(2): what it fills in, of files of all kinds. */
#include "show.h"

#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <time.h>

#define STATX_SIZE        0x200u
#define STATX_BASIC_STATS 0x7ffu
#define STATX_BTIME       0x800u
#define STATX_ALL         0xfffu

struct stamp {
	int64_t tv_sec;
	uint32_t tv_nsec;
	int32_t pad;
};

static struct {
	uint32_t stx_mask, stx_blksize;
	uint64_t stx_attributes;
	uint32_t stx_nlink, stx_uid, stx_gid;
	uint16_t stx_mode, pad0;
	uint64_t stx_ino, stx_size, stx_blocks, stx_attributes_mask;
	struct stamp stx_atime, stx_btime, stx_ctime, stx_mtime;
	uint32_t stx_rdev_major, stx_rdev_minor, stx_dev_major, stx_dev_minor;
	uint64_t stx_mnt_id, pad1[13];
} x;

static long call(int fd, const char *path, int flags, unsigned mask)
{
	memset(&x, 0x5a, sizeof(x));
	return syscall(SYS_statx, fd, path, flags, mask, &x);
}

static void show_x(const char *what, long result)
{
	if (result) {
		printf("%s: %s\n", what, strerror(errno));
		return;
	}
	printf("%s: mask %x mode %o links %u size %ld blocks %ld block %u root %d, %d\n", what,
		x.stx_mask, x.stx_mode, x.stx_nlink, (long)x.stx_size, (long)x.stx_blocks,
		x.stx_blksize, !!(x.stx_attributes & 0x2000), !!(x.stx_attributes_mask & 0x2000));
}

static int same_time(struct stamp a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == (unsigned)b.tv_nsec;
}

static void compare(const char *path)
{
	struct stat st;

	stat(path, &st);
	call(AT_FDCWD, path, 0, STATX_ALL);
	printf("%s: %d %d %d %d %d %d %d %d %d\n", path, x.stx_ino == st.st_ino,
		makedev(x.stx_dev_major, x.stx_dev_minor) == st.st_dev,
		makedev(x.stx_rdev_major, x.stx_rdev_minor) == st.st_rdev,
		x.stx_uid == st.st_uid && x.stx_gid == st.st_gid, x.stx_mode == st.st_mode,
		x.stx_nlink == st.st_nlink, same_time(x.stx_atime, st.st_atim),
		same_time(x.stx_mtime, st.st_mtim), same_time(x.stx_ctime, st.st_ctim));
}

static void masks(void)
{
	show_x("basic", call(AT_FDCWD, "file", 0, STATX_BASIC_STATS));
	show_x("nothing", call(AT_FDCWD, "file", 0, 0));
	show_x("one", call(AT_FDCWD, "file", 0, STATX_SIZE));
	show_x("birth", call(AT_FDCWD, "file", 0, STATX_BTIME));
	show_x("all", call(AT_FDCWD, "file", 0, STATX_ALL));
	show_x("mount", call(AT_FDCWD, "file", 0, 0x1000));
	show_x("reserved", call(AT_FDCWD, "file", 0, 0x80000000u));
	show_x("unknown", call(AT_FDCWD, "file", 0, 0x40000000u));
	show_x("flags", call(AT_FDCWD, "file", 1, STATX_ALL));
	show_x("sync", call(AT_FDCWD, "file", 0x2000, STATX_ALL));
	show_x("don't sync", call(AT_FDCWD, "file", 0x4000, STATX_ALL));
	show_x("both", call(AT_FDCWD, "file", 0x6000, STATX_ALL));
	show_x("automount", call(AT_FDCWD, "file", 0x800, STATX_ALL));
	show_x("missing", call(AT_FDCWD, "missing", 0, STATX_ALL));
	show_x("empty", call(AT_FDCWD, "", 0, STATX_ALL));
	show_x("the working directory", call(AT_FDCWD, "", AT_EMPTY_PATH, STATX_ALL));
	show_x("null", call(AT_FDCWD, NULL, 0, STATX_ALL));
	SHOW(syscall(SYS_statx, AT_FDCWD, "file", 0, 0, NULL));
}

static void kinds(void)
{
	int pair[2], fd;

	show_x("directory", call(AT_FDCWD, "d", 0, STATX_ALL));
	show_x("link", call(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, STATX_ALL));
	show_x("followed", call(AT_FDCWD, "link", 0, STATX_ALL));
	show_x("fifo", call(AT_FDCWD, "fifo", 0, STATX_ALL));
	show_x("device", call(AT_FDCWD, "device", 0, STATX_ALL));
	printf("%u:%u\n", x.stx_rdev_major, x.stx_rdev_minor);
	fd = open("link", O_PATH | O_NOFOLLOW);
	show_x("O_PATH", call(fd, "", AT_EMPTY_PATH, STATX_ALL));
	show_x("not a directory", call(fd, "x", 0, STATX_ALL));
	close(fd);
	pipe(pair);
	call(pair[0], "", AT_EMPTY_PATH, STATX_BASIC_STATS);
	printf("pipe: mask %x mode %o\n", x.stx_mask & STATX_BASIC_STATS, x.stx_mode);
	show_x("bad", call(99, "", AT_EMPTY_PATH, STATX_ALL));
	compare("file");
	compare("d");
	compare("device");
	compare("/proc");
}

static void mounts(void)
{
	uint64_t outside, root;

	call(AT_FDCWD, ".", 0, 0x1000);
	outside = x.stx_mnt_id;
	show_x("before", call(AT_FDCWD, "d", 0, 0));
	SHOW(mount("none", "d", "tmpfs", 0, "size=1m"));
	show_x("a mount", call(AT_FDCWD, "d", 0, 0));
	root = x.stx_mnt_id;
	close(open("d/file", O_CREAT | O_WRONLY, 0600));
	show_x("in it", call(AT_FDCWD, "d/file", 0, 0));
	printf("%d %d\n", root != outside, root == x.stx_mnt_id);
	SHOW(mount("file", "bound", NULL, MS_BIND, NULL));
	show_x("a bound file", call(AT_FDCWD, "bound", 0, 0));
	printf("%d\n", x.stx_mnt_id != outside);
	show_x("the file", call(AT_FDCWD, "file", 0, 0));
	show_x("upwards", call(AT_FDCWD, "d/..", 0, 0));
	printf("%d\n", x.stx_mnt_id == outside);
	show_x("/", call(AT_FDCWD, "/", 0, 0));
	SHOW(umount("d"));
	SHOW(umount("bound"));
}

static void birth(void)
{
	struct timespec before, times[2] = { { 5, 5 }, { 6, 6 } };
	struct stamp born;
	int fd;

	clock_gettime(CLOCK_REALTIME_COARSE, &before);
	fd = open("new", O_CREAT | O_RDWR, 0600);
	call(fd, "", AT_EMPTY_PATH, STATX_BTIME);
	born = x.stx_btime;
	printf("born %d\n", born.tv_sec > before.tv_sec || (born.tv_sec == before.tv_sec &&
								   born.tv_nsec >= before.tv_nsec));
	write(fd, "x", 1);
	futimens(fd, times);
	fchmod(fd, 0644);
	call(fd, "", AT_EMPTY_PATH, STATX_ALL);
	printf("kept %d\n",
		born.tv_sec == x.stx_btime.tv_sec && born.tv_nsec == x.stx_btime.tv_nsec);
	printf("times %ld %u %ld %u\n", (long)x.stx_atime.tv_sec, x.stx_atime.tv_nsec,
		(long)x.stx_mtime.tv_sec, x.stx_mtime.tv_nsec);
	close(fd);
}

int main(void)
{
	int fd;

	mkdir("statx_full", 0755);
	chdir("statx_full");
	fd = open("file", O_CREAT | O_WRONLY, 0640);
	write(fd, "contents", 8);
	close(fd);
	close(open("bound", O_CREAT | O_WRONLY, 0640));
	mkdir("d", 0755);
	symlink("file", "link");
	mkfifo("fifo", 0600);
	mknod("device", S_IFCHR | 0600, makedev(1, 300));
	masks();
	kinds();
	mounts();
	birth();
	return 0;
}
