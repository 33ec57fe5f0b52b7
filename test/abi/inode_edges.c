/* Rules about files that are seldom met: mknod's, utimensat's, and getdents as it once was. */
#include "show.h"

#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

static void node(const char *name, mode_t mode, dev_t dev)
{
	struct stat st;
	int err = mknod(name, mode, dev) ? errno : 0;

	if (err)
		printf("%s %o: %s\n", name, mode, strerror(err));
	else if (lstat(name, &st))
		printf("%s %o: lost\n", name, mode);
	else
		printf("%s %o: %o %u:%u\n", name, mode, st.st_mode, major(st.st_rdev),
			minor(st.st_rdev));
}

static void nodes(void)
{
	node("none", 0640, 0);
	node("regular", S_IFREG | 0640, makedev(1, 2));
	node("fifo", S_IFIFO | 0640, makedev(1, 2));
	node("socket", S_IFSOCK | 0640, 0);
	node("char", S_IFCHR | 0640, makedev(4000, 500000));
	node("block", S_IFBLK | 07640, makedev(8, 1));
	node("whiteout", S_IFCHR | 0600, 0);
	node("blockzero", S_IFBLK | 0600, 0);
	node("directory", S_IFDIR | 0755, 0);
	node("link", S_IFLNK | 0777, 0);
	node("bad", 0150000, 0);
	node("none", S_IFCHR | 0600, 0);
	node("d/", 0600, 0);
	node("d", S_IFDIR | 0600, 0);
	node(".", 0600, 0);
	node("", 0600, 0);
	node("missing/x", S_IFBLK | 0600, 1);
	node("none/x", S_IFBLK | 0600, 1);
	node("dangling", 0600, 0);
}

