/* copy_file_range and sendfile. */
#define _GNU_SOURCE
#include "show.h"

#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

static void show_file(const char *path)
{
	char text[64];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text));

	printf("  %s: \"", path);
	for (ssize_t i = 0; i < n; i++)
		putchar(text[i] ? text[i] : '.');
	puts("\"");
	close(fd);
}

static void copies(void)
{
	int in = open("in", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int out = open("out", O_RDWR | O_CREAT | O_TRUNC, 0600), other, dir, append, reader,
	    ends[2];
	static char big[300000];
	off_t from = 7, to = 2, far = 1l << 62, negative = -5;

	write(in, "hello, world", 12);
	SHOW(copy_file_range(in, NULL, out, NULL, 100, 0));
	lseek(in, 0, SEEK_SET);
	SHOW(copy_file_range(in, NULL, out, NULL, 5, 0));
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(lseek(out, 0, SEEK_CUR));
	show_file("out");
	SHOW(copy_file_range(in, &from, out, &to, 100, 0));
	SHOW(from);
	SHOW(to);
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(lseek(out, 0, SEEK_CUR));
	show_file("out");
	SHOW(copy_file_range(in, &from, out, &to, 100, 0));
	/* Behind the end of the target; within one file. */
	from = 0;
	to = 20;
	SHOW(copy_file_range(in, &from, out, &to, 3, 0));
	show_file("out");
	from = 0;
	to = 6;
	SHOW(copy_file_range(in, &from, in, &to, 6, 0));
	show_file("in");
	from = 0;
	to = 3;
	SHOW(copy_file_range(in, &from, in, &to, 6, 0));
	from = 0;
	to = 0;
	SHOW(copy_file_range(in, &from, in, &to, 0, 0));
	memset(big, 'x', sizeof(big));
	pwrite(in, big, sizeof(big), 0);
	from = to = 0;
	SHOW(copy_file_range(in, &from, out, &to, sizeof(big), 0));
	SHOW(lseek(out, 0, SEEK_END));

	puts("-- failures");
	dir = open(".", O_RDONLY);
	append = open("out", O_WRONLY | O_APPEND);
	reader = open("out", O_RDONLY);
	pipe(ends);
	from = to = 0;
	SHOW(copy_file_range(in, NULL, out, NULL, 10, 1));
	SHOW(copy_file_range(99, NULL, out, NULL, 10, 0));
	SHOW(copy_file_range(in, NULL, 99, NULL, 10, 0));
	SHOW(copy_file_range(in, (void *)8, out, NULL, 10, 0));
	SHOW(copy_file_range(in, NULL, out, (void *)8, 10, 0));
	SHOW(copy_file_range(in, &negative, out, NULL, 10, 0));
	SHOW(copy_file_range(dir, NULL, out, NULL, 10, 0));
	SHOW(copy_file_range(in, NULL, dir, NULL, 10, 0));
	SHOW(copy_file_range(ends[0], NULL, out, NULL, 10, 0));
	SHOW(copy_file_range(in, NULL, ends[1], NULL, 10, 0));
	SHOW(copy_file_range(in, &from, append, NULL, 10, 0));
	SHOW(copy_file_range(in, &from, reader, NULL, 10, 0));
	other = open("in", O_WRONLY);
	SHOW(copy_file_range(other, &from, out, NULL, 10, 0));
	SHOW(copy_file_range(in, &from, out, &far, 1ul << 63, 0));
	close(other);
	mkdir("m", 0755);
	mount("none", "m", "tmpfs", 0, NULL);
	other = open("m/f", O_RDWR | O_CREAT, 0600);
	SHOW(copy_file_range(in, &from, other, NULL, 10, 0));
	close(other);
	umount("m");
	close(in);
	close(out);
}

static void sends(void)
{
	int in = open("in", O_RDWR | O_TRUNC), out = open("out", O_RDWR | O_TRUNC);
	int pair[2], ends[2], append = open("out", O_WRONLY | O_APPEND);
	off_t offset = 4;
	char text[32];

	puts("-- sendfile");
	write(in, "hello, world", 12);
	lseek(in, 0, SEEK_SET);
	SHOW(sendfile(out, in, NULL, 5));
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(sendfile(out, in, &offset, 100));
	SHOW(offset);
	SHOW(lseek(in, 0, SEEK_CUR));
	show_file("out");
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	offset = 0;
	SHOW(sendfile(pair[0], in, &offset, 100));
	SHOW(read(pair[1], text, sizeof(text)));
	pipe(ends);
	offset = 0;
	SHOW(sendfile(ends[1], in, &offset, 100));
	SHOW(read(ends[0], text, sizeof(text)));
	SHOW(sendfile(out, ends[0], NULL, 10));
	SHOW(sendfile(append, in, NULL, 10));
	SHOW(sendfile(out, in, (void *)8, 10));
	SHOW(sendfile(99, in, NULL, 10));
	SHOW(sendfile(out, 99, NULL, 10));
	offset = -1;
	SHOW(sendfile(out, in, &offset, 10));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	copies();
	sends();
	return 0;
}
