/* getrandom and the random devices. */
#include "show.h"

#include <sys/ioctl.h>
#include <sys/random.h>

#define RNDGETENTCNT   0x80045200
#define RNDADDTOENTCNT 0x40045201
#define RNDADDENTROPY  0x40085203
#define RNDZAPENTCNT   0x5204
#define RNDCLEARPOOL   0x5206
#define RNDRESEEDCRNG  0x5207

static void controls(int fd)
{
	struct {
		int bits, bytes;
		char data[100];
	} entropy = { 8, 100, "abc" };
	int bits = -1;

	SHOW(ioctl(fd, RNDGETENTCNT, &bits));
	SHOW(bits);
	SHOW(ioctl(fd, RNDGETENTCNT, 8));
	SHOW(ioctl(fd, RNDADDENTROPY, &entropy));
	SHOW(ioctl(fd, RNDADDENTROPY, 8));
	entropy.bytes = -1;
	SHOW(ioctl(fd, RNDADDENTROPY, &entropy));
	entropy.bits = -1;
	SHOW(ioctl(fd, RNDADDENTROPY, &entropy));
	SHOW(ioctl(fd, RNDADDTOENTCNT, &bits));
	bits = -1;
	SHOW(ioctl(fd, RNDADDTOENTCNT, &bits));
	SHOW(ioctl(fd, RNDZAPENTCNT, 0));
	SHOW(ioctl(fd, RNDCLEARPOOL, 0));
	SHOW(ioctl(fd, RNDRESEEDCRNG, 0));
	SHOW(ioctl(fd, 0x5205, 0));
	SHOW(ioctl(fd, RNDGETENTCNT, &bits));
	SHOW(bits);
}

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
	SHOW(isatty(fd));
	controls(fd);
	SHOW(setuid(1000));
	controls(fd);
	return 0;
}
