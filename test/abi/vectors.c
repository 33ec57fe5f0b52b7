/* readv, writev, preadv, pwritev: several buffers in one call, and their limits. */
#include "show.h"

#include <limits.h>
#include <sys/uio.h>

int main(void)
{
	char a[4] = "", b[8] = "", c[16] = "";
	struct iovec out[] = { { "one", 3 }, { "", 0 }, { "twotwo", 6 }, { "three", 5 } };
	struct iovec in[] = { { a, 3 }, { b, 6 }, { c, 15 } };
	struct iovec bad[] = { { a, 3 }, { (void *)8, 4 } };
	struct iovec negative[] = { { a, 3 }, { b, -1 } };
	static struct iovec many[IOV_MAX + 1];
	int fd = open("f", O_RDWR | O_CREAT, 0600);

	SHOW(writev(fd, out, 4));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(readv(fd, in, 3));
	printf("[%s] [%s] [%s]\n", a, b, c);
	SHOW(readv(fd, in, 3));
	SHOW(preadv(fd, in, 2, 3));
	printf("[%.3s] [%.6s]\n", a, b);
	SHOW(pwritev(fd, out, 1, 20));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(writev(fd, out, 0));
	SHOW(writev(fd, out, -1));
	for (int i = 0; i <= IOV_MAX; i++)
		many[i] = (struct iovec){ "x", 1 };
	SHOW(writev(fd, many, IOV_MAX));
	SHOW(writev(fd, many, IOV_MAX + 1));
	SHOW(writev(fd, negative, 2));
	SHOW(writev(fd, (void *)8, 1));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(readv(fd, bad, 2));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(writev(99, out, 1));
	return 0;
}
