/* Reading and writing files: positions, holes, append, and what is refused. */
#include "show.h"

int main(void)
{
	char buffer[64] = "";
	int fd = SHOW(open("a", O_RDWR | O_CREAT | O_EXCL, 0644)) < 0 ? -1 : 3;

	SHOW(write(fd, "hello, world", 12));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(lseek(fd, 7, SEEK_SET));
	SHOW(read(fd, buffer, sizeof(buffer)));
	printf("[%.5s]\n", buffer);
	SHOW(read(fd, buffer, sizeof(buffer)));
	SHOW(lseek(fd, -5, SEEK_END));
	SHOW(write(fd, "there", 5));
	SHOW(pread(fd, buffer, sizeof(buffer), 0));
	printf("[%.12s]\n", buffer);
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(pwrite(fd, "J", 1, 0));
	SHOW(lseek(fd, 0, SEEK_CUR));

	/* A hole reads as zeros. */
	SHOW(lseek(fd, 10000, SEEK_SET));
	SHOW(write(fd, "end", 3));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(pread(fd, buffer, 4, 9998));
	printf("%d %d [%.2s]\n", buffer[0], buffer[1], buffer + 2);
	SHOW(pread(fd, buffer, 4, 20000));

	SHOW(lseek(fd, -1, SEEK_SET));
	SHOW(lseek(fd, 0, 99));
	SHOW(pread(fd, buffer, 4, -1));
	SHOW(pwrite(fd, buffer, 4, -1));
	SHOW(read(fd, buffer, 0));
	SHOW(write(fd, buffer, 0));
	SHOW(close(fd));
	SHOW(close(fd));
	SHOW(read(fd, buffer, 1));
	SHOW(lseek(fd, 0, SEEK_CUR));

	fd = open("a", O_WRONLY | O_APPEND);
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(write(fd, "!!", 2));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(read(fd, buffer, 1));
	close(fd);
	fd = open("a", O_RDONLY);
	SHOW(write(fd, "x", 1));
	SHOW(ftruncate(fd, 0));
	close(fd);
	fd = open(".", O_RDONLY);
	SHOW(read(fd, buffer, 1));
	SHOW(fsync(fd));
	return 0;
}
