/* Pseudo terminals: names, locks, what is typed and what is shown, modes, sizes, both ends' end. */
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <time.h>

static int master, slave;

static void show_bytes(const char *what, const char *buf, long n)
{
	printf("%s %ld:", what, n);
	for (long i = 0; i < n; i++)
		printf(buf[i] >= ' ' && buf[i] < 127 ? "%c" : "\\%03o", (unsigned char)buf[i]);
	if (n < 0)
		printf(" %s", strerror(errno));
	printf("\n");
	fflush(stdout);
}

/* Linux carries bytes from end to end in its own time. */
static void settle(void)
{
	struct timespec t = { .tv_nsec = 30000000 };

	nanosleep(&t, NULL);
}

static void type(const char *text)
{
	if (write(master, text, strlen(text)) != (long)strlen(text))
		perror("type");
	settle();
}

static void screen(void)
{
	char buf[600];

	settle();
	show_bytes("screen", buf, read(master, buf, sizeof(buf)));
}

static void got(size_t size)
{
	char buf[600];

	show_bytes("read", buf, read(slave, buf, size));
}

static void show_poll(const char *what, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	settle();
	poll(&p, 1, 0);
	printf("poll %s: %#x\n", what, (unsigned)p.revents);
	fflush(stdout);
}

static void open_pair(void)
{
	struct stat st;
	int one = 1, number = -1;
	char name[40];

	SHOW((master = open("/dev/ptmx", O_RDWR | O_NOCTTY)) >= 0);
	SHOW(ioctl(master, TIOCGPTN, &number));
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	SHOW(stat(name, &st));
	printf("mode %o, major %u, minor is the number: %d\n", st.st_mode, major(st.st_rdev),
		(int)minor(st.st_rdev) == number);
	SHOW(open(name, O_RDWR | O_NOCTTY));
	SHOW(unlockpt(master));
	SHOW(ioctl(master, TIOCSPTLCK, &one));
	SHOW(open(name, O_RDWR | O_NOCTTY));
	SHOW(unlockpt(master));
	SHOW((slave = open(name, O_RDWR | O_NOCTTY)) >= 0);
	SHOW(ioctl(slave, TIOCGPTN, &number));
	SHOW(isatty(slave));
	SHOW(isatty(master));
	SHOW(lseek(slave, 0, SEEK_SET));
	SHOW(fcntl(slave, F_GETFL) & ~0100000);
	fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
}

static void settings(void)
{
	struct termios t;

	SHOW(tcgetattr(slave, &t));
	printf("flags %o %o %o %o\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag);
	for (int i = 0; i < 17; i++)
		printf(" %d", t.c_cc[i]);
	printf("\nspeed %d\n", cfgetospeed(&t) == B38400);
	fflush(stdout);
	SHOW(tcgetattr(master, &t));
	SHOW(tcsetattr(slave, TCSADRAIN, &t));
	SHOW(ioctl(slave, TCGETS, (void *)8));
	SHOW(ioctl(slave, 0x5499, 0));
}

static void sizes(void)
{
	struct winsize size = { 0 }, other = { .ws_row = 30, .ws_col = 100 };

	SHOW(ioctl(slave, TIOCGWINSZ, &size));
	printf("%d %d\n", size.ws_row, size.ws_col);
	SHOW(ioctl(master, TIOCSWINSZ, &other));
	SHOW(ioctl(slave, TIOCGWINSZ, &size));
	printf("%d %d\n", size.ws_row, size.ws_col);
}

static void lines(void)
{
	int n = -1;

	type("hello\r");
	screen();
	SHOW(ioctl(slave, FIONREAD, &n));
	SHOW(n);
	got(3);
	got(100);
	type("ab\x7f"
	     "c\x01\x7f\td\x7f\x7f"
	     "e\n");
	screen();
	got(100);
	type("one two\x17three\n");
	screen();
	got(100);
	type("gone\x15kept\n");
	screen();
	got(100);
	type("\x16\x03 quoted\x12\n");
	screen();
	got(100);
	type("one\ntwo\n\x04");
	got(100);
	got(100);
	got(100);
	type("par\x04"
	     "t\n");
	got(100);
	got(100);
	type("abc\x04");
	got(3);
	screen();
	show_poll("terminal", slave);
	show_poll("master", master);
	type("x\n");
	show_poll("terminal, a line", slave);
	show_poll("master, an echo", master);
	got(100);
	screen();
	SHOW(write(slave, "a\nb\tc\r\n", 7));
	screen();
	type("typed ahead\n");
	SHOW(tcflush(slave, TCIFLUSH));
	type("and kept\n");
	got(100);
	screen();
	fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK);
	got(100);
	fcntl(slave, F_SETFL, O_RDWR);
}

static void flow(void)
{
	fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK);
	type("\x13");
	SHOW(write(slave, "held", 4));
	screen();
	type("\x11");
	SHOW(write(slave, "sent", 4));
	screen();
	SHOW(tcflow(slave, TCOOFF));
	SHOW(write(slave, "held", 4));
	SHOW(tcflow(slave, TCOON));
	SHOW(tcflow(slave, TCIOFF));
	screen();
	SHOW(tcflow(slave, 9));
	fcntl(slave, F_SETFL, O_RDWR);
}

static void set_mode(unsigned lflag, unsigned oflag, int min, int time)
{
	struct termios t;

	tcgetattr(slave, &t);
	t.c_lflag = lflag;
	t.c_oflag = oflag;
	t.c_cc[VMIN] = min;
	t.c_cc[VTIME] = time;
	SHOW(tcsetattr(slave, TCSAFLUSH, &t));
}

static void modes(void)
{
	set_mode(0, 0, 1, 0);
	type("raw\r\x03");
	screen();
	got(2);
	got(100);
	set_mode(ECHO, OPOST | OCRNL, 0, 0);
	got(100);
	type("now\t\x01");
	screen();
	got(100);
	set_mode(0, 0, 0, 1);
	got(100);
	set_mode(0, 0, 3, 1);
	type("ab");
	got(100);
	type("abcd");
	got(100);
	set_mode(0, OPOST | XTABS | ONLRET, 4, 0);
	SHOW(write(slave, "ab\tc\nd\te\r", 9));
	screen();
	type("abc");
	show_poll("three of four", slave);
	type("d");
	show_poll("four of four", slave);
	fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK);
	got(100);
	got(100);
	fcntl(slave, F_SETFL, O_RDWR);
	set_mode(ICANON | ECHO | ECHONL | ECHOK | ISIG | IEXTEN, OPOST, 1, 0);
	type("a\x7f"
	     "bc\x15"
	     "d\n");
	screen();
	got(100);
}

static void ends(void)
{
	int number, again;
	char name[40];

	ioctl(master, TIOCGPTN, &number);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	SHOW(write(slave, "last", 4));
	settle();
	close(slave);
	show_poll("master, terminal closed", master);
	screen();
	screen();
	SHOW(write(master, "x", 1));
	SHOW((again = open(name, O_RDWR | O_NOCTTY)) >= 0);
	show_poll("master, opened again", master);
	screen();
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
	SHOW(slave >= 0);
	SHOW(isatty(slave));
	close(slave);
	slave = again;
	close(master);
	show_poll("terminal, master closed", slave);
	got(10);
	SHOW(write(slave, "x", 1));
	SHOW(ioctl(slave, TCGETS, name));
	SHOW(open(name, O_RDWR | O_NOCTTY));
	close(slave);
}

int main(void)
{
	signal(SIGHUP, SIG_IGN);
	open_pair();
	settings();
	sizes();
	lines();
	flow();
	modes();
	ends();
	return 0;
}
