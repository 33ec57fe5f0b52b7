/* Which events a watched file and a watched directory tell of, in which order. */
#define _GNU_SOURCE
#include "show.h"

#include <dirent.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

static int fd, dir_wd, file_wd, sub_wd;

static const struct {
	uint32_t bit;
	const char *name;
} names[] = { { IN_ACCESS, "ACCESS" }, { IN_MODIFY, "MODIFY" }, { IN_ATTRIB, "ATTRIB" },
	{ IN_CLOSE_WRITE, "CLOSE_WRITE" }, { IN_CLOSE_NOWRITE, "CLOSE_NOWRITE" },
	{ IN_OPEN, "OPEN" }, { IN_MOVED_FROM, "MOVED_FROM" }, { IN_MOVED_TO, "MOVED_TO" },
	{ IN_CREATE, "CREATE" }, { IN_DELETE, "DELETE" }, { IN_DELETE_SELF, "DELETE_SELF" },
	{ IN_MOVE_SELF, "MOVE_SELF" }, { IN_UNMOUNT, "UNMOUNT" }, { IN_Q_OVERFLOW, "OVERFLOW" },
	{ IN_IGNORED, "IGNORED" }, { IN_ISDIR, "ISDIR" } };

static void print(const struct inotify_event *event)
{
	static uint32_t last_cookie;

	printf("  %s", event->wd == dir_wd    ? "dir"
		       : event->wd == file_wd ? "file"
		       : event->wd == sub_wd  ? "sub"
		       : event->wd == -1      ? "none"
					      : "other");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (event->mask & names[i].bit)
			printf(" %s", names[i].name);
	if (event->len)
		printf(" \"%s\" (%u)", event->name, event->len);
	if (event->cookie)
		printf(" cookie %s", event->cookie == last_cookie ? "the same" : "new");
	last_cookie = event->cookie;
	printf("\n");
}

