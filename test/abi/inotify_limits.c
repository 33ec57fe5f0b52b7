/* How to watch, how much of it, reading, and every failure. */
#define _GNU_SOURCE
#include "show.h"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>

#ifndef IN_MASK_CREATE
#define IN_MASK_CREATE 0x10000000
#endif

static int fd;

static void touch(const char *path)
{
	close(open(path, O_CREAT | O_WRONLY, 0644));
}

/* What has come: number, mask, name of each. */
static void events(const char *what)
{
	static char room[65536] __attribute__((aligned(8)));
	ssize_t n = read(fd, room, sizeof(room));

	printf("%s:", what);
	for (ssize_t at = 0; at < n;) {
		struct inotify_event *event = (struct inotify_event *)(room + at);

		printf(" %d %#x%s%s", event->wd > 7 ? 0 : event->wd, event->mask,
			event->len ? " " : "", event->len ? event->name : "");
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	printf("%s\n", n < 0 ? " nothing" : "");
}

static void masks(void)
{
	int wd;

	touch("f");
	wd = SHOW(inotify_add_watch(fd, "f", IN_OPEN));
	SHOW(inotify_add_watch(fd, "f", IN_CLOSE | IN_MASK_ADD) == wd);
	close(open("f", O_RDONLY));
	events("both");
	SHOW(inotify_add_watch(fd, "f", IN_ATTRIB) == wd);
	close(open("f", O_RDONLY));
	chmod("f", 0600);
	events("the other alone");
	SHOW(inotify_add_watch(fd, "f", IN_OPEN | IN_MASK_CREATE));
	SHOW(inotify_add_watch(fd, "f", IN_OPEN | IN_MASK_CREATE | IN_MASK_ADD));
	SHOW(inotify_rm_watch(fd, wd));
	events("removed");
	SHOW(inotify_rm_watch(fd, wd));
	SHOW(inotify_add_watch(fd, "f", IN_OPEN | IN_MASK_CREATE));
	/* Another name of the same file is the same watch. */
	link("f", "g");
	SHOW(inotify_add_watch(fd, "g", IN_OPEN));
	unlink("g");
	SHOW(inotify_rm_watch(fd, 2));
	events("removed");
	SHOW(inotify_add_watch(fd, "f", IN_OPEN | IN_ONESHOT));
	close(open("f", O_RDONLY));
	close(open("f", O_RDONLY));
	events("one shot");
	SHOW(inotify_rm_watch(fd, 3));
	symlink("f", "l");
	mkdir("d", 0755);
	SHOW(inotify_add_watch(fd, "f", IN_OPEN | IN_ONLYDIR));
	SHOW(inotify_add_watch(fd, "d", IN_CREATE | IN_ONLYDIR));
	SHOW(inotify_add_watch(fd, "l", IN_OPEN | IN_DONT_FOLLOW));
	SHOW(inotify_add_watch(fd, "l", IN_OPEN));
	close(open("l", O_RDONLY));
	events("through a link");
	SHOW(inotify_rm_watch(fd, 4));
	SHOW(inotify_rm_watch(fd, 5));
	SHOW(inotify_rm_watch(fd, 6));
	events("removed");
	unlink("l");
	rmdir("d");
}

static void failures(void)
{
	int null = open("/dev/null", O_RDWR);
	char path[5000];

	SHOW(inotify_init1(1));
	SHOW(inotify_add_watch(fd, "f", 0));
	SHOW(inotify_add_watch(fd, "f", 0x00800000));
	SHOW(inotify_add_watch(fd, "f", IN_OPEN | 0x00800000));
	SHOW(inotify_add_watch(fd, "missing", IN_OPEN));
	SHOW(inotify_add_watch(fd, "f/x", IN_OPEN));
	SHOW(inotify_add_watch(fd, "", IN_OPEN));
	SHOW(inotify_add_watch(fd, (char *)8, IN_OPEN));
	memset(path, 'x', sizeof(path));
	path[4999] = '\0';
	SHOW(inotify_add_watch(fd, path, IN_OPEN));
	SHOW(inotify_add_watch(null, "f", IN_OPEN));
	SHOW(inotify_add_watch(99, "f", IN_OPEN));
	SHOW(inotify_rm_watch(null, 1));
	SHOW(inotify_rm_watch(99, 1));
	SHOW(inotify_rm_watch(fd, 12345));
	SHOW(inotify_rm_watch(fd, -1));
	chmod("f", 0200);
	fflush(stdout);
	if (fork() == 0) {
		setuid(1000);
		SHOW(inotify_add_watch(fd, "f", IN_OPEN));
		_exit(0);
	}
	wait(NULL);
	chmod("f", 0644);
	close(null);
}

static void reading(void)
{
	struct pollfd one = { fd, POLLIN | POLLOUT, 0 };
	char room[64] __attribute__((aligned(8)));
	int bytes = -1, wd = inotify_add_watch(fd, ".", IN_CREATE | IN_DELETE);

	SHOW(poll(&one, 1, 0));
	SHOW(ioctl(fd, FIONREAD, &bytes));
	SHOW(bytes);
	touch("one");
	touch("seventeen letters");
	SHOW(poll(&one, 1, 0));
	SHOW(one.revents);
	SHOW(ioctl(fd, FIONREAD, &bytes));
	SHOW(bytes);
	SHOW(read(fd, room, 16));
	SHOW(read(fd, room, 40));
	SHOW(read(fd, room, 40));
	SHOW(read(fd, room, 64));
	SHOW(read(fd, room, 64));
	SHOW(write(fd, room, 1));
	touch("two");
	SHOW(read(fd, (void *)8, 64));
	SHOW(ioctl(fd, FIONREAD, &bytes));
	SHOW(bytes);
	/* A reader that waits. */
	fcntl(fd, F_SETFL, 0);
	fflush(stdout);
	if (fork() == 0) {
		usleep(10000);
		touch("three");
		_exit(0);
	}
	SHOW(read(fd, room, 64));
	wait(NULL);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	unlink("one");
	unlink("seventeen letters");
	unlink("two");
	unlink("three");
	inotify_rm_watch(fd, wd);
	events("the rest");
}

static long get_limit(const char *name)
{
	char path[96], text[32];
	ssize_t n;
	int in;

	snprintf(path, sizeof(path), "/proc/sys/fs/inotify/%s", name);
	in = open(path, O_RDONLY);
	n = read(in, text, sizeof(text) - 1);
	close(in);
	text[n > 0 ? n : 0] = '\0';
	return atol(text);
}

static void set_limit(const char *name, long value)
{
	char path[96], text[32];
	int out, n = snprintf(text, sizeof(text), "%ld\n", value);

	snprintf(path, sizeof(path), "/proc/sys/fs/inotify/%s", name);
	out = open(path, O_WRONLY);
	printf("%s set: %d\n", name, write(out, text, (size_t)n) == n);
	close(out);
}

static void limits(void)
{
	long queued = get_limit("max_queued_events"), watches = get_limit("max_user_watches");
	long instances = get_limit("max_user_instances");
	int others[200], n, wd, before;
	char name[32];

	printf("limits %ld %ld %d\n", queued, instances, watches > 0);
	for (n = 0; n < 200 && (others[n] = inotify_init1(0)) >= 0; n++)
		;
	printf("instances: all but this %d, %s\n", n == instances - 1, strerror(errno));
	while (n > 0)
		close(others[--n]);
	SHOW(close(inotify_init1(0)));

	set_limit("max_user_watches", 3);
	for (n = 0; n < 4; n++) {
		snprintf(name, sizeof(name), "w%d", n);
		touch(name);
		printf("watch %d: %s\n", n,
			inotify_add_watch(fd, name, IN_OPEN) >= 0 ? "ok" : strerror(errno));
	}
	for (n = 0; n < 4; n++) {
		snprintf(name, sizeof(name), "w%d", n);
		unlink(name);
	}
	events("they end");
	wd = inotify_add_watch(fd, "f", IN_OPEN);
	SHOW(inotify_rm_watch(fd, wd));
	set_limit("max_user_watches", watches);
	events("room again");

	set_limit("max_queued_events", 4);
	wd = inotify_add_watch(fd, ".", IN_CREATE);
	before = fd;
	fd = inotify_init1(IN_NONBLOCK);
	inotify_add_watch(fd, ".", IN_CREATE);
	for (n = 0; n < 8; n++) {
		snprintf(name, sizeof(name), "q%d", n);
		touch(name);
	}
	events("too many");
	touch("after");
	events("and on");
	close(fd);
	fd = before;
	events("made before");
	set_limit("max_queued_events", queued);
	for (n = 0; n < 8; n++) {
		snprintf(name, sizeof(name), "q%d", n);
		unlink(name);
	}
	unlink("after");
	inotify_rm_watch(fd, wd);
	events("removed");
}

static void unmounting(void)
{
	mkdir("mnt", 0755);
	SHOW(mount("none", "mnt", "tmpfs", 0, NULL));
	touch("mnt/file");
	SHOW(inotify_add_watch(fd, "mnt", IN_CREATE) > 0);
	SHOW(inotify_add_watch(fd, "mnt/file", IN_OPEN) > 0);
	SHOW(umount("mnt"));
	printf("events %d\n", ({
		char room[256] __attribute__((aligned(8)));
		ssize_t n = read(fd, room, sizeof(room));
		int unmounts = 0, ignored = 0;

		for (ssize_t at = 0; at < n;) {
			struct inotify_event *event = (struct inotify_event *)(room + at);

			unmounts += (event->mask & IN_UNMOUNT) != 0;
			unmounts += event->mask == (IN_UNMOUNT | IN_ISDIR);
			ignored += event->mask == IN_IGNORED;
			at += (ssize_t)(sizeof(*event) + event->len);
		}
		unmounts * 10 + ignored;
	}));
	rmdir("mnt");
}

static void info(void)
{
	char path[64], text[1024], *line;
	ssize_t n;
	int in;

	inotify_add_watch(fd, ".", IN_ALL_EVENTS | IN_EXCL_UNLINK);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	in = open(path, O_RDONLY);
	n = read(in, text, sizeof(text) - 1);
	close(in);
	text[n > 0 ? n : 0] = '\0';
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strncmp(line, "inotify", 7) == 0) {
			char *mask = strstr(line, "mask:");

			*strstr(mask, " ") = '\0';
			*strstr(line, " ino:") = '\0';
			printf("%.10s %s\n", line, mask);
		}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, sizeof(text));
	printf("%.*s\n", (int)n, text);
}

/* It is not the process's: a child's events come too, and it ends with its last user. */
static void shared(void)
{
	int wd = inotify_add_watch(fd, ".", IN_CREATE);

	(void)wd;
	if (fork() == 0) {
		touch("by a child");
		_exit(0);
	}
	wait(NULL);
	close(fd);
	unlink("by a child");
	touch("f");
	unlink("f");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	fd = inotify_init();
	printf("flags %#x cloexec %d\n", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	masks();
	failures();
	reading();
	limits();
	unmounting();
	info();
	shared();
	return 0;
}
