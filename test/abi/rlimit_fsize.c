/* RLIMIT_FSIZE: how far a file may grow, and the signal that says so. */
#include "show.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/wait.h>

static volatile int signals;

static void on_signal(int number)
{
	signals++;
}

static void told(void)
{
	printf("  signals %d\n", signals);
	signals = 0;
}

static void limit(long soft)
{
	struct rlimit l = { (rlim_t)soft, RLIM_INFINITY };

	SHOW(setrlimit(RLIMIT_FSIZE, &l));
}

static long size_of(int fd)
{
	struct stat st;

	fstat(fd, &st);
	return (long)st.st_size;
}

#define CALL(call) (SHOW(call), told())

static void writes(int fd)
{
	static char buf[5000];
	struct iovec pieces[2] = { { buf, 100 }, { buf, 100 } };

	limit(1000);
	CALL(write(fd, buf, 999));
	CALL(write(fd, buf, 2));
	CALL(write(fd, buf, 1));
	CALL(write(fd, buf, 0));
	CALL(pwrite(fd, buf, 10, 995));
	CALL(pwrite(fd, buf, 10, 1000));
	CALL(pwrite(fd, buf, 10, 4000));
	CALL(pwritev(fd, pieces, 2, 850));
	CALL(pwritev(fd, pieces, 2, 1001));
	CALL(fcntl(fd, F_SETFL, O_APPEND));
	CALL(write(fd, buf, 1));
	CALL(fcntl(fd, F_SETFL, 0));
	limit(5000);
	CALL(pwrite(fd, buf, 5000, 500));
	printf("size %ld\n", size_of(fd));
	limit(100); /* below the size: what is there can be written to up to the limit */
	CALL(pwrite(fd, buf, 200, 0));
	CALL(pwrite(fd, buf, 200, 200));
	limit(0);
	CALL(pwrite(fd, buf, 1, 0));
	limit(-1);
	CALL(pwrite(fd, buf, 1, 6000));
}

static void sizes(int fd)
{
	limit(1000);
	CALL(ftruncate(fd, 500));
	CALL(ftruncate(fd, 1000));
	CALL(ftruncate(fd, 1001));
	CALL(truncate("file", 1001));
	CALL(truncate("file", 700));
	CALL(fallocate(fd, 0, 0, 1000));
	CALL(fallocate(fd, 0, 0, 1001));
	CALL(fallocate(fd, 1, 500, 600));
	CALL(fallocate(fd, 3, 500, 6000));
	limit(100);
	CALL(ftruncate(fd, 900));
	CALL(ftruncate(fd, 901));
	CALL(fallocate(fd, 0, 0, 850));
	printf("size %ld\n", size_of(fd));
}

static void others(int fd)
{
	char buf[64] = "";
	int other, pair[2];

	CALL(sendfile(fd, fd, NULL, 10));
	lseek(fd, 90, SEEK_SET);
	other = open("other", O_RDWR | O_CREAT, 0600);
	ftruncate(other, 100);
	SHOW(sendfile(fd, other, NULL, 50));
	signals = 0;
	CALL(sendfile(fd, other, NULL, 50));
	close(other);
	limit(1);
	other = open("/dev/null", O_WRONLY);
	CALL(write(other, buf, 64));
	close(other);
	pipe(pair);
	CALL(write(pair[1], buf, 64));
	close(pair[0]);
	close(pair[1]);
	CALL(close(open("new", O_CREAT | O_WRONLY, 0600)));
	CALL(symlink("a/long/text", "link"));
}

static void deadly(int fd)
{
	int status;

	limit(10);
	if (fork() == 0) {
		signal(SIGXFSZ, SIG_DFL);
		pwrite(fd, "x", 1, 10);
		_exit(1);
	}
	wait(&status);
	printf("signal %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	if (fork() == 0) {
		signal(SIGXFSZ, SIG_IGN);
		_exit(pwrite(fd, "x", 1, 10) == -1 && errno == EFBIG ? 7 : 1);
	}
	wait(&status);
	printf("status %d\n", WEXITSTATUS(status));
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	int fd;

	mkdir("rlimit_fsize", 0755);
	chdir("rlimit_fsize");
	sigaction(SIGXFSZ, &action, NULL);
	fd = open("file", O_RDWR | O_CREAT, 0600);
	writes(fd);
	sizes(fd);
	others(fd);
	deadly(fd);
	limit(-1);
	return 0;
}
