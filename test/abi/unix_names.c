/* Names of AF_UNIX sockets: paths and their nodes, abstract ones, those that come by themselves. */
#include "sockets.h"

static void paths(void)
{
	int a = socket(AF_UNIX, SOCK_STREAM, 0), b = socket(AF_UNIX, SOCK_STREAM, 0);
	struct stat st;

	mkdir("/tmp/names", 0755);
	chdir("/tmp/names");
	umask(022);
	SHOW(bind_to(a, "one"));
	SHOW(lstat("one", &st));
	printf("mode %o links %d\n", st.st_mode, (int)st.st_nlink);
	show_names("one", a);
	SHOW(bind_to(b, "one"));
	SHOW(bind_to(a, "two"));
	SHOW(lstat("two", &st));
	SHOW(bind_to(b, "none/two"));
	SHOW(bind_to(b, "one/two"));
	SHOW(bind_to(b, "two/"));
	SHOW(bind_to(b, "."));
	SHOW(bind_to(b, "/"));
	SHOW(symlink("target", "link"));
	SHOW(bind_to(b, "link"));
	umask(077);
	SHOW(bind_to(b, "two"));
	umask(022);
	SHOW(lstat("two", &st));
	printf("mode %o\n", st.st_mode);
	/* A node is a file among others, and no more. */
	SHOW(open("one", O_RDWR));
	SHOW(open("one", O_RDONLY | O_PATH) > 0);
	SHOW(truncate("one", 0));
	SHOW(access("one", R_OK | W_OK));
	SHOW(chmod("one", 0600));
	SHOW(mknod("made", S_IFSOCK | 0666, 0));
	SHOW(lstat("made", &st));
	printf("mode %o\n", st.st_mode);
	SHOW(connect_to(socket(AF_UNIX, SOCK_STREAM, 0), "made"));
	SHOW(bind_to(socket(AF_UNIX, SOCK_STREAM, 0), "made"));
	close(b);
	b = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(connect_to(b, "two"));
	SHOW(connect_to(b, "one"));
	SHOW(listen(a, 8));
	SHOW(connect_to(b, "one"));
	close(b);
	/* It is the node that counts, not what it is called. */
	SHOW(rename("one", "moved"));
	b = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(connect_to(b, "one"));
	SHOW(connect_to(b, "moved"));
	show_names("client", b);
	close(b);
	SHOW(link("moved", "linked"));
	SHOW(symlink("moved", "symlinked"));
	b = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(connect_to(b, "linked"));
	close(b);
	b = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(connect_to(b, "symlinked"));
	close(b);
	SHOW(unlink("moved"));
	SHOW(unlink("linked"));
	b = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(connect_to(b, "moved"));
	/* A new node of that name is another. */
	SHOW(bind_to(b, "moved"));
	close(b);
	b = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(connect_to(b, "moved"));
	close(open("file", O_CREAT | O_RDWR, 0600));
	SHOW(connect_to(b, "file"));
	SHOW(connect_to(b, "."));
	SHOW(connect_to(b, "/dev/null"));
	SHOW(connect_to(b, "file/x"));
	show_names("one, removed", a);
	close(a);
	close(b);
}

/* Paths of the greatest length, with and without a NUL. */
static void lengths(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX }, got;
	int a = socket(AF_UNIX, SOCK_DGRAM, 0), b = socket(AF_UNIX, SOCK_DGRAM, 0);
	socklen_t bytes = sizeof(got);
	struct stat st;
	char path[120];

	memset(un.sun_path, 'p', sizeof(un.sun_path));
	SHOW(bind(a, (struct sockaddr *)&un, sizeof(un)));
	memset(&got, 0, sizeof(got));
	SHOW(getsockname(a, (struct sockaddr *)&got, &bytes));
	SHOW(bytes);
	SHOW(memcmp(&un, &got, sizeof(un)));
	memset(path, 'p', sizeof(path));
	path[108] = '\0';
	SHOW(stat(path, &st));
	SHOW(connect(b, (struct sockaddr *)&un, sizeof(un)));
	/* What is behind the NUL does not count; where the length cuts, the name ends. */
	memcpy(un.sun_path, "short\0rest", 11);
	SHOW(bind(b, (struct sockaddr *)&un, 30));
	bytes = 5;
	memset(&got, 'x', sizeof(got));
	SHOW(getsockname(b, (struct sockaddr *)&got, &bytes));
	SHOW(bytes);
	printf("%.5s\n", (char *)&got + 2);
	SHOW(stat("short", &st));
	close(a);
	a = socket(AF_UNIX, SOCK_DGRAM, 0);
	memcpy(un.sun_path, "cutoff", 7);
	SHOW(bind(a, (struct sockaddr *)&un, 2 + 3));
	show_names("cut", a);
	SHOW(stat("cut", &st));
	close(a);
	close(b);
}

