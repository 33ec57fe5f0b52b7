/* splice: files, pipes and sockets with pipes; offsets, flags, ends, failures. */
#define _GNU_SOURCE
#include "show.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

static int in[2], out[2];

static void pipes(void)
{
	pipe(in);
	pipe(out);
}

static void close_pipes(void)
{
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
}

static void show_text(int fd)
{
	char text[64];
	ssize_t n = read(fd, text, sizeof(text));

	printf("  \"%.*s\"\n", n > 0 ? (int)n : 0, text);
}

static void files(void)
{
	int file = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600), copy;
	static char big[200000];
	off_t offset = 3;
	ssize_t n, total = 0;

	puts("-- files");
	pipes();
	write(file, "hello, world", 12);
	SHOW(splice(file, NULL, in[1], NULL, 100, 0));
	lseek(file, 0, SEEK_SET);
	SHOW(splice(file, NULL, in[1], NULL, 5, 0));
	SHOW(lseek(file, 0, SEEK_CUR));
	show_text(in[0]);
	SHOW(splice(file, &offset, in[1], NULL, 100, SPLICE_F_MOVE | SPLICE_F_MORE));
	SHOW(offset);
	SHOW(lseek(file, 0, SEEK_CUR));
	/* Into a file, at an offset and at its position. */
	copy = open("g", O_RDWR | O_CREAT | O_TRUNC, 0600);
	offset = 2;
	SHOW(splice(in[0], NULL, copy, &offset, 4, 0));
	SHOW(offset);
	SHOW(splice(in[0], NULL, copy, NULL, 100, 0));
	SHOW(lseek(copy, 0, SEEK_CUR));
	lseek(copy, 0, SEEK_SET);
	show_text(copy);
	/* As much as fits in a pipe. */
	memset(big, 'b', sizeof(big));
	pwrite(file, big, sizeof(big), 0);
	lseek(file, 0, SEEK_SET);
	SHOW(splice(file, NULL, in[1], NULL, sizeof(big), 0));
	SHOW(splice(file, NULL, in[1], NULL, sizeof(big), SPLICE_F_NONBLOCK));
	SHOW(lseek(file, 0, SEEK_CUR));
	ftruncate(copy, 0);
	lseek(copy, 0, SEEK_SET);
	SHOW(splice(in[0], NULL, copy, NULL, sizeof(big), 0));
	SHOW(splice(in[0], NULL, copy, NULL, sizeof(big), SPLICE_F_NONBLOCK));
	/* All of it, through the pipe. */
	lseek(file, 0, SEEK_SET);
	lseek(copy, 0, SEEK_SET);
	while ((n = splice(file, NULL, in[1], NULL, sizeof(big), 0)) > 0)
		while (n > 0) {
			ssize_t put = splice(in[0], NULL, copy, NULL, (size_t)n, 0);

			total += put;
			n -= put;
		}
	SHOW(total);
	SHOW(lseek(copy, 0, SEEK_END));
	close(copy);
	close(file);
	close_pipes();
}

static void ends(void)
{
	puts("-- ends");
	pipes();
	write(in[1], "abc", 3);
	close(in[1]);
	SHOW(splice(in[0], NULL, out[1], NULL, 10, 0));
	SHOW(splice(in[0], NULL, out[1], NULL, 10, 0));
	show_text(out[0]);
	close(out[0]);
	signal(SIGPIPE, SIG_IGN);
	in[1] = open("f", O_RDONLY);
	SHOW(splice(in[1], NULL, out[1], NULL, 10, 0));
	signal(SIGPIPE, SIG_DFL);
	fflush(stdout);
	if (fork() == 0) {
		splice(in[1], NULL, out[1], NULL, 10, 0);
		_exit(0);
	}
	int status;

	wait(&status);
	printf("ended by %d\n", WTERMSIG(status));
	out[0] = dup(0);
	close_pipes();
}

