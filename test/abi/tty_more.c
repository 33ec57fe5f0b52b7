/* Requests and hang-ups of terminals: typing into them, having them alone, counts, breaks, vhangup.
 */
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

static int master, slave;
static char name[40];
static volatile sig_atomic_t caught;

static void on_signal(int signal)
{
	caught = signal;
}

static void settle(void)
{
	struct timespec t = { .tv_nsec = 30000000 };

	nanosleep(&t, NULL);
}

static void open_pair(void)
{
	int number;

	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ioctl(master, TIOCGPTN, &number);
	unlockpt(master);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	slave = open(name, O_RDWR | O_NOCTTY);
}

static void show_read(int fd)
{
	char buf[100];
	long n = read(fd, buf, sizeof(buf));

	printf("read: %ld", n);
	for (long i = 0; i < n; i++)
		printf(buf[i] >= ' ' ? " %c" : " %d", buf[i]);
	printf(n < 0 ? " %s\n" : "\n", strerror(errno));
	fflush(stdout);
}

static void requests(void)
{
	int n = -1, disciplines[] = { 0, 100 };

	SHOW(ioctl(slave, TIOCEXCL));
	SHOW(ioctl(slave, TIOCGEXCL, &n));
	SHOW(n);
	SHOW(open(name, O_RDWR | O_NOCTTY) >= 0);
	if (fork() == 0) {
		SHOW(setuid(1000));
		SHOW(chmod(name, 0666));
		SHOW(open(name, O_RDWR | O_NOCTTY));
		SHOW(ioctl(slave, TIOCSTI, "x"));
		_exit(0);
	}
	wait(NULL);
	SHOW(chmod(name, 0666));
	if (fork() == 0) {
		SHOW(setuid(1000));
		SHOW(open(name, O_RDWR | O_NOCTTY));
		_exit(0);
	}
	wait(NULL);
	SHOW(ioctl(slave, TIOCNXCL));
	SHOW(ioctl(slave, TIOCGEXCL, &n));
	SHOW(n);
	SHOW(ioctl(slave, TIOCSTI, "h"));
	SHOW(ioctl(slave, TIOCSTI, "\n"));
	SHOW(ioctl(slave, TIOCSTI, (void *)8));
	settle();
	show_read(slave);
	show_read(master);
	SHOW(write(master, "abc\n", 4));
	settle();
	SHOW(ioctl(slave, FIONREAD, &n));
	SHOW(n);
	SHOW(ioctl(slave, TIOCOUTQ, &n));
	SHOW(n);
	SHOW(ioctl(slave, FIONREAD, (void *)8));
	show_read(master);
	SHOW(tcflush(slave, TCIOFLUSH));
	SHOW(tcdrain(slave));
	SHOW(tcsendbreak(slave, 0));
	SHOW(tcsendbreak(slave, 3));
	SHOW(ioctl(slave, TIOCSBRK));
	SHOW(ioctl(slave, TIOCCBRK));
	SHOW(ioctl(slave, TIOCGETD, &n));
	SHOW(n);
	SHOW(ioctl(slave, TIOCSETD, &disciplines[0]));
	SHOW(ioctl(slave, TIOCSETD, &disciplines[1]));
	SHOW(ioctl(slave, TIOCMGET, &n));
	SHOW(ioctl(slave, TIOCSWINSZ, (void *)8));
	SHOW(ioctl(slave, TIOCGPGRP, &n));
	SHOW(ioctl(slave, TIOCGDEV, &n));
	SHOW(n >> 8);
}

/* System V's settings: the lower half of the flags, eight characters; what they lack stays. */
static void short_settings(void)
{
	struct {
		unsigned short iflag, oflag, cflag, lflag;
		unsigned char line, cc[8];
	} old;
	struct termios before, t;

	tcgetattr(slave, &before);
	t = before;
	t.c_iflag |= IUTF8;
	t.c_cc[VWERASE] = 'w';
	tcsetattr(slave, TCSANOW, &t);
	SHOW(ioctl(master, TCGETA, &old));
	printf("%x %x %x %x line %d:", old.iflag, old.oflag, old.cflag, old.lflag, old.line);
	for (int i = 0; i < 8; i++)
		printf(" %d", old.cc[i]);
	printf("\n");
	old.lflag &= (unsigned short)~ECHO;
	old.cc[VINTR] = 'i';
	SHOW(ioctl(slave, TCSETA, &old));
	SHOW(ioctl(slave, TCSETAW, &old));
	SHOW(ioctl(slave, TCSETAF, &old));
	SHOW(ioctl(slave, TCSETA, (void *)8));
	SHOW(ioctl(slave, TCGETA, (void *)8));
	tcgetattr(slave, &t);
	printf("%x %x %x %x intr %d werase %d\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag,
		t.c_cc[VINTR], t.c_cc[VWERASE]);
	tcsetattr(slave, TCSANOW, &before);
}

