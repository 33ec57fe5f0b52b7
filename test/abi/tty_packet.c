/* Packet mode: what a master reads when the terminal is stopped, started, flushed, set. */
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

static int master, slave;

static void settle(void)
{
	struct timespec t = { .tv_nsec = 20000000 };

	nanosleep(&t, NULL);
}

static void packet(const char *what, size_t size)
{
	char buf[64];
	long n;

	settle();
	n = read(master, buf, size);
	printf("%s %ld:", what, n);
	for (long i = 0; i < n; i++)
		printf(i && buf[i] >= ' ' ? " %c" : " %d", buf[i]);
	printf(n < 0 ? " %s\n" : "\n", strerror(errno));
	fflush(stdout);
}

static void show_poll(void)
{
	struct pollfd p = { .fd = master, .events = POLLIN | POLLPRI };

	settle();
	poll(&p, 1, 0);
	printf("poll %#x\n", (unsigned)p.revents);
	fflush(stdout);
}

int main(void)
{
	struct termios t;
	int number, on = 1, off = 0, mode = -1;
	char name[40];

	signal(SIGHUP, SIG_IGN);
	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ioctl(master, TIOCGPTN, &number);
	ioctl(master, TIOCSPTLCK, &off);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	slave = open(name, O_RDWR | O_NOCTTY);
	fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
	SHOW(ioctl(slave, TIOCPKT, &on));
	SHOW(ioctl(master, TIOCPKT, (void *)8));
	SHOW(ioctl(master, TIOCGPKT, &mode));
	SHOW(mode);
	SHOW(ioctl(master, TIOCPKT, &on));
	SHOW(ioctl(master, TIOCGPKT, &mode));
	SHOW(mode);
	show_poll();
	SHOW(write(slave, "data", 4));
	show_poll();
	packet("data", 64);
	SHOW(write(slave, "more", 4));
	packet("some of it", 3);
	packet("one byte", 1);
	packet("the rest", 64);
	packet("nothing", 64);
	SHOW(tcflow(slave, TCOOFF));
	show_poll();
	packet("stop", 64);
	SHOW(tcflow(slave, TCOON));
	packet("start", 64);
	SHOW(write(master, "\x13", 1));
	packet("typed stop", 64);
	SHOW(write(master, "\x11", 1));
	packet("typed start", 64);
	SHOW(tcflush(slave, TCIFLUSH));
	packet("flush read", 64);
	SHOW(tcflush(slave, TCOFLUSH));
	packet("flush write", 64);
	SHOW(tcflush(slave, TCIOFLUSH));
	packet("flush both", 64);
	tcgetattr(slave, &t);
	t.c_iflag &= ~IXON;
	SHOW(tcsetattr(slave, TCSANOW, &t));
	packet("no stop", 64);
	t.c_lflag &= ~ECHO;
	SHOW(tcsetattr(slave, TCSANOW, &t));
	packet("echo off", 64);
	t.c_iflag |= IXON;
	SHOW(tcsetattr(slave, TCSANOW, &t));
	packet("do stop", 64);
	t.c_cc[VSTOP] = 'x';
	SHOW(tcsetattr(slave, TCSANOW, &t));
	packet("another key", 64);
	SHOW(tcflow(slave, TCOOFF));
	SHOW(tcflow(slave, TCOON));
	packet("stop and start", 64);
	SHOW(ioctl(master, TIOCPKT, &off));
	SHOW(write(slave, "plain", 5));
	packet("plain", 64);
	SHOW(ioctl(master, TIOCSIG, SIGHUP));
	SHOW(ioctl(slave, TIOCSIG, SIGINT));
	SHOW(ioctl(master, TIOCSIG, SIGINT));
	return 0;
}
