/* The serial port without CLOCAL: who opens it waits for a carrier, and who has it open hangs up.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void on_signal(int signal)
{
	caught = signal;
}

static int has_carrier(int fd)
{
	int bits = 0;

	ioctl(fd, TIOCMGET, &bits);
	return !!(bits & TIOCM_CAR);
}

static void session(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	char c;
	int fd, n;

	setsid();
	sigaction(SIGHUP, &action, NULL);
	fd = open("/dev/ttyS0", O_RDWR);
	printf("a session has it\n");
	n = read(fd, &c, 1);
	printf("read: %d %s\n", n, n < 0 ? strerror(errno) : "");
	n = read(fd, &c, 1);
	printf("read again: %d, SIGHUP: %d\n", n, caught == SIGHUP);
	n = write(fd, "x", 1);
	printf("write: %d %s\n", n, strerror(errno));
	_exit(0);
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct termios t;
	int fd, waited;

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGALRM, &action, NULL);
	fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_NONBLOCK);
	tcgetattr(fd, &t);
	t.c_cflag &= ~CLOCAL;
	tcsetattr(fd, TCSANOW, &t);
	printf("carrier: %d\n", has_carrier(fd));
	alarm(1);
	waited = open("/dev/ttyS0", O_RDWR | O_NOCTTY);
	printf("open: %d %s\n", waited, strerror(errno));
	close(fd); /* the settings stay */
	printf("waiting\n");
	fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY);
	printf("it came: %d\n", has_carrier(fd));
	if (fork() == 0)
		session();
	wait(NULL);
	printf("the end\n");
	return 0;
}
