/* Job control: controlling terminals, who is in the foreground, signals, the end of a session. */
#include "show.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

static int master;
static char name[40];
static volatile sig_atomic_t caught;

static void on_signal(int signal)
{
	caught = signal;
}

static void pause_ms(long ms)
{
	struct timespec t = { .tv_nsec = ms * 1000000 };

	nanosleep(&t, NULL);
}

static void open_master(void)
{
	int number;

	master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
	ioctl(master, TIOCGPTN, &number);
	unlockpt(master);
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
}

static void show_status(const char *who, pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, WUNTRACED);
	if (WIFEXITED(status))
		printf("%s ended with %d\n", who, WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		printf("%s was ended by %d\n", who, WTERMSIG(status));
	else if (WIFSTOPPED(status))
		printf("%s was stopped by %d\n", who, WSTOPSIG(status));
	fflush(stdout);
}

/* A child in a group of its own, in the background; it does one thing with the terminal. */
static pid_t background(int tty, int what)
{
	struct termios t;
	pid_t pid = fork();
	char c;

	if (pid)
		return setpgid(pid, pid), pid;
	setpgid(0, 0);
	signal(SIGHUP, SIG_DFL);
	if (what & 16)
		signal(SIGTTIN, SIG_IGN), signal(SIGTTOU, SIG_IGN);
	switch (what & 15) {
	case 0:
		_exit(read(tty, &c, 1) == 1 ? c : errno);
	case 1:
		_exit(write(tty, "w", 1) == 1 ? 0 : errno);
	case 2:
		tcgetattr(tty, &t);
		_exit(tcsetattr(tty, TCSANOW, &t) ? errno : 0);
	case 3:
		_exit(tcsetpgrp(tty, getpid()) ? errno : 0);
	default:
		for (;;)
			pause();
	}
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	kill(pid, SIGCONT);
	show_status("it", pid);
}

static void backgrounds(int tty)
{
	struct termios t;
	pid_t pid;

	show_status("reader", pid = background(tty, 0));
	tcsetpgrp(tty, pid);
	kill(pid, SIGCONT);
	SHOW(write(master, "!\n", 2));
	show_status("reader", pid);
	SHOW(signal(SIGTTOU, SIG_IGN) == SIG_ERR);
	SHOW(tcsetpgrp(tty, getpgrp()));
	signal(SIGTTOU, SIG_DFL);
	show_status("reader that ignores it", background(tty, 16));
	show_status("writer", background(tty, 1));
	tcgetattr(tty, &t);
	t.c_lflag |= TOSTOP;
	tcsetattr(tty, TCSANOW, &t);
	show_status("writer with TOSTOP", pid = background(tty, 1));
	end(pid);
	show_status("writer that ignores it", background(tty, 16 | 1));
	show_status("setter", pid = background(tty, 2));
	end(pid);
	show_status("setter that ignores it", background(tty, 16 | 2));
	show_status("grabber", pid = background(tty, 3));
	end(pid);
}

static void keys(int tty)
{
	static const char typed[] = { 3, 28, 26 };

	for (unsigned i = 0; i < sizeof(typed); i++) {
		pid_t pid = background(tty, 4);

		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(tty, pid);
		pause_ms(20);
		SHOW(write(master, &typed[i], 1));
		show_status("the foreground", pid);
		if (typed[i] == 26)
			end(pid);
		SHOW(tcsetpgrp(tty, getpgrp()));
		signal(SIGTTOU, SIG_DFL);
	}
	signal(SIGINT, on_signal);
	SHOW(write(master, "\x03", 1));
	pause_ms(50);
	SHOW(caught);
	signal(SIGWINCH, on_signal);
	SHOW(ioctl(master, TIOCSWINSZ, &(struct winsize){ .ws_row = 5, .ws_col = 6 }));
	pause_ms(20);
	SHOW(caught);
	caught = 0;
	SHOW(ioctl(tty, TIOCSWINSZ, &(struct winsize){ .ws_row = 5, .ws_col = 6 }));
	SHOW(caught);
}

static void owners(int tty)
{
	pid_t pid;
	int fd;

	SHOW(tcgetsid(tty) == getpid());
	SHOW(tcgetpgrp(tty) == getpgrp());
	SHOW(tcgetpgrp(master) == getpgrp());
	SHOW(ioctl(tty, TIOCSCTTY, 0));
	SHOW(tcsetpgrp(tty, 99999));
	SHOW(tcsetpgrp(tty, -3));
	SHOW(tcsetpgrp(tty, 1));
	SHOW((fd = open("/dev/tty", O_RDWR)) >= 0);
	SHOW(tcgetpgrp(fd) == getpgrp());
	close(fd);
	pid = fork();
	if (pid == 0) {
		SHOW(ioctl(tty, TIOCNOTTY));
		SHOW(open("/dev/tty", O_RDWR));
		SHOW(tcgetpgrp(tty));
		SHOW(ioctl(tty, TIOCSCTTY, 0));
		_exit(0);
	}
	show_status("child", pid);
	pid = fork();
	if (pid == 0) {
		SHOW(setsid() > 0);
		SHOW(open("/dev/tty", O_RDWR));
		SHOW(ioctl(tty, TIOCSCTTY, 0));
		SHOW(tcgetsid(tty));
		_exit(0);
	}
	show_status("child in a new session", pid);
}

/* What the leader of the session does; it ends with a child in the foreground. */
static void leader(int give_up)
{
	int tty, child;

	SHOW(open("/dev/tty", O_RDWR));
	SHOW(setsid() == getpid());
	SHOW(open("/dev/tty", O_RDWR));
	tty = open(name, O_RDWR | O_NOCTTY);
	SHOW(tcgetsid(tty));
	SHOW(tcgetpgrp(tty));
	close(tty);
	tty = open(name, O_RDWR);
	owners(tty);
	backgrounds(tty);
	keys(tty);
	signal(SIGHUP, on_signal);
	if (give_up) {
		SHOW(ioctl(tty, TIOCNOTTY));
		SHOW(caught);
		SHOW(ioctl(tty, TIOCNOTTY));
		SHOW(ioctl(tty, TIOCSCTTY, 0));
	}
	child = background(tty, 4);
	signal(SIGTTOU, SIG_IGN);
	SHOW(tcsetpgrp(tty, child));
	pause_ms(50);
	_exit(7);
}

/* The other end goes: the leader gets SIGHUP. */
static void hang_up(void)
{
	pid_t pid;

	open_master();
	pid = fork();
	if (pid == 0) {
		close(master);
		setsid();
		open(name, O_RDWR);
		for (;;)
			pause();
	}
	pause_ms(100);
	close(master);
	show_status("leader without a line", pid);
}

int main(void)
{
	char c;

	open_master();
	setsid();
	for (int give_up = 0; give_up < 2; give_up++) {
		int keep = open(name, O_RDWR | O_NOCTTY);
		pid_t pid;

		pid = fork();
		if (pid == 0)
			leader(give_up);
		show_status("leader", pid);
		close(keep);
		/* The child in the foreground got SIGHUP, so nobody has the terminal open. */
		while (read(master, &c, 1) == 1)
			;
		printf("the terminal is closed: %s\n", strerror(errno));
	}
	hang_up();
	return 0;
}
