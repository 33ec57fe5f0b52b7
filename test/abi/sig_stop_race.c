/*
 * SIGSTOP and SIGCONT in quick succession: whenever SIGCONT was the last, the process runs. And
 * timers that fire as fast as they can: the program goes on.
 */
#include "show.h"

#include <sched.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static volatile long *counter;
static volatile sig_atomic_t alarms;

static void moment(long ns)
{
	struct timespec time = { .tv_nsec = ns };

	nanosleep(&time, NULL);
}

/* It counts on within five seconds. */
static int runs(void)
{
	long before = *counter;

	for (int i = 0; i < 500 && *counter == before; i++)
		moment(10000000);
	return *counter != before;
}

static void stop_and_continue(void)
{
	int bad = 0, status;
	pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			++*counter;
	}
	for (int i = 0; i < 300 && !bad; i++) {
		for (int k = 0; k < i % 5; k++)
			kill(pid, SIGSTOP);
		kill(pid, i % 3 ? SIGSTOP : SIGTSTP);
		if (i % 2)
			sched_yield();
		kill(pid, SIGCONT);
		bad = !runs();
	}
	printf("stopped and continued: %s\n", bad ? "it does not go on" : "it goes on");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	printf("status %x\n", status);
}

static void on_alarm(int number)
{
	alarms = 1;
}

static void fast_timer(const char *what, void (*action)(int))
{
	struct itimerval fast = { .it_interval = { 0, 1 }, .it_value = { 0, 1 } };
	struct itimerval off = { { 0 } };

	signal(SIGALRM, action);
	setitimer(ITIMER_REAL, &fast, NULL);
	/* A busy host may let a machine wait for its timer. */
	for (volatile long i = 0; i < 3000000 || (action == on_alarm && !alarms); i++)
		;
	setitimer(ITIMER_REAL, &off, NULL);
	printf("%s: went on\n", what);
	fflush(stdout);
}

int main(void)
{
	counter = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	stop_and_continue();
	fast_timer("ignored alarms", SIG_IGN);
	fast_timer("handled alarms", on_alarm);
	printf("a handler ran: %d\n", alarms);
	return 0;
}
