/* truncate, ftruncate: shorter, longer, and what a mapping and a reader see then. */
#include "show.h"

int main(void)
{
	char buffer[16], *map;
	int fd = open("f", O_RDWR | O_CREAT, 0600), again;
	struct stat st;
	long sum = 0;

	for (int i = 0; i < 1000; i++)
		if (write(fd, "0123456789", 10) != 10)
			return 1;
	SHOW(ftruncate(fd, 5005));
	SHOW(fstat(fd, &st));
	SHOW(st.st_size);
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(pread(fd, buffer, sizeof(buffer), 5000));
	SHOW(truncate("f", 9000));
	for (int i = 5005; i < 9000; i++)
		sum += pread(fd, buffer, 1, i) == 1 ? buffer[0] : 1;
	SHOW(sum);
	map = mmap(NULL, 12288, PROT_READ, MAP_PRIVATE, fd, 0);
	SHOW(map[5004]);
	SHOW(map[8999]);
	SHOW(truncate("f", 4096));
	SHOW(can_read(map + 4095));
	SHOW(can_read(map + 4096));
	SHOW(ftruncate(fd, 0));
	SHOW(can_read(map));
	SHOW(ftruncate(fd, -1));
	SHOW(ftruncate(99, 0));
	SHOW(truncate("missing", 0));
	SHOW(truncate(".", 0));
	again = open("f", O_RDONLY);
	SHOW(ftruncate(again, 0));
	SHOW(ftruncate(fd, 1l << 40));
	SHOW(lseek(fd, 0, SEEK_END) == 1l << 40);
	SHOW(pread(fd, buffer, 1, (1l << 40) - 1));
	SHOW(buffer[0]);
	SHOW(pwrite(fd, "z", 1, 1l << 39));
	SHOW(pread(fd, buffer, 1, 1l << 39));
	SHOW(buffer[0]);
	SHOW(fallocate(fd, 0, -1, 10));
	return 0;
}
