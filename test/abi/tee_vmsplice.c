/* tee and vmsplice. */
#define _GNU_SOURCE
#include "show.h"

#include <signal.h>
#include <sys/uio.h>
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

static void tees(void)
{
	static char fill[65536];
	int file;

	puts("-- tee");
	pipes();
	write(in[1], "hello", 5);
	SHOW(tee(in[0], out[1], 3, 0));
	SHOW(tee(in[0], out[1], 100, 0));
	show_text(out[0]);
	show_text(in[0]);
	SHOW(tee(in[0], out[1], 100, SPLICE_F_NONBLOCK));
	write(in[1], "x", 1);
	write(out[1], fill, sizeof(fill));
	SHOW(tee(in[0], out[1], 100, SPLICE_F_NONBLOCK));
	read(out[0], fill, sizeof(fill));
	fcntl(out[1], F_SETFL, O_NONBLOCK);
	read(in[0], fill, 1);
	SHOW(tee(in[0], out[1], 100, 0));
	fcntl(out[1], F_SETFL, 0);
	fflush(stdout);
	if (fork() == 0) {
		usleep(10000);
		write(in[1], "later", 5);
		_exit(0);
	}
	SHOW(tee(in[0], out[1], 100, 0));
	wait(NULL);
	show_text(out[0]);
	show_text(in[0]);
	close(in[1]);
	SHOW(tee(in[0], out[1], 100, 0));
	in[1] = dup(0);
	close_pipes();
	pipes();
	file = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
	SHOW(tee(in[0], in[1], 10, 0));
	SHOW(tee(file, in[1], 10, 0));
	SHOW(tee(in[0], file, 10, 0));
	SHOW(tee(in[1], out[1], 10, 0));
	SHOW(tee(in[0], out[0], 10, 0));
	SHOW(tee(99, out[1], 10, 0));
	SHOW(tee(in[0], 99, 10, 0));
	SHOW(tee(in[0], out[1], 10, 16));
	SHOW(tee(in[0], out[1], 0, 0));
	write(in[1], "y", 1);
	close(out[0]);
	signal(SIGPIPE, SIG_IGN);
	SHOW(tee(in[0], out[1], 10, 0));
	signal(SIGPIPE, SIG_DFL);
	out[0] = dup(0);
	close_pipes();
	close(file);
}

static void vmsplices(void)
{
	static char memory[3 * 65536] __attribute__((aligned(4096))), back[64];
	struct iovec pieces[3] = { { "one ", 4 }, { NULL, 0 }, { "two", 3 } };
	struct iovec large = { memory, sizeof(memory) }, bad = { (void *)8, 10 };
	struct iovec into[2] = { { back, 4 }, { back + 8, 20 } };
	int file = open("f", O_RDWR);

	puts("-- vmsplice");
	pipes();
	SHOW(vmsplice(in[1], pieces, 3, 0));
	SHOW(vmsplice(in[0], into, 2, 0));
	printf("  \"%.4s\" \"%.3s\"\n", back, back + 8);
	SHOW(vmsplice(in[0], into, 2, SPLICE_F_NONBLOCK));
	SHOW(vmsplice(in[1], &large, 1, 0));
	SHOW(vmsplice(in[1], &large, 1, SPLICE_F_NONBLOCK));
	SHOW(read(in[0], memory, sizeof(memory)));
	SHOW(vmsplice(in[1], pieces, 0, 0));
	SHOW(vmsplice(in[1], &pieces[1], 1, 0));
	SHOW(vmsplice(in[1], pieces, 1025, 0));
	SHOW(vmsplice(in[1], (void *)8, 1, 0));
	SHOW(vmsplice(in[1], &bad, 1, 0));
	SHOW(vmsplice(file, pieces, 1, 0));
	SHOW(vmsplice(99, pieces, 1, 0));
	SHOW(vmsplice(in[1], pieces, 1, 16));
	close(in[0]);
	signal(SIGPIPE, SIG_IGN);
	SHOW(vmsplice(in[1], pieces, 1, 0));
	in[0] = dup(0);
	close_pipes();
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	tees();
	vmsplices();
	return 0;
}
