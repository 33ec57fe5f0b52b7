#ifndef ABI_SOCKETS_H
#define ABI_SOCKETS_H
/* What the programs about sockets share. */
#include "show.h"

#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

/* An address: a path, or with '@' first an abstract name; its length in *bytes. */
static inline struct sockaddr_un address(const char *name, socklen_t *bytes)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t length = strlen(name);

	memcpy(un.sun_path, name, length < sizeof(un.sun_path) ? length : sizeof(un.sun_path));
	*bytes = offsetof(struct sockaddr_un, sun_path) + length + 1;
	if (name[0] == '@') {
		un.sun_path[0] = '\0';
		(*bytes)--;
	}
	if (*bytes > sizeof(un))
		*bytes = sizeof(un);
	return un;
}

static inline int bind_to(int fd, const char *name)
{
	socklen_t bytes;
	struct sockaddr_un un = address(name, &bytes);

	return bind(fd, (struct sockaddr *)&un, bytes);
}

static inline int connect_to(int fd, const char *name)
{
	socklen_t bytes;
	struct sockaddr_un un = address(name, &bytes);

	return connect(fd, (struct sockaddr *)&un, bytes);
}

static inline long send_to(int fd, const char *name, const void *buf, size_t size, int flags)
{
	socklen_t bytes;
	struct sockaddr_un un = address(name, &bytes);

	return sendto(fd, buf, size, flags, (struct sockaddr *)&un, bytes);
}

/* A bound and listening socket. */
static inline int listener(int type, const char *name, int backlog)
{
	int fd = socket(AF_UNIX, type, 0);

	if (bind_to(fd, name) || listen(fd, backlog))
		return -1;
	return fd;
}

/* "@name", "path", "(none)", with the length. */
static inline void show_address(const char *what, const struct sockaddr_un *un, socklen_t bytes)
{
	size_t length = bytes > 2 ? bytes - 2 : 0;

	printf("%s: family %d, %u bytes: ", what, bytes >= 2 ? un->sun_family : -1,
		(unsigned)bytes);
	for (size_t i = 0; i < length && i < sizeof(un->sun_path); i++)
		putchar(un->sun_path[i] ? un->sun_path[i] : '@');
	puts(length ? "" : "(none)");
	fflush(stdout);
}

static inline void show_names(const char *what, int fd)
{
	struct sockaddr_un un;
	socklen_t bytes = sizeof(un);
	char text[64];

	snprintf(text, sizeof(text), "%s, own", what);
	memset(&un, 'x', sizeof(un));
	if (getsockname(fd, (struct sockaddr *)&un, &bytes))
		printf("%s: %s\n", text, strerror(errno));
	else
		show_address(text, &un, bytes);
	snprintf(text, sizeof(text), "%s, peer", what);
	bytes = sizeof(un);
	if (getpeername(fd, (struct sockaddr *)&un, &bytes))
		printf("%s: %s\n", text, strerror(errno));
	else
		show_address(text, &un, bytes);
	fflush(stdout);
}

static inline void show_poll(const char *what, int fd)
{
	static const struct {
		int bit;
		const char *name;
	} names[] = { { POLLIN, "IN" }, { POLLPRI, "PRI" }, { POLLOUT, "OUT" }, { POLLERR, "ERR" },
		{ POLLHUP, "HUP" }, { POLLRDNORM, "RDNORM" }, { POLLWRNORM, "WRNORM" },
		{ POLLWRBAND, "WRBAND" }, { 0x2000, "RDHUP" } };
	struct pollfd p = { .fd = fd, .events = 0x2fff };

	poll(&p, 1, 0);
	printf("poll %s:", what);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (p.revents & names[i].bit)
			printf(" %s", names[i].name);
	puts("");
	fflush(stdout);
}

/* Wait until the other process, or thread, sleeps in the kernel: /proc says so. */
static inline void until_asleep(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, pid);
	if (access(path, F_OK))
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat", pid);
	while (state_in(path) != 'S')
		usleep(1000);
}

static inline void wait_for(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	if (WIFEXITED(status))
		printf("child: exit %d\n", WEXITSTATUS(status));
	else
		printf("child: signal %d\n", WTERMSIG(status));
	fflush(stdout);
}

#endif
