/* Stops at their edges: who is told of them, and what does not end them. */
#include "show.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

static volatile long *moves;

static char letter(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return state_in(path);
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	while (pid == 0)
		pause();
	return pid;
}

static int child_is_pending(const sigset_t *child)
{
	struct timespec at_once = { 0, 0 };
	int pending = 0;

	while (sigtimedwait(child, NULL, &at_once) > 0)
		pending = 1;
	return pending;
}

/* SIGCHLD blocked: what is ignored does not come to be pending. */
static void told(const char *what, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };
	sigset_t child;
	pid_t pid;

	puts(what);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	sigaction(SIGCHLD, &action, NULL);
	(void)child_is_pending(&child);
	pid = sleeper();
	kill(pid, SIGSTOP);
	SHOW(waitpid(pid, NULL, WUNTRACED) == pid);
	SHOW(child_is_pending(&child));
	kill(pid, SIGCONT);
	SHOW(waitpid(pid, NULL, WCONTINUED) == pid);
	while (letter(pid) != 'S') /* it tells when it runs again */
		usleep(1000);
	SHOW(child_is_pending(&child));
	kill(pid, SIGKILL);
	SHOW(waitpid(pid, NULL, 0) == pid);
	SHOW(child_is_pending(&child));
}

static void *move(void *unused)
{
	for (;;) {
		++*moves;
		sched_yield();
	}
	return NULL;
}

static int is_moving(void)
{
	long before = *moves;

	usleep(50000);
	return *moves != before;
}

/* The first thread has ended: a SIGKILL to it is lost, and starts nobody again. */
static void lost_kill(void)
{
	pid_t pid = fork();
	pthread_t thread;

	if (pid == 0) {
		pthread_create(&thread, NULL, move, NULL);
		syscall(SYS_exit, 0);
	}
	while (letter(pid) != 'Z')
		usleep(1000);
	kill(pid, SIGSTOP);
	SHOW(waitpid(pid, NULL, WUNTRACED) == pid);
	SHOW(is_moving());
	SHOW(syscall(SYS_tgkill, pid, pid, SIGKILL));
	usleep(50000);
	SHOW(is_moving());
	SHOW(waitpid(pid, NULL, WNOHANG | WCONTINUED | WUNTRACED));
	kill(pid, SIGKILL);
	SHOW(waitpid(pid, NULL, 0) == pid);
}

/* In a group of its own, with a stopped child in another. */
static void parent_of_stopped(int tell)
{
	pid_t child;

	setpgid(0, 0);
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		raise(SIGSTOP);
		for (;;)
			pause();
	}
	waitpid(child, NULL, WUNTRACED);
	write(tell, &child, sizeof(child));
	_exit(0);
}

/* Who inherits a stopped process watches its group, too: it is not orphaned. */
static void inherited(void)
{
	int ends[2];
	pid_t parent, child;

	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pipe(ends);
	parent = fork();
	if (parent == 0)
		parent_of_stopped(ends[1]);
	read(ends[0], &child, sizeof(child));
	waitpid(parent, NULL, 0);
	usleep(50000);
	SHOW(waitpid(child, NULL, WNOHANG | WCONTINUED));
	printf("%c\n", letter(child));
	kill(child, SIGKILL);
	SHOW(waitpid(child, NULL, 0) == child);
}

int main(void)
{
	moves = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	told("ignored", SIG_IGN, 0);
	told("as it is", SIG_DFL, 0);
	told("no stops", SIG_DFL, SA_NOCLDSTOP);
	told("no zombies", SIG_DFL, SA_NOCLDWAIT);
	signal(SIGCHLD, SIG_DFL);
	lost_kill();
	inherited();
	return 0;
}
