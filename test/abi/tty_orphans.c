/* Orphaned process groups: nobody could continue them, so a terminal never stops them. */
#include "show.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

static int tty;
static volatile sig_atomic_t hups, conts;

static void on_signal(int signal)
{
	if (signal == SIGHUP)
		hups++;
	else
		conts++;
}

static void pause_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void orphan_tries(void)
{
	struct termios t;
	char c;

	SHOW(tcgetpgrp(tty) != getpgrp());
	SHOW(read(tty, &c, 1));
	SHOW(write(tty, "w", 1));
	tcgetattr(tty, &t);
	t.c_lflag |= TOSTOP;
	SHOW(tcsetattr(tty, TCSANOW, &t));
	SHOW(tcsetpgrp(tty, getpgrp()));
	SHOW(ioctl(tty, TIOCSWINSZ, &(struct winsize){ .ws_row = 3 }));
	SHOW(kill(getpid(), SIGTSTP));
	SHOW(kill(getpid(), SIGTTIN));
	SHOW(kill(getpid(), SIGTTOU));
	printf("still running\n");
	signal(SIGTTIN, SIG_IGN);
	SHOW(read(tty, &c, 1));
	signal(SIGTTOU, SIG_IGN);
	SHOW(tcsetattr(tty, TCSANOW, &t));
	SHOW(write(tty, "w", 1));
	signal(SIGTTOU, SIG_DFL);
	SHOW(write(tty, "w", 1));
}

/* A child of a child that ends first; it waits until that has happened. */
static void orphan(void (*run)(void), int stopped)
{
	int ends[2], back[2];
	char c;

	pipe(ends);
	pipe(back);
	if (fork() == 0) {
		setpgid(0, 0);
		pid_t pid = fork();

		if (pid == 0) {
			setpgid(0, 0);
			close(ends[1]);
			close(back[0]);
			if (stopped) {
				signal(SIGHUP, on_signal);
				signal(SIGCONT, on_signal);
				raise(SIGSTOP);
			} else {
				(void)!read(ends[0], &c, 1);
				while (getppid() != 1)
					pause_ms(5);
			}
			run();
			_exit(0);
		}
		setpgid(pid, pid);
		if (stopped)
			waitpid(pid, NULL, WUNTRACED);
		_exit(0);
	}
	close(back[1]);
	close(ends[1]);
	wait(NULL);
	(void)!read(back[0], &c, 1); /* until the orphan has ended */
	close(ends[0]);
	close(back[0]);
}

static void stopped_orphan(void)
{
	pause_ms(50);
	SHOW(hups);
	SHOW(conts);
}

int main(void)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), number, status;
	char name[40];
	pid_t pid;

	ioctl(master, TIOCGPTN, &number);
	unlockpt(master);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	pid = fork();
	if (pid == 0) {
		setsid();
		tty = open(name, O_RDWR);
		orphan(orphan_tries, 0);
		orphan(stopped_orphan, 1);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	SHOW(status);
	return 0;
}