static void show_lost(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	poll(&p, 1, 0);
	printf("poll %#x\n", (unsigned)p.revents);
	show_read(fd);
	SHOW(write(fd, "x", 1));
	SHOW(isatty(fd));
	SHOW(tcsetpgrp(fd, getpid()));
	SHOW(tcgetpgrp(fd));
}

/* vhangup by the leader; somebody else, of no session of it, has the terminal open, too. */
static void hang_up(void)
{
	struct termios t;
	pid_t pid;

	tcgetattr(slave, &t);
	t.c_lflag &= ~ECHO;
	tcsetattr(slave, TCSANOW, &t);
	pid = fork();
	if (pid == 0) {
		int fd;

		setsid();
		signal(SIGHUP, on_signal);
		fd = open(name, O_RDWR);
		SHOW(vhangup());
		SHOW(caught);
		show_lost(fd);
		SHOW(open("/dev/tty", O_RDWR));
		SHOW((fd = open(name, O_RDWR)) >= 0);
		SHOW(isatty(fd));
		SHOW(open("/dev/tty", O_RDWR) >= 0);
		SHOW(tcgetattr(fd, &t));
		SHOW(!!(t.c_lflag & ECHO));
		SHOW(write(fd, "new", 3));
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	show_lost(slave);
	settle();
	show_read(master);
	close(slave);
	fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
	show_read(master);
	SHOW(ioctl(master, TIOCVHANGUP));
	slave = open(name, O_RDWR | O_NOCTTY);
	SHOW(isatty(slave));
	SHOW(ioctl(slave, TIOCVHANGUP));
	SHOW(isatty(slave));
	close(slave);
	close(master);
}

/* The master goes while the terminal is read, written, waited for. */
static void master_goes(void)
{
	pid_t pid;

	open_pair();
	pid = fork();
	if (pid == 0) {
		close(slave);
		settle();
		settle();
		_exit(0);
	}
	close(master);
	show_read(slave);
	waitpid(pid, NULL, 0);
	show_lost(slave);
	close(slave);

	open_pair();
	pid = fork();
	if (pid == 0) {
		close(master);
		setsid();
		signal(SIGHUP, on_signal);
		slave = open(name, O_RDWR);
		show_read(slave);
		SHOW(caught);
		SHOW(open("/dev/tty", O_RDWR));
		SHOW(open(name, O_RDWR));
		_exit(0);
	}
	settle();
	settle();
	close(master);
	waitpid(pid, NULL, 0);
}

/* Who has kept a place in /dev/pts does not get the terminal that has the number later. */
static void later_terminal(void)
{
	int theirs, begin[2], end[2];
	char place[40], c;

	(void)!pipe(begin);
	(void)!pipe(end);
	if (fork() == 0) {
		SHOW(setuid(1000));
		open_pair();
		snprintf(place, sizeof(place), "/proc/self/fd/%d", open(name, O_PATH));
		SHOW(close(open(place, O_RDWR | O_NOCTTY)));
		close(slave);
		close(master);
		(void)!write(begin[1], "x", 1);
		(void)!read(end[0], &c, 1);
		SHOW(open(place, O_RDWR | O_NOCTTY));
		_exit(0);
	}
	(void)!read(begin[0], &c, 1);
	open_pair();
	theirs = slave;
	(void)!write(end[1], "x", 1);
	wait(NULL);
	close(theirs);
	close(master);
}

static void await(int fd)
{
	struct pollfd it = { fd, POLLIN, 0 };

	poll(&it, 1, -1);
}

/* Up to the end of a line: it may come in pieces. */
static void show_line(int fd)
{
	char c = 0;

	printf("line:");
	while (c != '\n' && read(fd, &c, 1) == 1)
		printf(c >= ' ' ? " %c" : " %d", c);
	printf("\n");
}

/* What has arrived at the other end nobody throws away but who reads there. */
static void flushes(void)
{
	open_pair();
	SHOW(write(slave, "text", 4));
	await(master);
	SHOW(tcflush(slave, TCIOFLUSH));
	show_read(master);
	SHOW(write(slave, "text", 4));
	await(master);
	SHOW(write(master, "\3\n", 2));
	await(slave);
	show_read(slave);
	show_line(master);
	SHOW(write(master, "line\n", 5));
	await(slave);
	show_line(master);
	SHOW(tcflush(master, TCIOFLUSH));
	show_read(slave);
	SHOW(write(slave, "text", 4));
	await(master);
	SHOW(tcflush(master, TCIFLUSH));
	SHOW(write(slave, "more", 4));
	await(master);
	show_read(master);
	close(slave);
	close(master);
}

int main(void)
{
	signal(SIGHUP, SIG_IGN);
	SHOW(close(open("/dev/ptmx", O_RDWR | O_NOCTTY))); /* nobody has looked for its terminal */
	open_pair();
	requests();
	short_settings();
	hang_up();
	master_goes();
	later_terminal();
	flushes();
	return 0;
}