/* What has come since the last time. */
static void events(const char *what)
{
	static char room[65536] __attribute__((aligned(8)));
	ssize_t n = read(fd, room, sizeof(room));

	printf("%s:\n", what);
	for (ssize_t at = 0; at < n;) {
		struct inotify_event *event = (struct inotify_event *)(room + at);

		print(event);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}

static void files(void)
{
	struct timespec times[2] = { { 1, 0 }, { 2, 0 } };
	char byte = 'x';
	int file;

	file = open("dir/file", O_RDWR | O_CREAT | O_TRUNC, 0644);
	events("created");
	file_wd = inotify_add_watch(fd, "dir/file", IN_ALL_EVENTS);
	write(file, "hello", 5);
	events("written");
	write(file, "hello", 5);
	pwrite(file, "hello", 5, 100);
	events("written twice: once");
	read(file, &byte, 1);
	pread(file, &byte, 1, 0);
	events("read");
	read(file, &byte, 0);
	lseek(file, 0, SEEK_SET);
	events("nothing done");
	ftruncate(file, 10);
	events("ftruncate");
	truncate("dir/file", 5);
	events("truncate");
	fallocate(file, 0, 0, 100);
	events("fallocate");
	fchmod(file, 0600);
	events("fchmod");
	chmod("dir/file", 0644);
	chown("dir/file", 0, 0);
	events("chmod, chown");
	utimensat(AT_FDCWD, "dir/file", times, 0);
	events("both times");
	times[0].tv_nsec = UTIME_OMIT;
	utimensat(AT_FDCWD, "dir/file", times, 0);
	events("mtime");
	times[0].tv_nsec = 0;
	times[1].tv_nsec = UTIME_OMIT;
	utimensat(AT_FDCWD, "dir/file", times, 0);
	events("atime");
	close(file);
	events("closed");
	close(open("dir/file", O_RDONLY));
	events("opened to read");
	close(open("dir/file", O_WRONLY | O_TRUNC));
	events("opened with O_TRUNC");
	close(open("dir/file", O_PATH));
	events("a path");
	file = open("dir/file", O_RDWR);
	ftruncate(file, 4096);
	events("again");
	byte = *(volatile char *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	events("mapped, closed");
	access("dir/file", R_OK);
	stat("dir/file", &(struct stat){ 0 });
	events("looked at");
}

static void hard_links(void)
{
	int file;

	link("dir/file", "dir/second");
	events("linked");
	file = open("dir/second", O_RDONLY);
	events("opened by the other name");
	unlink("dir/second");
	events("one name removed");
	close(file);
	events("closed");
}

static void moves(void)
{
	rename("dir/file", "dir/moved");
	events("renamed");
	rename("dir/moved", "elsewhere");
	events("moved out");
	rename("elsewhere", "dir/file");
	events("moved in");
	rename("dir/file", "dir/file");
	events("onto itself");
	close(open("dir/victim", O_CREAT | O_WRONLY, 0644));
	events("a victim");
	rename("dir/victim", "dir/file");
	events("the watched file replaced");
	close(open("dir/other", O_CREAT | O_WRONLY, 0644));
	file_wd = inotify_add_watch(fd, "dir/file", IN_ALL_EVENTS);
	events("watched again");
	syscall(SYS_renameat2, AT_FDCWD, "dir/file", AT_FDCWD, "dir/other", 2);
	events("exchanged");
}

static void removal(void)
{
	int file;

	unlink("dir/other");
	events("the watched file removed");
	close(open("dir/file", O_CREAT | O_WRONLY, 0644));
	file_wd = inotify_add_watch(fd, "dir/file", IN_ALL_EVENTS);
	events("another");
	file = open("dir/file", O_RDWR);
	unlink("dir/file");
	events("removed, still open");
	write(file, "x", 1);
	events("still written");
	fchmod(file, 0600);
	close(file);
	events("closed");
}

static void directories(void)
{
	DIR *dir;

	mkdir("dir/sub", 0755);
	events("mkdir");
	sub_wd = inotify_add_watch(fd, "dir/sub", IN_ALL_EVENTS);
	dir = opendir("dir/sub");
	while (readdir(dir))
		;
	closedir(dir);
	events("listed");
	chmod("dir/sub", 0700);
	events("chmod");
	symlink("target", "dir/link");
	mkfifo("dir/fifo", 0600);
	mknod("dir/null", S_IFCHR | 0666, 0x103);
	events("others made");
	write(open("dir/null", O_WRONLY), "x", 1);
	events("a device written");
	close(open("dir/sub/inner", O_CREAT | O_WRONLY, 0644));
	events("a file in the directory in it");
	rename("dir/sub/inner", "dir/inner");
	events("moved up");
	rename("dir/sub", "dir/bus");
	events("a directory renamed");
	rmdir("dir/bus");
	events("rmdir");
	unlink("dir/inner");
	unlink("dir/link");
	unlink("dir/fifo");
	events("removed");
}

/* A program that is started is read. */
static void programs(void)
{
	char text[4096];
	ssize_t n;
	int in = open("/proc/self/exe", O_RDONLY), out;

	out = open("dir/prog", O_CREAT | O_WRONLY, 0755);
	while ((n = read(in, text, sizeof(text))) > 0)
		write(out, text, (size_t)n);
	close(out);
	close(in);
	events("a program");
	fflush(stdout);
	if (fork() == 0) {
		execl("dir/prog", "prog", "run", NULL);
		_exit(1);
	}
	wait(NULL);
	events("executed");
	unlink("dir/prog");
	events("removed");
}

static void unlinked_names(void)
{
	int file, wd = inotify_add_watch(fd, "dir", IN_ALL_EVENTS | IN_EXCL_UNLINK);

	printf("the same watch: %d\n", wd == dir_wd);
	file = open("dir/gone", O_CREAT | O_RDWR, 0644);
	write(file, "x", 1);
	unlink("dir/gone");
	write(file, "y", 1);
	close(file);
	events("not told of what has no name");
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2)
		return 0;
	mkdir("dir", 0755);
	fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	dir_wd = inotify_add_watch(fd, "dir", IN_ALL_EVENTS);
	printf("fd %d wd %d\n", fd >= 0, dir_wd);
	files();
	hard_links();
	moves();
	removal();
	directories();
	programs();
	unlinked_names();
	unlink("dir/null");
	SHOW(rmdir("dir"));
	events("the end");
	return 0;
}
