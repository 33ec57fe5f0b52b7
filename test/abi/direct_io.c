/* O_DIRECT where there is none: files in memory, sockets, devices; and other status flags. */
#include "show.h"

#include <sys/socket.h>

static void set(const char *what, int fd)
{
	int flags = fcntl(fd, F_GETFL);

	printf("%s: ", what);
	SHOW(fcntl(fd, F_SETFL, flags | O_DIRECT));
	printf("  %s\n", fcntl(fd, F_GETFL) & O_DIRECT ? "direct" : "not direct");
}

static void status(void)
{
	int pair[2], fd;

	fd = open("file", O_RDWR);
	set("file", fd);
	close(fd);
	fd = open("/dev/null", O_RDWR);
	set("null", fd);
	close(fd);
	fd = open(".", O_RDONLY);
	set("directory", fd);
	close(fd);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	set("socket", pair[0]);
}

static void others(void)
{
	int fd;

	chmod(".", 0777);
	chmod("file", 0666);
	if (setuid(7))
		return;
	SHOW(open("file", O_RDONLY | O_NOATIME));
	SHOW(fd = open("file", O_RDONLY));
	SHOW(fcntl(fd, F_SETFL, O_NOATIME));
	SHOW(fcntl(fd, F_SETFL, O_APPEND));
	SHOW(fcntl(fd, F_GETFL) & (O_APPEND | O_NOATIME));
}

int main(void)
{
	int fd;

	mkdir("direct_io", 0755);
	chdir("direct_io");
	mkfifo("fifo", 0600);
	close(open("file", O_RDWR | O_CREAT, 0600));
	SHOW(open("file", O_RDWR | O_DIRECT));
	SHOW(open("new", O_RDWR | O_CREAT | O_DIRECT, 0600));
	SHOW(access("new", F_OK));
	SHOW(open("file", O_RDWR | O_DIRECT | O_TRUNC));
	SHOW(open(".", O_TMPFILE | O_RDWR | O_DIRECT, 0600));
	SHOW(open(".", O_RDONLY | O_DIRECT));
	SHOW(open("missing", O_RDONLY | O_DIRECT));
	SHOW(open("/dev/null", O_RDWR | O_DIRECT));
	SHOW(open("/dev/zero", O_RDWR | O_DIRECT));
	SHOW(open("/proc/self/status", O_RDONLY | O_DIRECT));
	SHOW(open("fifo", O_RDWR | O_DIRECT));
	SHOW(fd = open("file", O_PATH | O_DIRECT));
	close(fd);
	status();
	others();
	return 0;
}