static void between_pipes(void)
{
	static char fill[65536];
	int status;

	puts("-- between pipes");
	pipes();
	write(in[1], "hello, world", 12);
	SHOW(splice(in[0], NULL, out[1], NULL, 5, 0));
	SHOW(splice(in[0], NULL, out[1], NULL, 100, 0));
	show_text(out[0]);
	SHOW(splice(in[0], NULL, out[1], NULL, 100, SPLICE_F_NONBLOCK));
	write(in[1], "x", 1);
	write(out[1], fill, sizeof(fill));
	SHOW(splice(in[0], NULL, out[1], NULL, 100, SPLICE_F_NONBLOCK));
	show_text(in[0]);
	/* One that waits, for bytes and for room. */
	fflush(stdout);
	if (fork() == 0) {
		usleep(10000);
		write(in[1], "later", 5);
		usleep(10000);
		read(out[0], fill, sizeof(fill));
		_exit(0);
	}
	SHOW(splice(in[0], NULL, out[1], NULL, 100, 0));
	wait(&status);
	show_text(out[0]);
	close_pipes();
}

static void sockets(void)
{
	int pair[2], flags;

	puts("-- sockets");
	pipes();
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	write(pair[0], "from a socket", 13);
	SHOW(splice(pair[1], NULL, in[1], NULL, 100, 0));
	show_text(in[0]);
	write(in[1], "to a socket", 11);
	SHOW(splice(in[0], NULL, pair[0], NULL, 100, 0));
	show_text(pair[1]);
	flags = fcntl(pair[1], F_GETFL);
	fcntl(pair[1], F_SETFL, flags | O_NONBLOCK);
	SHOW(splice(pair[1], NULL, in[1], NULL, 100, 0));
	close(pair[0]);
	SHOW(splice(pair[1], NULL, in[1], NULL, 100, 0));
	close(pair[1]);
	close_pipes();
}

static void failures(void)
{
	int file = open("f", O_RDWR), append = open("f", O_WRONLY | O_APPEND), dir;
	int event = eventfd(0, 0), reader = open("f", O_RDONLY);
	off_t offset = 0, negative = -1;

	puts("-- failures");
	dir = open(".", O_RDONLY);
	pipes();
	SHOW(splice(file, NULL, file, NULL, 10, 0));
	SHOW(splice(in[0], NULL, in[1], NULL, 10, 0));
	SHOW(splice(in[0], &offset, file, NULL, 10, 0));
	SHOW(splice(file, NULL, in[1], &offset, 10, 0));
	SHOW(splice(in[0], &offset, out[1], NULL, 10, 0));
	SHOW(splice(file, &negative, in[1], NULL, 10, 0));
	SHOW(splice(file, (void *)8, in[1], NULL, 10, 0));
	SHOW(splice(file, NULL, in[1], NULL, 10, 16));
	SHOW(splice(file, NULL, in[1], NULL, 0, 16));
	SHOW(splice(99, NULL, in[1], NULL, 10, 0));
	SHOW(splice(file, NULL, 99, NULL, 10, 0));
	SHOW(splice(file, NULL, in[0], NULL, 10, 0));
	SHOW(splice(in[1], NULL, file, NULL, 10, 0));
	write(in[1], "kept", 4);
	SHOW(splice(in[0], NULL, append, NULL, 10, 0));
	SHOW(splice(in[0], NULL, reader, NULL, 10, 0));
	SHOW(splice(in[0], NULL, event, NULL, 10, 0));
	SHOW(splice(event, NULL, in[1], NULL, 10, SPLICE_F_NONBLOCK));
	SHOW(splice(dir, NULL, in[1], NULL, 10, 0));
	show_text(in[0]);
	close_pipes();
}

/* Nothing is lost where the receiver takes less. */
static void refused(void)
{
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING);

	puts("-- refused");
	pipes();
	ftruncate(fd, 4096);
	fcntl(fd, F_ADD_SEALS, F_SEAL_GROW);
	write(in[1], "precious", 8);
	lseek(fd, 4096, SEEK_SET);
	SHOW(splice(in[0], NULL, fd, NULL, 8, 0));
	show_text(in[0]);
	close(fd);
	close_pipes();
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	files();
	ends();
	between_pipes();
	sockets();
	failures();
	refused();
	return 0;
}
