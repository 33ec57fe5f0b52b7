/* Signals that carry a value, and what each sender's signal says of it. */
#include "show.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>

static sigset_t all;

static void take(const char *what)
{
	struct timespec wait = { 0, 50000000 };
	siginfo_t info;
	int signal;

	memset(&info, 0xee, sizeof(info));
	signal = sigtimedwait(&all, &info, &wait);
	if (signal < 0) {
		printf("%s: none\n", what);
		return;
	}
	printf("%s: signal %d errno %d code %d pid %s uid %d value %d, rest %d\n", what, signal,
		info.si_errno, info.si_code,
		info.si_pid == getpid() ? "own"
		: info.si_pid == 0      ? "0"
					: "another's",
		(int)info.si_uid, info.si_value.sival_int, ((char *)&info)[127]);
}

static int queue(pid_t pid, int signal, int code, int value)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_code = code;
	info.si_errno = 9;
	info.si_pid = getpid();
	info.si_uid = 7;
	info.si_value.sival_int = value;
	return (int)syscall(SYS_rt_sigqueueinfo, pid, signal, &info);
}

static int queue_thread(pid_t tgid, pid_t tid, int signal, int code, int value)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_code = code;
	info.si_value.sival_int = value;
	return (int)syscall(SYS_rt_tgsigqueueinfo, tgid, tid, signal, &info);
}

static void senders(void)
{
	struct itimerval soon = { { 0, 0 }, { 0, 1000 } };
	int ends[2];

	kill(getpid(), SIGUSR1);
	take("kill");
	syscall(SYS_tkill, syscall(SYS_gettid), SIGUSR1);
	take("tkill");
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1);
	take("tgkill");
	raise(SIGUSR2);
	take("raise");
	sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 42 });
	take("sigqueue");
	setitimer(ITIMER_REAL, &soon, NULL);
	take("setitimer");
	pipe(ends);
	close(ends[0]);
	SHOW(write(ends[1], "x", 1));
	take("a broken pipe");
	close(ends[1]);
}

static void queues(void)
{
	for (int i = 0; i < 3; i++)
		SHOW(queue(getpid(), SIGRTMIN, SI_QUEUE, i));
	for (int i = 0; i < 3; i++)
		SHOW(queue(getpid(), SIGUSR1, SI_QUEUE, i));
	take("standard signals go once");
	for (int i = 0; i < 4; i++)
		take("real-time signals each");
	SHOW(queue(getpid(), SIGRTMIN + 1, SI_QUEUE, 1));
	SHOW(queue(getpid(), SIGRTMIN, SI_QUEUE, 2));
	SHOW(queue_thread(getpid(), getpid(), SIGRTMIN + 3, SI_QUEUE, 3));
	take("thread's first");
	take("lowest number first");
	take("then the other");
	take("no more");
	SHOW(queue(getpid(), SIGUSR1, -77, 5));
	take("a code of one's own");
	SHOW(queue(getpid(), SIGUSR1, SI_USER, 5));
	take("to oneself anything: SI_USER");
	SHOW(queue(getpid(), SIGUSR1, SI_TKILL, 5));
	take("to oneself anything: SI_TKILL");
	SHOW(queue(getpid(), SIGUSR1, SI_KERNEL, 5));
	take("to oneself anything: SI_KERNEL");
	SHOW(queue(getpid(), 0, SI_QUEUE, 0));
	take("nothing is sent");
}

static void failures(void)
{
	struct rlimit limit = { 4, 4 }, old;
	int status, sent = 0;
	pid_t child = fork();

	if (child == 0)
		for (;;)
			pause();
	SHOW(queue(child, SIGUSR1, SI_USER, 0));
	SHOW(queue(child, SIGUSR1, SI_TKILL, 0));
	SHOW(queue(child, SIGUSR1, 5, 0));
	SHOW(queue_thread(child, child, SIGUSR1, SI_USER, 0));
	SHOW(queue(child, 65, SI_QUEUE, 0));
	SHOW(queue(child, -1, SI_QUEUE, 0));
	SHOW(queue(99999, SIGUSR1, SI_QUEUE, 0));
	SHOW(queue(99999, SIGUSR1, SI_USER, 0));
	SHOW(queue(0, SIGUSR1, SI_QUEUE, 0));
	SHOW(queue(-child, SIGUSR1, SI_QUEUE, 0));
	SHOW(queue_thread(0, child, SIGUSR1, SI_QUEUE, 0));
	SHOW(queue_thread(child, 0, SIGUSR1, SI_QUEUE, 0));
	SHOW(queue_thread(getpid(), child, SIGUSR1, SI_QUEUE, 0));
	SHOW((int)syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, (void *)8));
	SHOW((int)syscall(SYS_rt_tgsigqueueinfo, child, child, SIGUSR1, (void *)8));
	if (fork() == 0) {
		setuid(1000);
		SHOW(queue(child, SIGUSR1, SI_QUEUE, 0));
		SHOW(queue_thread(child, child, SIGUSR1, SI_QUEUE, 0));
		_exit(0);
	}
	wait(NULL);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);

	/* No room: real-time signals are refused, others lose what they carry. */
	getrlimit(RLIMIT_SIGPENDING, &old);
	limit.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_SIGPENDING, &limit);
	for (int i = 0; i < 1000 && queue(getpid(), SIGRTMIN, SI_QUEUE, i) == 0; i++)
		sent++;
	printf("real-time signals until the limit: %d, %s\n", sent < 1000, strerror(errno));
	SHOW(queue(getpid(), SIGUSR2, SI_QUEUE, 0));
	SHOW(kill(getpid(), SIGRTMIN + 5));
	setrlimit(RLIMIT_SIGPENDING, &old);
	while (sigtimedwait(&all, NULL, &(struct timespec){ 0, 0 }) > 0)
		;
}

static volatile int handled;

static void on_child(int signal, siginfo_t *info, void *context)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "SIGCHLD code %d status %d uid %d times %d\n",
		info->si_code, info->si_status, (int)info->si_uid,
		info->si_utime >= 0 && info->si_stime >= 0);

	write(1, line, (size_t)n);
	handled++;
}

static void children(void)
{
	struct sigaction action = { .sa_sigaction = on_child, .sa_flags = SA_SIGINFO };
	struct timespec span = { 0, 10000000 };
	sigset_t none;
	pid_t pid;

	sigaction(SIGCHLD, &action, NULL);
	sigemptyset(&none);
	fflush(stdout);
	sigprocmask(SIG_SETMASK, &none, NULL);
	pid = fork();
	if (pid == 0)
		_exit(5);
	while (handled < 1)
		nanosleep(&span, NULL);
	pid = fork();
	if (pid == 0) {
		setuid(1000);
		for (;;)
			pause();
	}
	nanosleep(&span, NULL);
	kill(pid, SIGSTOP);
	while (handled < 2)
		nanosleep(&span, NULL);
	kill(pid, SIGCONT);
	while (handled < 3)
		nanosleep(&span, NULL);
	kill(pid, SIGTERM);
	while (handled < 4)
		nanosleep(&span, NULL);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	senders();
	queues();
	failures();
	children();
	return 0;
}