static void nodes_of_others(void)
{
	mkdir("theirs", 0777);
	chmod("theirs", 0777);
	mkdir("closed", 0755);
	fflush(stdout);
	if (fork() == 0) {
		if (setuid(5))
			_exit(1);
		node("theirs/char", S_IFCHR | 0640, makedev(1, 3));
		node("theirs/block", S_IFBLK | 0640, makedev(1, 3));
		node("theirs/whiteout", S_IFCHR | 0640, 0);
		node("theirs/blockzero", S_IFBLK | 0640, 0);
		node("theirs/fifo", S_IFIFO | 0640, 0);
		node("theirs/socket", S_IFSOCK | 0640, 0);
		node("theirs/directory", S_IFDIR | 0640, 0);
		node("none", S_IFCHR | 0640, makedev(1, 3));
		node("closed/char", S_IFCHR | 0640, makedev(1, 3));
		node("missing/char", S_IFCHR | 0640, makedev(1, 3));
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
}

static void show_times(const char *what)
{
	struct stat st;

	lstat(what, &st);
	printf("%s: %ld.%09ld %ld.%09ld\n", what, (long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
		(long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static void times(void)
{
	struct timespec omit[2] = { { 1, UTIME_OMIT }, { 2, UTIME_OMIT } };
	struct timespec bad[2] = { { 1, 1000000000 }, { 1, 0 } };
	struct timespec bad2[2] = { { 1, 0 }, { 1, -1 } };
	struct timespec good[2] = { { 1, 999999999 }, { -5, 1 } };
	struct timespec one[2] = { { 7, 7 }, { 7, UTIME_OMIT } };
	struct timespec other[2] = { { 8, UTIME_OMIT }, { 8, 8 } };
	struct timeval odd[2] = { { 1, 1000000 }, { 1, 0 } };
	struct timeval even[2] = { { 11, 12 }, { 13, 14 } };
	int fd = open("file", O_RDONLY), path = open("file", O_PATH);

	SHOW(utimensat(AT_FDCWD, "missing", omit, 0));
	SHOW(utimensat(99, "missing", omit, 0xffff));
	SHOW(syscall(SYS_utimensat, AT_FDCWD, NULL, omit, 0));
	SHOW(syscall(SYS_utimensat, AT_FDCWD, NULL, good, 0));
	SHOW(syscall(SYS_utimensat, AT_FDCWD, NULL, good, AT_SYMLINK_NOFOLLOW));
	SHOW(syscall(SYS_utimensat, AT_FDCWD, NULL, good, 1));
	SHOW(syscall(SYS_utimensat, 99, NULL, good, 0));
	SHOW(syscall(SYS_utimensat, fd, NULL, good, AT_SYMLINK_NOFOLLOW));
	SHOW(syscall(SYS_utimensat, fd, NULL, good, 0));
	show_times("file");
	SHOW(syscall(SYS_utimensat, fd, NULL, bad, 0));
	SHOW(syscall(SYS_utimensat, path, NULL, good, 0));
	SHOW(syscall(SYS_utimensat, path, "", good, AT_EMPTY_PATH));
	SHOW(syscall(SYS_utimensat, fd, "", one, AT_EMPTY_PATH));
	show_times("file");
	SHOW(syscall(SYS_utimensat, fd, "", good, 0));
	SHOW(utimensat(AT_FDCWD, "file", bad, 0));
	SHOW(utimensat(AT_FDCWD, "file", bad2, 0));
	SHOW(utimensat(AT_FDCWD, "file", good, 1));
	SHOW(utimensat(AT_FDCWD, "file", other, 0));
	show_times("file");
	SHOW(utimensat(AT_FDCWD, "dangling", good, 0));
	SHOW(utimensat(AT_FDCWD, "dangling", good, AT_SYMLINK_NOFOLLOW));
	show_times("dangling");
	SHOW(syscall(SYS_utimensat, AT_FDCWD, "file", 8, 0));
	SHOW(syscall(SYS_utimes, "file", odd));
	SHOW(syscall(SYS_utimes, NULL, NULL));
	SHOW(syscall(SYS_futimesat, fd, NULL, NULL));
	SHOW(syscall(SYS_futimesat, fd, "file", odd));
	SHOW(syscall(SYS_futimesat, AT_FDCWD, "file", even));
	show_times("file");
	SHOW(syscall(SYS_futimesat, AT_FDCWD, NULL, even));
	chmod("file", 0666);
	fflush(stdout);
	if (fork() == 0) {
		struct timespec now[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
		struct timespec half[2] = { { 0, UTIME_NOW }, { 0, UTIME_OMIT } };

		if (setuid(5))
			_exit(1);
		SHOW(utimensat(AT_FDCWD, "file", NULL, 0));
		SHOW(utimensat(AT_FDCWD, "file", now, 0));
		SHOW(utimensat(AT_FDCWD, "file", half, 0));
		SHOW(utimensat(AT_FDCWD, "file", good, 0));
		SHOW(utimensat(AT_FDCWD, "file", omit, 0));
		SHOW(utimensat(AT_FDCWD, "none", NULL, 0));
		SHOW(utimensat(AT_FDCWD, "none", good, 0));
		_exit(0);
	}
	wait(NULL);
}

struct old_dirent {
	unsigned long ino, off;
	unsigned short reclen;
	char name[];
};

static void old_getdents(void)
{
	char buf[2048];
	int fd = open("list", O_RDONLY);
	long got;

	SHOW(syscall(SYS_getdents, fd, buf, 8));
	SHOW(syscall(SYS_getdents, fd, buf, 23));
	SHOW(syscall(SYS_getdents, fd, (void *)8, 1024));
	got = syscall(SYS_getdents, fd, buf, sizeof(buf));
	printf("%ld\n", got);
	for (long at = 0; at < got;) {
		struct old_dirent *e = (void *)(buf + at);

		printf("%s: %d bytes, type %d, inode %d\n", e->name[0] == '.' ? "." : e->name,
			e->reclen, buf[at + e->reclen - 1], e->ino != 0);
		at += e->reclen;
	}
	SHOW(syscall(SYS_getdents, fd, buf, sizeof(buf)));
	close(fd);
	fd = open("file", O_RDONLY);
	SHOW(syscall(SYS_getdents, fd, buf, sizeof(buf)));
	SHOW(syscall(SYS_getdents, 99, buf, sizeof(buf)));
}

/* ---- files without a name ---------------------------------------------------------------- */

static void tell(const char *what, int fd)
{
	struct stat st;

	fstat(fd, &st);
	printf("%s: mode %o, of %u:%u, times %ld.%09ld %ld, changed: %d\n", what, st.st_mode,
		st.st_uid, st.st_gid, st.st_atime > 10000 ? -1 : (long)st.st_atime,
		st.st_atime > 10000 ? 0 : st.st_atim.tv_nsec,
		st.st_mtime > 10000 ? -1 : (long)st.st_mtime, st.st_ctime > 10000);
	fflush(stdout);
}

static void change(int fd, int other_end)
{
	struct timespec set[2] = { { 77, 5 }, { 0, UTIME_OMIT } };
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	tell("new", fd);
	SHOW(fchmod(fd, 07642));
	tell("fchmod", fd);
	SHOW(chmod(name, 0620));
	tell("chmod by name", fd);
	SHOW(fchown(fd, 5, -1));
	SHOW(chown(name, -1, 6));
	tell("fchown", fd);
	SHOW(futimens(fd, set));
	tell("futimens", fd);
	SHOW(futimens(fd, NULL));
	tell("now", fd);
	tell("other end", other_end);
	set[0].tv_sec = -3;
	SHOW(futimens(fd, set));
	tell("before 1970", fd);
	fflush(stdout);
	if (fork() == 0) {
		int flags = fcntl(fd, F_GETFL) & O_ACCMODE;

		setgid(6);
		setuid(1000);
		SHOW(fchmod(fd, 0666));
		SHOW(fchown(fd, 1000, -1));
		SHOW(futimens(fd, set));
		SHOW(futimens(fd, NULL));
		SHOW(access(name, R_OK));
		SHOW(access(name, W_OK));
		if (flags == O_RDONLY)
			SHOW(open(name, O_RDONLY | O_NONBLOCK));
		exit(0);
	}
	wait(NULL);
}

/* A socket that is bound is made with the mode that it has. */
static void bind_with_mode(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "bound" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct stat st;

	SHOW(fchmod(fd, 0751));
	umask(021);
	SHOW(bind(fd, (void *)&address, sizeof(address)));
	umask(0);
	stat("bound", &st);
	printf("bound: %o\n", st.st_mode);
	SHOW(fchmod(fd, 0700));
	stat("bound", &st);
	printf("then: %o\n", st.st_mode);
	tell("the socket itself", fd);
	close(fd);
}

static void nameless(void)
{
	int fds[2];

	pipe(fds);
	change(fds[0], fds[1]);
	change(fds[1], fds[0]);
	close(fds[0]);
	close(fds[1]);
	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	change(fds[0], fds[1]);
	close(fds[0]);
	close(fds[1]);
	bind_with_mode();
}

int main(void)
{
	mkdir("inode_edges", 0755);
	chdir("inode_edges");
	umask(0);
	mkdir("d", 0755);
	mkdir("list", 0755);
	close(open("list/12345", O_CREAT | O_WRONLY, 0600));
	close(open("file", O_CREAT | O_WRONLY, 0600));
	symlink("nowhere", "dangling");
	nodes();
	nodes_of_others();
	times();
	old_getdents();
	nameless();
	return 0;
}
