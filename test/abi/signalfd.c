/* Signals from a file: what is read of each, whose they are, other masks, polling. */
#include "show.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

static int fd;

static int ready(int ms)
{
	struct pollfd one = { fd, POLLIN | POLLOUT, 0 };

	return poll(&one, 1, ms) > 0 ? one.revents : 0;
}

static void print(const struct signalfd_siginfo *info)
{
	printf("  signal %u errno %d code %d pid %s uid %u tid %d overrun %u status %d int %d ptr "
	       "%d"
	       " addr %d\n",
		info->ssi_signo, info->ssi_errno, info->ssi_code,
		info->ssi_pid == (uint32_t)getpid()    ? "own"
		: info->ssi_pid == (uint32_t)getppid() ? "parent"
		: info->ssi_pid                        ? "another"
						       : "0",
		info->ssi_uid, info->ssi_tid != 0, info->ssi_overrun, info->ssi_status,
		info->ssi_int, (int)info->ssi_ptr, info->ssi_addr != 0);
}

static void take(const char *what, int room)
{
	struct signalfd_siginfo infos[8];
	ssize_t n = read(fd, infos, (size_t)room * sizeof(infos[0]));

	if (n < 0) {
		printf("%s: %s\n", what, strerror(errno));
		return;
	}
	printf("%s: %zd\n", what, n / (ssize_t)sizeof(infos[0]));
	for (ssize_t i = 0; i < n / (ssize_t)sizeof(infos[0]); i++)
		print(&infos[i]);
}

static void sources(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec soon = { { 0, 0 }, { 0, 1000000 } };
	timer_t timer;
	pid_t pid;

	take("nothing", 8);
	SHOW(ready(0));
	kill(getpid(), SIGUSR1);
	SHOW(ready(0));
	raise(SIGUSR2);
	sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 5 });
	sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 6 });
	take("several, room for two", 2);
	take("the rest", 8);
	event.sigev_value.sival_int = 17;
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &soon, NULL);
	ready(1000);
	take("a timer", 8);
	timer_delete(timer);
	pid = fork();
	if (pid == 0)
		_exit(3);
	ready(1000);
	take("a child's end", 8);
	waitpid(pid, NULL, 0);
}

static void masks(void)
{
	sigset_t set;

	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR2);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGKILL);
	SHOW(signalfd(fd, &set, 0) == fd);
	take("other signals", 8);
	sigaddset(&set, SIGUSR1);
	SHOW(signalfd(fd, &set, 0) == fd);
	take("and again", 8);
	sigfillset(&set);
	SHOW(signalfd(fd, &set, SFD_NONBLOCK) == fd);
}

static void *send_later(void *unused)
{
	struct timespec span = { 0, 10000000 };

	nanosleep(&span, NULL);
	kill(getpid(), SIGUSR1);
	return NULL;
}

static pid_t main_tid;

static void *steal(void *unused)
{
	take("another thread's", 8);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR2);
	take("its own", 8);
	return NULL;
}

static void threads(void)
{
	pthread_t thread;

	fcntl(fd, F_SETFL, 0);
	pthread_create(&thread, NULL, send_later, NULL);
	take("waited for", 8);
	pthread_join(thread, NULL);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	main_tid = (pid_t)syscall(SYS_gettid);
	syscall(SYS_tgkill, getpid(), main_tid, SIGUSR2);
	pthread_create(&thread, NULL, steal, NULL);
	pthread_join(thread, NULL);
	take("this thread's", 8);
}

static void children(void)
{
	struct epoll_event event = { EPOLLIN, { .u64 = 1 } };
	int set = epoll_create1(0), status;
	pid_t pid;

	kill(getpid(), SIGUSR1);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		take("a child has its own", 8);
		raise(SIGUSR2);
		take("only those", 8);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
	SHOW(epoll_wait(set, &event, 1, 0));
	take("the parent's are there", 8);
	SHOW(epoll_wait(set, &event, 1, 0));
	kill(getpid(), SIGUSR1);
	SHOW(epoll_wait(set, &event, 1, 1000));
	take("by epoll", 8);
	/* The set outlives the process that made it. */
	pid = fork();
	if (pid == 0) {
		int own = epoll_create1(0);

		epoll_ctl(own, EPOLL_CTL_ADD, fd, &event);
		if (fork() == 0) {
			usleep(20000);
			raise(SIGUSR1);
			epoll_wait(own, &event, 1, 100);
			_exit(0);
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
	usleep(50000);
	take("afterwards", 8);
	close(set);
}

static void info(void)
{
	char path[64], text[512], *line;
	sigset_t set;
	ssize_t n;
	int in;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	signalfd(fd, &set, 0);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	in = open(path, O_RDONLY);
	n = read(in, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strncmp(line, "mnt_id", 6) && strncmp(line, "ino", 3))
			printf("%s\n", line);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, sizeof(text));
	printf("%.*s\n", (int)n, text);
	close(in);
}

static void failures(void)
{
	struct signalfd_siginfo room;
	sigset_t set;

	sigfillset(&set);
	SHOW(syscall(SYS_signalfd4, -1, &set, 4, 0));
	SHOW(syscall(SYS_signalfd4, -1, (void *)8, 8, 0));
	SHOW(syscall(SYS_signalfd4, -1, &set, 8, 1));
	SHOW(syscall(SYS_signalfd4, -2, &set, 8, 0));
	SHOW(syscall(SYS_signalfd4, 99, &set, 8, 0));
	SHOW(syscall(SYS_signalfd4, 1, &set, 8, 0));
	SHOW(read(fd, &room, sizeof(room) - 1));
	SHOW(write(fd, &room, sizeof(room)));
	kill(getpid(), SIGUSR1);
	SHOW(read(fd, (void *)8, sizeof(room)));
}

int main(void)
{
	sigset_t set;

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	printf("fd %d flags %#x cloexec %d\n", fd >= 0, fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	sources();
	masks();
	threads();
	children();
	info();
	failures();
	return 0;
}
