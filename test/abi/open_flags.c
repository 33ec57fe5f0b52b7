/* open(2): each flag, each error. */
#include "show.h"

static void show_open(const char *call, int fd)
{
	struct stat st;

	if (fd < 0) {
		printf("%s = -1 %s\n", call, strerror(errno));
		return;
	}
	fstat(fd, &st);
	printf("%s = fd, type %o, size %ld, flags %#o, cloexec %d\n", call, st.st_mode & S_IFMT,
		S_ISREG(st.st_mode) ? (long)st.st_size : 0,
		fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK), fcntl(fd, F_GETFD));
	close(fd);
}
#define OPEN(...) show_open("open(" #__VA_ARGS__ ")", open(__VA_ARGS__))

int main(void)
{
	char longname[300];

	OPEN("f", O_RDONLY);
	OPEN("f", O_WRONLY | O_CREAT | O_EXCL, 0600);
	OPEN("f", O_WRONLY | O_CREAT | O_EXCL, 0600);
	OPEN("f", O_WRONLY | O_CREAT, 0600);
	OPEN("f", O_RDWR | O_APPEND | O_NONBLOCK | O_CLOEXEC);
	SHOW(truncate("f", 100));
	OPEN("f", O_RDONLY);
	OPEN("f", O_RDWR | O_TRUNC);
	OPEN("f", O_RDONLY | O_DIRECTORY);
	OPEN("f/", O_RDONLY);
	OPEN("f/x", O_RDONLY);
	OPEN("g/", O_WRONLY | O_CREAT, 0600);
	SHOW(mkdir("d", 0755));
	OPEN("d", O_RDONLY);
	OPEN("d", O_RDONLY | O_DIRECTORY);
	OPEN("d", O_WRONLY);
	OPEN("d", O_RDWR);
	OPEN("d", O_RDONLY | O_CREAT, 0600);
	OPEN("d/", O_RDONLY);
	OPEN("d/../f", O_RDONLY);
	OPEN("d/./../d//../f", O_RDONLY);
	OPEN("missing/f", O_WRONLY | O_CREAT, 0600);
	OPEN("", O_RDONLY);
	OPEN("/", O_RDONLY);
	OPEN("/..", O_RDONLY);
	OPEN("//tmp", O_RDONLY);

	SHOW(symlink("f", "link"));
	SHOW(symlink("loop", "loop"));
	SHOW(symlink("nowhere", "dangling"));
	SHOW(symlink("d", "dirlink"));
	OPEN("link", O_RDONLY);
	OPEN("link", O_RDONLY | O_NOFOLLOW);
	OPEN("loop", O_RDONLY);
	OPEN("dangling", O_RDONLY);
	OPEN("dangling", O_WRONLY | O_CREAT | O_EXCL, 0600);
	OPEN("dirlink", O_RDONLY | O_DIRECTORY);
	OPEN("dirlink", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	OPEN("dirlink/", O_RDONLY | O_NOFOLLOW);
	OPEN("dangling", O_WRONLY | O_CREAT, 0600);
	OPEN("nowhere", O_RDONLY);

	memset(longname, 'x', sizeof(longname));
	longname[256] = '\0';
	OPEN(longname, O_WRONLY | O_CREAT, 0600);
	longname[255] = '\0';
	OPEN(longname, O_WRONLY | O_CREAT, 0600);
	OPEN("f", O_PATH);
	OPEN("/dev/null", O_WRONLY | O_TRUNC);
	SHOW(openat(99, "f", O_RDONLY));
	SHOW(openat(99, "/dev/null", O_RDONLY) >= 0);
	SHOW(creat("d", 0600));
	return 0;
}
