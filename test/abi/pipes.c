/* Pipes and FIFOs: order, ends, atomic writes, what is refused, what poll says. */
#include "show.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>

static char big[200000];

static void show_poll(const char *what, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	int n = poll(&p, 1, 0);

	printf("poll %s: %d, %#x\n", what, n, (unsigned)p.revents);
	fflush(stdout);
}

static long fill(int fd, size_t chunk)
{
	long total = 0, n;

	while ((n = write(fd, big, chunk)) > 0)
		total += n;
	return total;
}

static long drain(int fd)
{
	static char out[4096];
	long total = 0, n;

	while ((n = read(fd, out, sizeof(out))) > 0)
		total += n;
	return total;
}

static void ends(void)
{
	int fds[2], queued = -1;
	char out[16] = "";
	struct stat st;

	SHOW(pipe(fds));
	SHOW(fds[0]);
	SHOW(fds[1]);
	SHOW(fstat(fds[0], &st));
	printf("mode %o size %ld blocks of %ld\n", st.st_mode, (long)st.st_size,
		(long)st.st_blksize);
	show_poll("read end, empty", fds[0]);
	show_poll("write end, empty", fds[1]);
	SHOW(write(fds[0], "x", 1));
	SHOW(read(fds[1], out, 1));
	SHOW(lseek(fds[0], 0, SEEK_SET));
	SHOW(pread(fds[0], out, 1, 0));
	SHOW(write(fds[1], "hello", 5));
	SHOW(ioctl(fds[0], FIONREAD, &queued));
	SHOW(queued);
	show_poll("read end, 5 bytes", fds[0]);
	SHOW(read(fds[0], out, 2));
	SHOW(read(fds[0], out + 2, 16));
	printf("%s\n", out);
	SHOW(read(fds[0], out, 0));
	SHOW(write(fds[1], out, 0));
	SHOW(write(fds[1], (void *)8, 4));
	SHOW(write(fds[1], "end", 3));
	SHOW(close(fds[1]));
	show_poll("read end, hung up with bytes", fds[0]);
	SHOW(read(fds[0], out, 16));
	SHOW(read(fds[0], out, 16));
	show_poll("read end, hung up", fds[0]);
	close(fds[0]);
	SHOW(pipe2(fds, O_CLOEXEC | O_NONBLOCK));
	SHOW(fcntl(fds[1], F_GETFD));
	SHOW(fcntl(fds[1], F_GETFL));
	SHOW(read(fds[0], out, 1));
	SHOW(close(fds[0]));
	show_poll("write end, nobody reads", fds[1]);
	signal(SIGPIPE, SIG_IGN);
	SHOW(write(fds[1], "x", 1));
	close(fds[1]);
	SHOW(pipe2(fds, 1 << 30));
	SHOW(pipe((int *)8));
}

static void room(void)
{
	int fds[2];

	SHOW(pipe2(fds, O_NONBLOCK));
	SHOW(fcntl(fds[0], F_GETPIPE_SZ));
	SHOW(fill(fds[1], 4096));
	SHOW(write(fds[1], big, 1));
	show_poll("write end, full", fds[1]);
	SHOW(read(fds[0], big, 100));
	SHOW(write(fds[1], big, 4096));
	SHOW(read(fds[0], big, 3996));
	SHOW(write(fds[1], big, 4096));
	SHOW(fcntl(fds[1], F_SETPIPE_SZ, 4096));
	SHOW(fcntl(fds[1], F_SETPIPE_SZ, 100000));
	SHOW(fill(fds[1], 4096));
	SHOW(drain(fds[0]));
	SHOW(fcntl(fds[1], F_SETPIPE_SZ, 1));
	SHOW(write(fds[1], big, 100000));
	SHOW(drain(fds[0]));
	close(fds[0]);
	close(fds[1]);
}

