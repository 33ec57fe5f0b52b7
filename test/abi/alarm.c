/* alarm and interval timers. */
#include "show.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

static volatile int count;

static void on_alarm(int number)
{
	count++;
}

static void arm(long us, long interval_us)
{
	struct itimerval value = { { 0, interval_us }, { 0, us } };

	SHOW(setitimer(ITIMER_REAL, &value, NULL));
}

int main(void)
{
	struct itimerval value, bad = { { 0, 0 }, { 0, 1000000 } };
	int status;
	pid_t pid;

	signal(SIGALRM, on_alarm);
	SHOW(alarm(100));
	SHOW(alarm(0));
	SHOW(alarm(0));
	arm(20000, 0);
	SHOW(pause());
	printf("ran %d\n", count);
	getitimer(ITIMER_REAL, &value);
	printf("off: %d\n", value.it_value.tv_sec == 0 && value.it_value.tv_usec == 0);
	arm(10000, 10000);
	while (count < 5)
		pause();
	getitimer(ITIMER_REAL, &value);
	printf("interval %ld, running %d\n", (long)value.it_interval.tv_usec,
		value.it_value.tv_usec > 0);
	arm(0, 0);
	SHOW(setitimer(ITIMER_REAL, &bad, NULL));
	SHOW(setitimer(9, &value, NULL));
	SHOW(setitimer(ITIMER_REAL, (void *)8, NULL));

	/* Not inherited; kept by exec, and then deadly. */
	alarm(50);
	pid = fork();
	if (pid == 0)
		_exit((int)alarm(0));
	waitpid(pid, &status, 0);
	printf("in a child: %d\n", WEXITSTATUS(status));
	alarm(0);
	pid = fork();
	if (pid == 0) {
		arm(20000, 0);
		signal(SIGALRM, SIG_DFL);
		for (;;)
			;
	}
	waitpid(pid, &status, 0);
	printf("ended by %d\n", WTERMSIG(status));
	return 0;
}
