/* getrandom and the random devices. */
#include "show.h"

#include <sys/random.h>

int main(void)
{
	static unsigned char a[4096], b[4096];
	int counts[2] = { 0 }, fd;

	SHOW(getrandom(a, sizeof(a), 0));
	SHOW(getrandom(b, sizeof(b), GRND_NONBLOCK));
	SHOW(memcmp(a, b, sizeof(a)) != 0);
	SHOW(getrandom(a, 0, 0));
	SHOW(getrandom(a, 1, 0xff00));
	SHOW(getrandom((void *)8, 10, 0));
	for (size_t i = 0; i < sizeof(b); i++)
		for (int bit = 0; bit < 8; bit++)
			counts[b[i] >> bit & 1]++;
	SHOW(counts[0] > 16000 && counts[1] > 16000);
	fd = open("/dev/urandom", O_RDONLY);
	SHOW(read(fd, a, 1000));
	SHOW(memcmp(a, b, 1000) != 0);
	close(fd);
	fd = open("/dev/random", O_RDONLY);
	SHOW(read(fd, b, 16));
	SHOW(lseek(fd, 0, SEEK_END));
	return 0;
}
