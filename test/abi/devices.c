/* /dev/null, zero, full. */
#include "show.h"

#include <sys/ioctl.h>

int main(void)
{
	char buffer[100];
	int fd, zeros = 0;

	memset(buffer, 1, sizeof(buffer));
	fd = open("/dev/null", O_RDWR);
	SHOW(read(fd, buffer, 10));
	SHOW(write(fd, buffer, 10));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(ioctl(fd, TIOCGWINSZ, buffer));
	SHOW(isatty(fd));
	close(fd);
	fd = open("/dev/zero", O_RDWR);
	SHOW(read(fd, buffer, sizeof(buffer)));
	for (size_t i = 0; i < sizeof(buffer); i++)
		zeros += buffer[i] == 0;
	SHOW(zeros);
	SHOW(write(fd, buffer, 10));
	close(fd);
	fd = open("/dev/full", O_RDWR);
	SHOW(read(fd, buffer, 10));
	SHOW(write(fd, buffer, 10));
	close(fd);
	SHOW(open("/dev/missing", O_RDONLY));
	SHOW(unlink("/dev/missing"));
	SHOW(chdir("/dev"));
	SHOW(access("null", R_OK | W_OK));
	return 0;
}