static void abstract(void)
{
	int a = socket(AF_UNIX, SOCK_STREAM, 0), b = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "\0with\0nul" };

	SHOW(bind(a, (struct sockaddr *)&un, 2 + 9));
	show_names("abstract", a);
	SHOW(bind(b, (struct sockaddr *)&un, 2 + 9));
	/* Each length is another name, and each type has names of its own. */
	SHOW(bind(b, (struct sockaddr *)&un, 2 + 10));
	SHOW(bind(socket(AF_UNIX, SOCK_DGRAM, 0), (struct sockaddr *)&un, 2 + 9));
	SHOW(listen(a, 1));
	SHOW(connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&un, 2 + 9));
	SHOW(connect(socket(AF_UNIX, SOCK_SEQPACKET, 0), (struct sockaddr *)&un, 2 + 9));
	SHOW(connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&un, 2 + 8));
	close(b);
	b = socket(AF_UNIX, SOCK_STREAM, 0);
	/* One NUL is a name, too. */
	SHOW(bind(b, (struct sockaddr *)&un, 2 + 1));
	show_names("one NUL", b);
	close(b);
	/* The name goes with the socket. */
	SHOW(close(a));
	a = socket(AF_UNIX, SOCK_STREAM, 0);
	SHOW(bind(a, (struct sockaddr *)&un, 2 + 9));
	close(a);
}

static int is_automatic(int fd)
{
	struct sockaddr_un un;
	socklen_t bytes = sizeof(un);
	int good = getsockname(fd, (struct sockaddr *)&un, &bytes) == 0 && bytes == 2 + 6 &&
	           un.sun_path[0] == '\0';

	for (int i = 1; good && i < 6; i++)
		good = strchr("0123456789abcdef", un.sun_path[i]) != NULL;
	return good;
}

static void automatic(void)
{
	int a = socket(AF_UNIX, SOCK_DGRAM, 0), b = socket(AF_UNIX, SOCK_DGRAM, 0), on = 1;
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	SHOW(bind(a, (struct sockaddr *)&un, 2));
	SHOW(is_automatic(a));
	SHOW(bind(a, (struct sockaddr *)&un, 2));
	SHOW(bind_to(a, "@other"));
	/* Who wants to know the sender gives a name, too. */
	SHOW(setsockopt(b, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	SHOW(is_automatic(b));
	SHOW(send_to(b, "@none", "x", 1, 0));
	SHOW(is_automatic(b));
	close(a);
	close(b);
	a = socket(AF_UNIX, SOCK_STREAM, 0);
	setsockopt(a, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	SHOW(connect_to(a, "@none"));
	SHOW(is_automatic(a));
	close(a);
}

static void permissions(void)
{
	int l = listener(SOCK_STREAM, "/tmp/names/guarded", 4), c;

	SHOW(chmod("/tmp/names/guarded", 0400));
	if (fork() == 0) {
		setgid(1000);
		setuid(1000);
		c = socket(AF_UNIX, SOCK_STREAM, 0);
		SHOW(connect_to(c, "/tmp/names/guarded"));
		SHOW(bind_to(c, "/tmp/names/mine"));
		SHOW(bind_to(c, "/tmp/names/guarded"));
		_exit(0);
	}
	wait(NULL);
	chmod("/tmp/names/guarded", 0606);
	if (fork() == 0) {
		setgid(1000);
		setuid(1000);
		c = socket(AF_UNIX, SOCK_STREAM, 0);
		SHOW(connect_to(c, "/tmp/names/guarded"));
		_exit(0);
	}
	wait(NULL);
	chmod("/tmp/names", 0700);
	if (fork() == 0) {
		setgid(1000);
		setuid(1000);
		c = socket(AF_UNIX, SOCK_STREAM, 0);
		SHOW(connect_to(c, "/tmp/names/guarded"));
		SHOW(connect_to(c, "/tmp/names/none"));
		_exit(0);
	}
	wait(NULL);
	close(l);
}

int main(void)
{
	paths();
	lengths();
	abstract();
	automatic();
	permissions();
	return 0;
}
