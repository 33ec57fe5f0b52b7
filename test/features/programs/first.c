/* A process 1: what it has no handler for does not touch it, unless it blocks it and waits. */
#include <signal.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	static const int sent[] = { SIGTERM, SIGKILL, SIGSTOP, SIGUSR1, SIGHUP };
	sigset_t set, none;
	pid_t child;

	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	child = fork();
	if (child == 0) {
		for (unsigned i = 0; i < sizeof(sent) / sizeof(sent[0]); i++)
			kill(1, sent[i]);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	printf("process %d got", getpid());
	for (int i = 0; i < 3; i++)
		printf(" %d", sigwaitinfo(&set, NULL));
	raise(SIGTERM);
	sigprocmask(SIG_SETMASK, &none, NULL);
	printf(", and lives\n");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 1;
}
