/* Several who read or write one terminal at once: a read that comes too late is no end of file, and
 * what one call writes stays in one piece. */
#include "show.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#define READERS     4
#define LINES       200
#define WRITERS     3
#define WRITE_BYTES 20000

static int master, slave;

static void open_pair(void)
{
	struct termios t;
	char name[40];
	int number;

	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ioctl(master, TIOCGPTN, &number);
	unlockpt(master);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	slave = open(name, O_RDWR | O_NOCTTY);
	tcgetattr(slave, &t);
	t.c_oflag = 0;
	t.c_lflag &= ~ECHO;
	tcsetattr(slave, TCSANOW, &t);
}

/* Says with a byte what each read gives, until there is an end. */
static void read_all(int fd, int report)
{
	char buf[100];
	ssize_t n;

	do {
		n = read(fd, buf, sizeof(buf));
		(void)!write(report, n > 0 ? "+" : "-", 1);
	} while (n > 0);
	_exit(0);
}

/* What `LINES` lines, written to one end, give to several who read the other. */
static void readers(const char *which, int from, int to)
{
	int report[2], reads = 0, ends = 0;
	pid_t pids[READERS];
	char c;

	(void)!pipe(report);
	for (int i = 0; i < READERS; i++)
		if ((pids[i] = fork()) == 0)
			read_all(from, report[1]);
	for (int i = 0; i < LINES; i++) {
		(void)!write(to, "line\n", 5);
		(void)!read(report[0], &c, 1);
		reads += c == '+';
		ends += c == '-';
	}
	printf("%s: read %d, ended %d\n", which, reads, ends);
	fflush(stdout);
	for (int i = 0; i < READERS; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

static void write_all(char letter)
{
	static char buf[WRITE_BYTES];

	memset(buf, letter, sizeof(buf));
	_exit(write(slave, buf, sizeof(buf)) != sizeof(buf));
}

static void writers(void)
{
	int total = 0, pieces = 0, status, failed = 0;
	char buf[500], last = 0;

	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0)
			write_all((char)('a' + i));
	while (total < WRITERS * WRITE_BYTES) {
		ssize_t n = read(master, buf, sizeof(buf));

		for (ssize_t i = 0; i < n; i++) {
			pieces += buf[i] != last;
			last = buf[i];
		}
		total += n;
	}
	while (wait(&status) > 0)
		failed += status != 0;
	printf("writers: %d pieces, failed %d\n", pieces, failed);
}

int main(void)
{
	open_pair();
	readers("terminal", slave, master);
	readers("master", master, slave);
	writers();
	return 0;
}
