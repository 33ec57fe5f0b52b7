/* preadv2, pwritev2, readahead, fadvise. */
#define _GNU_SOURCE
#include "show.h"

#include <sys/uio.h>

#define HIPRI  1
#define DSYNC  2
#define SYNC   4
#define NOWAIT 8
#define APPEND 16

static long read2(int fd, const struct iovec *pieces, int count, long offset, int flags)
{
	return syscall(SYS_preadv2, fd, pieces, count, offset, 0l, flags);
}

static long write2(int fd, const struct iovec *pieces, int count, long offset, int flags)
{
	return syscall(SYS_pwritev2, fd, pieces, count, offset, 0l, flags);
}

int main(void)
{
	int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600), ends[2], writer;
	char a[4], b[8], text[64];
	struct iovec out[2] = { { "hello", 5 }, { ", world", 7 } };
	struct iovec in[2] = { { a, sizeof(a) }, { b, sizeof(b) } };
	ssize_t n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	SHOW(write2(fd, out, 2, 0, 0));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(write2(fd, out, 1, -1, 0));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(read2(fd, in, 2, -1, 0));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(read2(fd, in, 2, 2, 0));
	printf("%.4s%.6s\n", a, b);
	SHOW(write2(fd, out, 1, 0, DSYNC));
	SHOW(write2(fd, out, 1, 0, SYNC));
	SHOW(write2(fd, out, 1, 0, SYNC | DSYNC | HIPRI));
	SHOW(read2(fd, in, 1, 0, HIPRI));
	SHOW(read2(fd, in, 1, 0, NOWAIT));
	SHOW(write2(fd, out, 1, 0, NOWAIT));
	SHOW(read2(fd, in, 1, 0, 64));
	SHOW(write2(fd, out, 1, 0, 64));
	/* Behind the end, whatever the offset says. */
	lseek(fd, 3, SEEK_SET);
	SHOW(write2(fd, out, 1, 0, APPEND));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(write2(fd, out, 1, -1, APPEND));
	SHOW(lseek(fd, 0, SEEK_CUR));
	n = pread(fd, text, sizeof(text), 0);
	printf("%.*s\n", (int)n, text);
	SHOW(read2(fd, in, 1, -2, 0));
	SHOW(write2(fd, out, 1, -2, 0));
	SHOW(read2(99, in, 1, 0, 0));
	SHOW(write2(99, out, 1, 0, 0));
	SHOW(read2(fd, (void *)8, 1, 0, 0));
	SHOW(read2(fd, in, 1025, 0, 0));
	SHOW(read2(fd, in, -1, 0, 0));
	writer = open("f", O_WRONLY);
	SHOW(read2(writer, in, 1, 0, 0));
	pipe(ends);
	SHOW(write2(ends[1], out, 1, -1, 0));
	SHOW(write2(ends[1], out, 1, 0, 0));
	SHOW(read2(ends[0], in, 2, -1, 0));
	SHOW(read2(ends[0], in, 2, 0, 0));

	SHOW(readahead(fd, 0, 4096));
	SHOW(readahead(writer, 0, 4096));
	SHOW(readahead(ends[0], 0, 4096));
	SHOW(readahead(99, 0, 4096));
	for (int advice = 0; advice < 6; advice++)
		SHOW(posix_fadvise(fd, 0, 0, advice));
	SHOW(posix_fadvise(fd, 0, 0, 6));
	SHOW(posix_fadvise(fd, 0, -1, 0));
	SHOW(posix_fadvise(ends[0], 0, 0, 0));
	SHOW(posix_fadvise(99, 0, 0, 0));
	return 0;
}
