/* What somebody may do with files of others: follow their links, give names to them, open their
 * pipes again, look into a process that has become another's program. */
#include "show.h"

#include <sys/wait.h>

static int fifo[2];

static void become(unsigned uid)
{
	syscall(SYS_setgroups, 0, NULL);
	syscall(SYS_setresgid, uid, uid, uid);
	syscall(SYS_setresuid, uid, uid, uid);
}

static void as(unsigned uid, void (*act)(void))
{
	printf("--- user %u\n", uid);
	fflush(stdout);
	if (fork() == 0) {
		if (uid)
			become(uid);
		act();
		_exit(0);
	}
	wait(NULL);
}

static void make(const char *name, mode_t mode, unsigned uid)
{
	int fd = open(name, O_CREAT | O_WRONLY, 0600);

	fchown(fd, uid, uid);
	fchmod(fd, mode);
	close(fd);
}

static void make_link(const char *target, const char *name, unsigned uid)
{
	symlink(target, name);
	lchown(name, uid, uid);
}

static void follow(void)
{
	struct stat st;
	char buf[10];

	SHOW(close(open("shared/root", O_RDONLY)));
	SHOW(close(open("shared/1000", O_RDONLY)));
	SHOW(close(open("shared/2000", O_RDONLY)));
	SHOW(stat("shared/2000", &st));
	SHOW(lstat("shared/2000", &st));
	SHOW(readlink("shared/2000", buf, sizeof(buf)));
	SHOW(open("shared/new", O_CREAT | O_WRONLY, 0600));
	SHOW(open("shared/2000", O_PATH | O_NOFOLLOW) >= 0);
	SHOW(open("shared/2000", O_PATH));
	SHOW(chdir("shared/dir"));
	SHOW(stat("shared/dir/", &st));
	SHOW(stat("shared/dir/all", &st)); /* only the last of a path */
	SHOW(close(open("sticky/2000", O_RDONLY)));
	SHOW(close(open("open/2000", O_RDONLY)));
	SHOW(close(open("indirect", O_RDONLY)));
}

static void name(void)
{
	SHOW(link("own", "open/own"));
	SHOW(link("all", "open/all"));
	SHOW(link("readable", "open/readable"));
	SHOW(link("suid", "open/suid"));
	SHOW(link("sgid", "open/sgid"));
	SHOW(link("node", "open/node"));
	SHOW(link("shared/root", "open/link"));
	SHOW(link("readable", "open/all"));
	SHOW(link("readable", "missing/x"));
	SHOW(link("readable", "closed/x"));
	SHOW(unlink("open/own") + unlink("open/all"));
}

static void open_again(void)
{
	char path[40];

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fifo[i]);
		SHOW(open(path, O_RDONLY | O_NONBLOCK) >= 0);
		SHOW(open(path, O_WRONLY) >= 0);
		SHOW(open(path, O_RDONLY | O_DIRECTORY));
	}
}

static const char *const private[] = { "maps", "smaps", "environ", "auxv" };
#define PRIVATE (sizeof(private) / sizeof(private[0]))

/* This program again, as root's: says that it has begun, and waits. */
static int began(char **argv)
{
	char c;

	(void)!write(atoi(argv[1]), "b", 1);
	(void)!read(atoi(argv[2]), &c, 1);
	return 0;
}

static void look_after_exec(const char *program)
{
	int fds[PRIVATE], begins[2], ends[2];
	char args[2][12], buf[200];

	(void)!pipe(begins);
	(void)!pipe(ends);
	for (size_t i = 0; i < PRIVATE; i++) {
		snprintf(buf, sizeof(buf), "/proc/self/%s", private[i]);
		fds[i] = open(buf, O_RDONLY);
	}
	if (fork()) { /* the child looks */
		snprintf(args[0], sizeof(args[0]), "%d", begins[1]);
		snprintf(args[1], sizeof(args[1]), "%d", ends[0]);
		close(ends[1]);
		execl(program, program, args[0], args[1], NULL);
		_exit(1);
	}
	(void)!read(begins[0], buf, 1);
	for (size_t i = 0; i < PRIVATE; i++)
		printf("%s: %s\n", private[i],
			pread(fds[i], buf, sizeof(buf), 0) > 0 ? "shown" : "not shown");
	fflush(stdout);
	_exit(0);
}

static void exec_theirs(void)
{
	look_after_exec("./suid-self");
}

static void copy_self(const char *name, mode_t mode)
{
	static char buf[1 << 16];
	int from = open("/proc/self/exe", O_RDONLY), to = open(name, O_CREAT | O_WRONLY, 0755);
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) > 0)
		(void)!write(to, buf, (size_t)n);
	close(from);
	close(to);
	chmod(name, mode);
}

/* What a path's form forbids comes after what its directory does, and before what the file does. */
static void forms(void)
{
	SHOW(mkdir("closed/.", 0700));
	SHOW(mkdir("readable/.", 0700));
	SHOW(link("all", "closed/.."));
	SHOW(open("closed/..", O_CREAT | O_RDWR, 0600));
	SHOW(open("closed/new/", O_CREAT | O_RDWR, 0600));
	SHOW(unlink("closed/"));
	SHOW(unlink("all/"));
	SHOW(rmdir("all/"));
	SHOW(rmdir("closed/."));
}

/* Who takes files as another user goes on to find its own descriptors. */
static void as_other_owner(void)
{
	char buf[10];

	syscall(SYS_setfsuid, 3000);
	SHOW(readlink("/proc/self/fd/0", buf, sizeof(buf)) > 0);
	SHOW(close(open("/proc/self/fd", O_RDONLY | O_DIRECTORY)));
	SHOW(open("/proc/1/fd", O_RDONLY | O_DIRECTORY));
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return began(argv);
	umask(0);
	mkdir("others", 0755);
	(void)!chdir("others");
	mkdir("shared", 01777);
	mkdir("sticky", 01755);
	mkdir("open", 0777);
	mkdir("closed", 0700);
	make("all", 0666, 0);
	make("readable", 0644, 0);
	make("own", 0600, 1000);
	make("suid", 04777, 0);
	make("sgid", 02777, 0);
	mknod("node", S_IFIFO | 0666, 0);
	make_link("../all", "shared/root", 0);
	make_link("../all", "shared/1000", 1000);
	make_link("../all", "shared/2000", 2000);
	make_link("../open/made", "shared/new", 2000);
	make_link("..", "shared/dir", 2000);
	make_link("../all", "sticky/2000", 2000);
	make_link("../all", "open/2000", 2000);
	make_link("shared/2000", "indirect", 0);
	(void)!pipe(fifo);
	as(0, follow);
	as(1000, follow);
	as(2000, follow);
	as(1000, name);
	as(0, name);
	as(0, open_again);
	as(1000, open_again);
	as(0, forms);
	as(1000, forms);
	as(0, as_other_owner);
	copy_self("suid-self", 04755);
	as(1000, exec_theirs);
	return 0;
}
