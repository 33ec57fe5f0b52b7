/*
 * What a parent sees of a child that stops, goes on and ends, in the moment in which it may see it:
 * every thread is at rest once it has been waited for, it goes on as soon as SIGCONT was sent, and
 * a zombie has given back what it held.
 */
#include "show.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#define THREADS 3

static volatile long *counters;

static void *count(void *arg)
{
	for (;;) {
		++*(volatile long *)arg;
		if (*(volatile long *)arg % 64 == 0)
			sched_yield();
	}
	return NULL;
}

static pid_t counting_child(int threads)
{
	pid_t pid = fork();
	pthread_t thread;

	if (pid)
		return pid;
	for (int i = 1; i < threads; i++)
		pthread_create(&thread, NULL, count, (void *)&counters[i]);
	count((void *)&counters[0]);
	_exit(1);
}

static void wait_until_all_count(int threads)
{
	for (int i = 0; i < threads; i++)
		while (counters[i] == 0)
			sched_yield();
}

static char letter_of(pid_t pid, pid_t thread)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, thread);
	return state_in(path);
}

static void at_rest(int threads)
{
	int moved = 0, running = 0, status;
	pid_t pid;

	memset((void *)counters, 0, threads * sizeof(*counters));
	pid = counting_child(threads);
	wait_until_all_count(threads);
	for (int round = 0; round < 200; round++) {
		long seen[THREADS];

		kill(pid, SIGSTOP);
		waitpid(round % 2 ? pid : -1, &status, WUNTRACED);
		if (!WIFSTOPPED(status))
			printf("status %x\n", status);
		for (int i = 0; i < threads; i++)
			seen[i] = counters[i];
		running += letter_of(pid, pid) != 'T';
		sched_yield();
		for (int i = 0; i < threads; i++)
			moved += seen[i] != counters[i];
		kill(pid, SIGCONT);
		sched_yield();
	}
	printf("%d threads: %d moved, %d not stopped\n", threads, moved, running);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static void goes_on_at_once(void)
{
	int status, late = 0, stale = 0, again = 0;
	pid_t pid = counting_child(1);

	for (int round = 0; round < 200; round++) {
		pid_t whom = round % 2 ? pid : -1;
		siginfo_t info;

		kill(pid, SIGSTOP);
		waitid(P_PID, pid, &info, WSTOPPED | (round % 3 ? WNOWAIT : 0));
		kill(pid, SIGCONT);
		stale += waitpid(whom, &status, WUNTRACED | WNOHANG) != 0;
		late += waitpid(whom, &status, WCONTINUED | WNOHANG) != pid ||
		        !WIFCONTINUED(status);
		again += waitpid(whom, &status, WCONTINUED | WUNTRACED | WNOHANG) != 0;
	}
	printf("went on: %d late, %d stops found after, %d found twice\n", late, stale, again);
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGCONT);
	kill(pid, SIGKILL);
	SHOW(waitpid(pid, &status, WCONTINUED) == pid);
	printf("status %x\n", status);
}

static volatile sig_atomic_t told[8];

static void on_child(int signal, siginfo_t *info, void *context)
{
	told[info->si_code & 7]++;
}

/* A thread that ends while the others have stopped does not keep the process from stopping. */
static void *ends(void *arg)
{
	for (int i = 0; i < 20; i++)
		sched_yield();
	return NULL;
}

static void threads_that_end(void)
{
	struct sigaction action = { .sa_sigaction = on_child, .sa_flags = SA_SIGINFO };
	int stops = 0, continues = 0, status;
	pid_t pid = fork();
	pthread_t thread;

	if (pid == 0) {
		for (;;) {
			pthread_create(&thread, NULL, ends, NULL);
			sched_yield();
			pthread_join(thread, NULL);
		}
	}
	sigaction(SIGCHLD, &action, NULL);
	for (int round = 0; round < 200; round++) {
		int before = told[CLD_STOPPED];

		kill(pid, SIGSTOP);
		while (waitpid(pid, &status, WUNTRACED) < 0)
			;
		stops += told[CLD_STOPPED] == before + 1;
		before = told[CLD_CONTINUED];
		kill(pid, SIGCONT);
		while (told[CLD_CONTINUED] == before)
			sched_yield();
		continues += told[CLD_CONTINUED] == before + 1;
	}
	printf("told of %d stops, %d times that it went on\n", stops, continues);
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		;
	signal(SIGCHLD, SIG_DFL);
}

static void zombies_hold_nothing(void)
{
	int held = 0, status;

	for (int round = 0; round < 200; round++) {
		char path[32], target[64];
		pid_t pid = counting_child(1 + round % THREADS);

		snprintf(path, sizeof(path), "/proc/%d/exe", pid);
		sched_yield();
		kill(pid, SIGKILL);
		while (letter_of(pid, pid) != 'Z')
			sched_yield();
		held += readlink(path, target, sizeof(target)) >= 0;
		waitpid(pid, &status, 0);
	}
	printf("%d zombies with a program\n", held);
}

int main(void)
{
	counters = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	at_rest(1);
	at_rest(THREADS);
	goes_on_at_once();
	threads_that_end();
	zombies_hold_nothing();
	return 0;
}