/* More than fits goes through to a child, unharmed and in order. */
static void through(void)
{
	int fds[2], status;
	unsigned sum = 0, back = 0;
	pid_t child;

	for (size_t i = 0; i < sizeof(big); i++)
		sum = sum * 31 + (unsigned char)(big[i] = (char)(i * 7 + i / 251));
	SHOW(pipe(fds));
	child = fork();
	if (child == 0) {
		close(fds[0]);
		_exit(write(fds[1], big, sizeof(big)) == (ssize_t)sizeof(big) ? 0 : 1);
	}
	close(fds[1]);
	for (ssize_t n; (n = read(fds[0], big, 777)) > 0;)
		for (ssize_t i = 0; i < n; i++)
			back = back * 31 + (unsigned char)big[i];
	SHOW(sum == back);
	SHOW(waitpid(child, &status, 0) == child);
	SHOW(status);
	close(fds[0]);
}

static void broken(void)
{
	int fds[2], status;
	pid_t child;

	SHOW(pipe(fds));
	child = fork();
	if (child == 0) {
		signal(SIGPIPE, SIG_DFL);
		close(fds[0]);
		for (;;)
			(void)!write(fds[1], big, 1000);
	}
	close(fds[1]);
	SHOW(read(fds[0], big, 10));
	close(fds[0]);
	SHOW(waitpid(child, &status, 0) == child);
	SHOW(WIFSIGNALED(status) ? WTERMSIG(status) : -1);
}

static void fifos(void)
{
	char out[16] = "";
	int fd, other, late, status;
	pid_t child;

	SHOW(mkfifo("fifo", 0600));
	SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
	SHOW((fd = open("fifo", O_RDONLY | O_NONBLOCK)) >= 0);
	SHOW(read(fd, out, 1));
	show_poll("fifo, never written", fd);
	SHOW((other = open("fifo", O_WRONLY | O_NONBLOCK)) >= 0);
	SHOW(read(fd, out, 1));
	SHOW(write(other, "lost", 4));
	show_poll("fifo, a writer", fd);
	SHOW((late = open("fifo", O_RDONLY | O_NONBLOCK)) >= 0);
	close(other);
	show_poll("fifo, the writer has left", late);
	SHOW(read(late, out, 4));
	show_poll("fifo, and it is empty", fd);
	close(late);
	SHOW((late = open("fifo", O_RDONLY | O_NONBLOCK)) >= 0);
	show_poll("fifo, opened after the writer had left", late);
	SHOW(read(late, out, 1));
	show_poll("fifo, the end was read", late);
	show_poll("fifo, who knew the writer", fd);
	SHOW((other = open("fifo", O_WRONLY | O_NONBLOCK)) >= 0);
	show_poll("fifo, another writer", late);
	close(other);
	show_poll("fifo, that one has left, too", late);
	close(late);
	close(fd);
	SHOW((fd = open("fifo", O_RDWR | O_NONBLOCK)) >= 0);
	SHOW(read(fd, out, 1));
	SHOW(write(fd, "self", 4));
	SHOW(read(fd, out, 16));
	close(fd);
	child = fork();
	if (child == 0) {
		fd = open("fifo", O_WRONLY);
		_exit(write(fd, "from the child", 14) == 14 ? 0 : 1);
	}
	fd = open("fifo", O_RDONLY);
	SHOW(read(fd, out, 15));
	SHOW(read(fd, out, 15));
	SHOW(waitpid(child, &status, 0) == child);
	SHOW(status);
	close(fd);
	SHOW(unlink("fifo"));
}

static void work(long ms)
{
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 < ms);
}

/* Each is the first at times. A reader that has had the CPU for long loses it to the writer that it
 * wakes, and the writer is gone before the reader's open(2) returns. */
static void meetings(void)
{
	int met = 0, status;
	char out[16];

	SHOW(mkfifo("meeting", 0600));
	for (int i = 0; i < 100; i++) {
		pid_t child = fork();
		int fd;

		if (child == 0) {
			work(i % 3);
			fd = open("meeting", O_WRONLY);
			_exit(write(fd, "word", 4) != 4);
		}
		usleep(i % 2 * 500);
		work(i % 7);
		fd = open("meeting", O_RDONLY);
		met += read(fd, out, sizeof(out)) == 4 && read(fd, out, sizeof(out)) == 0;
		close(fd);
		waitpid(child, &status, 0);
	}
	printf("met %d times\n", met);
	SHOW(unlink("meeting"));
}

int main(void)
{
	ends();
	room();
	through();
	broken();
	fifos();
	meetings();
	return 0;
}
