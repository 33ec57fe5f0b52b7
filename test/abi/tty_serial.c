/* The serial port as a terminal: settings, modem lines, waiting, who owns it, hang-ups. */
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>

/* musl has no name for it. */
struct termios2 {
	unsigned iflag, oflag, cflag, lflag;
	unsigned char line, cc[19];
	unsigned ispeed, ospeed;
};
#define GETS2   _IOR('T', 0x2a, struct termios2)
#define SETS2   _IOW('T', 0x2b, struct termios2)
#define ANYBAUD 0x1000

static int port;

static void show_poll(const char *what, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	poll(&p, 1, 0);
	printf("poll %s: %#x\n", what, (unsigned)p.revents);
	fflush(stdout);
}

static void show_settings(void)
{
	struct termios2 t;

	ioctl(port, GETS2, &t);
	printf("cflag %o, speed %u\n", t.cflag, t.ospeed);
	fflush(stdout);
}

static void set(unsigned cflag, unsigned speed)
{
	struct termios2 t;

	ioctl(port, GETS2, &t);
	t.cflag = cflag;
	t.ispeed = t.ospeed = speed;
	SHOW(ioctl(port, SETS2, &t));
	show_settings();
}

static void settings(void)
{
	set(B9600 | CS8 | CREAD | HUPCL | CLOCAL, 9600);
	set(B19200 | CS7 | PARENB | PARODD | CREAD | CLOCAL, 19200);
	set(B1200 | CS5 | CSTOPB | CREAD | CLOCAL, 1200);
	set(ANYBAUD | CS8 | CREAD | CLOCAL, 14400);
	set(B230400 | CS8 | CREAD | CLOCAL, 230400);
	set(B115200 | CS8 | CREAD | HUPCL | CLOCAL, 115200);
}

static void modem(void)
{
	int bits = 0;
	const int known = TIOCM_DTR | TIOCM_RTS | TIOCM_CTS | TIOCM_CAR | TIOCM_RNG | TIOCM_DSR;

	SHOW(ioctl(port, TIOCMGET, &bits));
	printf("lines %#x\n", bits & known);
	bits = TIOCM_RTS;
	SHOW(ioctl(port, TIOCMBIC, &bits));
	SHOW(ioctl(port, TIOCMGET, &bits));
	printf("lines %#x\n", bits & known);
	bits = TIOCM_RTS;
	SHOW(ioctl(port, TIOCMBIS, &bits));
	bits = TIOCM_DTR | TIOCM_RTS;
	SHOW(ioctl(port, TIOCMSET, &bits));
	SHOW(ioctl(port, TIOCMGET, &bits));
	printf("lines %#x\n", bits & known);
	SHOW(ioctl(port, TIOCMGET, (void *)8));
}

static void bytes(void)
{
	struct termios t;
	char c[4];
	int n = -1;

	SHOW(write(port, "to the log\n", 11));
	SHOW(tcdrain(port));
	SHOW(ioctl(port, TIOCOUTQ, &n));
	SHOW(n);
	SHOW(ioctl(port, FIONREAD, &n));
	SHOW(n);
	show_poll("port", port);
	fcntl(port, F_SETFL, O_RDWR | O_NONBLOCK);
	SHOW(read(port, c, 1));
	fcntl(port, F_SETFL, O_RDWR);
	tcgetattr(port, &t);
	t.c_lflag &= ~(ICANON | ECHO);
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 1;
	SHOW(tcsetattr(port, TCSADRAIN, &t));
	SHOW(read(port, c, 1));
	t.c_lflag |= ICANON | ECHO;
	SHOW(tcsetattr(port, TCSAFLUSH, &t));
	SHOW(tcflush(port, TCIOFLUSH));
	SHOW(tcflush(port, 7));
	SHOW(tcsendbreak(port, 0));
	SHOW(ioctl(port, TIOCSBRK));
	SHOW(ioctl(port, TIOCCBRK));
	SHOW(tcflow(port, TCOOFF));
	SHOW(write(port, "held, then sent\n", 16));
	SHOW(tcflow(port, TCION));
	SHOW(tcflow(port, TCOON));
	SHOW(tcdrain(port));
}

static void show_lost(const char *what, int fd)
{
	char c;
	int n;

	show_poll(what, fd);
	SHOW(read(fd, &c, 1));
	SHOW(write(fd, "x", 1));
	SHOW(ioctl(fd, FIONREAD, &n));
	SHOW(ioctl(fd, TIOCSPGRP, &n));
	SHOW(isatty(fd));
}

/* The leader of its session ends: for everybody who has it open, the line has hung up. */
static void owners(void)
{
	int status, fd, console = open("/dev/console", O_RDWR);
	pid_t pid;

	SHOW(console >= 0);
	pid = fork();
	if (pid == 0) {
		SHOW(setsid() == getpid());
		SHOW((fd = open("/dev/console", O_RDWR)) >= 0);
		SHOW(open("/dev/tty", O_RDWR));
		close(fd);
		SHOW((fd = open("/dev/ttyS0", O_RDWR)) >= 0);
		SHOW(tcgetpgrp(fd) == getpid());
		SHOW(tcgetsid(fd) == getpid());
		SHOW(open("/dev/tty", O_RDWR) >= 0);
		_exit(3);
	}
	waitpid(pid, &status, 0);
	SHOW(status);
	show_lost("port, its session has ended", port);
	SHOW(write(console, "still there\n", 12));
	close(console);
	close(port);
	SHOW((port = open("/dev/ttyS0", O_RDWR | O_NOCTTY)) >= 0);
	SHOW(isatty(port));
	show_settings();
}

static volatile sig_atomic_t caught;

static void on_hup(int signal)
{
	caught = signal;
}

static void hang_up(void)
{
	int status, fd;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGHUP, on_hup);
		SHOW(vhangup());
		setsid();
		SHOW(vhangup());
		SHOW((fd = open("/dev/ttyS0", O_RDWR)) >= 0);
		SHOW(vhangup());
		SHOW(caught);
		show_lost("port, vhangup", fd);
		SHOW(open("/dev/tty", O_RDWR));
		close(fd);
		SHOW((fd = open("/dev/ttyS0", O_RDWR)) >= 0);
		SHOW(isatty(fd));
		SHOW(setuid(1000));
		SHOW(vhangup());
		SHOW(ioctl(fd, TIOCVHANGUP));
		_exit(0);
	}
	waitpid(pid, &status, 0);
	SHOW(status);
	show_poll("port, its session has hung up", port);
}

int main(void)
{
	struct stat st;

	signal(SIGHUP, SIG_IGN);
	SHOW((port = open("/dev/ttyS0", O_RDWR | O_NOCTTY)) >= 0);
	fstat(port, &st);
	printf("device %u:%u\n", major(st.st_rdev), minor(st.st_rdev));
	stat("/dev/console", &st);
	printf("device %u:%u\n", major(st.st_rdev), minor(st.st_rdev));
	SHOW(isatty(port));
	settings();
	modem();
	bytes();
	owners();
	hang_up();
	return 0;
}
