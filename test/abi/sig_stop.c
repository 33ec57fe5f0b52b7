/* Stopping and continuing a child; what the parent is told. */
#include "show.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static volatile int codes[8], told;

static void on_child(int number, siginfo_t *info, void *context)
{
	if (told < 8)
		codes[told++] = info->si_code;
}

static void show_status(const char *what, pid_t pid, pid_t child, int status)
{
	printf("%s: %s ", what, pid == child ? "child" : pid ? "?" : "nothing");
	if (pid == child && WIFSTOPPED(status))
		printf("stopped by %d\n", WSTOPSIG(status));
	else if (pid == child && WIFCONTINUED(status))
		puts("continued");
	else if (pid == child && WIFSIGNALED(status))
		printf("ended by %d\n", WTERMSIG(status));
	else
		puts("");
	fflush(stdout);
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_child, .sa_flags = SA_SIGINFO | SA_RESTART };
	int status = 0;
	pid_t child, pid;

	setsid();
	sigaction(SIGCHLD, &action, NULL);
	child = fork();
	if (child == 0) {
		for (;;)
			pause();
	}
	SHOW(kill(child, SIGSTOP));
	pid = waitpid(child, &status, WUNTRACED);
	show_status("waitpid WUNTRACED", pid, child, status);
	pid = waitpid(child, &status, WUNTRACED | WNOHANG);
	show_status("again", pid, child, status);
	SHOW(kill(child, SIGCONT));
	pid = waitpid(child, &status, WCONTINUED);
	show_status("waitpid WCONTINUED", pid, child, status);
	/* In a group that nobody could continue it is ignored. */
	SHOW(kill(child, SIGTSTP));
	usleep(20000);
	pid = waitpid(child, &status, WUNTRACED | WNOHANG);
	show_status("SIGTSTP, orphaned group", pid, child, status);
	SHOW(setpgid(child, child));
	SHOW(kill(child, SIGTSTP));
	pid = waitpid(child, &status, WUNTRACED);
	show_status("SIGTSTP", pid, child, status);
	SHOW(kill(child, SIGUSR1));
	SHOW(kill(child, SIGKILL));
	pid = waitpid(child, &status, 0);
	show_status("killed while stopped", pid, child, status);
	SHOW(waitpid(child, &status, 0));
	for (int i = 0; i < told; i++)
		printf("SIGCHLD code %d\n", codes[i]);
	return 0;
}
