/*
 * init: process 1. It keeps a program on each console, reaps what ends, and ends the machine.
 *
 * /etc/inittab has a line for each console; one whose terminal is not in this machine is left out:
 *
 *	# terminal  TERM   at its end  program
 *	ttyS0       vt220  again       -/bin/sh
 *
 * "again": it is started again; "off": the machine goes off when it exits, and only after a signal
 * has ended it, it is started again. A '-' in front makes it a login shell. Signals are those that
 * busybox's poweroff (SIGUSR2), halt (SIGUSR1) and reboot (SIGTERM) send.
 *
 * Where bin/run has started the machine, $CONTROL is a port to it. We ask for the size of its
 * terminal, which is that of the first console; it tells of changes, and hears how the machine
 *ends:
 *
 *	> winsize?           < winsize ROWS COLUMNS
 *	> exit STATUS        < bye
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
	CONSOLES_MAX = 8,
	WORDS_MAX = 16,
	LINE_BYTES = 256,
	LOG_LEVEL = 5, /* of the kernel's log: warnings are shown, what is less is not */
	PORT_WAIT_MS = 10000,
	ANSWER_MS = 1000,
	TERM_MS = 2000,  /* for programs to end when they are asked to */
	AGAIN_MS = 1000, /* a program that ends sooner is not started again at once */
};

struct console {
	char *terminal, *term, *program, **argv;
	int off;
	pid_t pid;
	long long started_ms;
	struct termios settings; /* as they were at first */
	int has_settings;
};

static struct console consoles[CONSOLES_MAX];
static int console_count;
static int control = -1;
static volatile sig_atomic_t asked; /* the signal that ends the machine */
static sigset_t waiting;            /* the mask while we wait */

static void on_signal(int signal)
{
	if (signal != SIGCHLD)
		asked = signal;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

static void sleep_ms(int ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

/* ---- the port to bin/run -------------------------------------------------------------------- */

/* Waits for it: its driver may still be on the way. */
static void control_open(const char *path)
{
	for (int ms = 0; path && control < 0 && ms < PORT_WAIT_MS; ms++) {
		control = open(path, O_RDWR | O_CLOEXEC);
		if (control < 0)
			sleep_ms(1);
	}
}

static void winsize_set(const char *line)
{
	struct winsize size = { 0 };
	char path[LINE_BYTES];
	int fd;

	if (sscanf(line, "winsize %hu %hu", &size.ws_row, &size.ws_col) != 2)
		return;
	snprintf(path, sizeof(path), "/dev/%s", consoles[0].terminal);
	fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	ioctl(fd, TIOCSWINSZ, &size);
	close(fd);
}

/* A byte of a line from the port, which is obeyed when it is whole: 1. 0: it goes on; -1: the port
 * has closed. */
static int control_read(void)
{
	static char line[LINE_BYTES];
	static size_t length;
	char c;
	ssize_t n = read(control, &c, 1);

	if (n <= 0)
		return n < 0 && errno == EINTR ? 0 : -1;
	if (c != '\n' && length < sizeof(line) - 1) {
		line[length++] = c;
		return 0;
	}
	line[length] = '\0';
	length = 0;
	winsize_set(line);
	return 1;
}

/* Says a line, and waits for one that answers. */
static void control_say(const char *line)
{
	struct pollfd answer = { .fd = control, .events = POLLIN };

	if (control < 0 || write(control, line, strlen(line)) < 0)
		return;
	while (poll(&answer, 1, ANSWER_MS) > 0)
		if (control_read())
			return;
}

/* ---- the consoles --------------------------------------------------------------------------- */

static void inittab_line(char *line)
{
	struct console *console = &consoles[console_count];
	char *rest, *at_end;

	line[strcspn(line, "#\n")] = '\0';
	console->terminal = strtok_r(line, " \t", &rest);
	console->term = strtok_r(NULL, " \t", &rest);
	at_end = strtok_r(NULL, " \t", &rest);
	if (!console->terminal)
		return;
	if (!at_end || (strcmp(at_end, "again") && strcmp(at_end, "off"))) {
		fprintf(stderr, "init: /etc/inittab: \"again\" or \"off\" is wanted for %s\n",
			console->terminal);
		return;
	}
	console->off = !strcmp(at_end, "off");
	console->argv = calloc(WORDS_MAX, sizeof(char *));
	for (int i = 0; i < WORDS_MAX - 1 && (console->argv[i] = strtok_r(NULL, " \t", &rest)); i++)
		;
	if (!console->argv[0])
		console->argv[0] = strdup("-/bin/sh");
	console->program = console->argv[0] + (*console->argv[0] == '-');
	console_count++;
}

static void inittab_read(void)
{
	FILE *file = fopen("/etc/inittab", "re");
	char line[LINE_BYTES];

	while (file && console_count < CONSOLES_MAX && fgets(line, sizeof(line), file))
		inittab_line(strdup(line));
	if (console_count == 0)
		inittab_line(strdup("console linux again"));
}

/* In the child: a session of its own, whose terminal is the console. */
static void console_run(struct console *console, int fd)
{
	signal(SIGINT, SIG_DFL);
	sigprocmask(SIG_SETMASK, &waiting, NULL);
	setsid();
	ioctl(fd, TIOCSCTTY, 1);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	setenv("TERM", console->term, 1);
	if (chdir(getenv("HOME")))
		(void)!chdir("/");
	execvp(console->program, console->argv);
	printf("init: %s: %s\n", console->program, strerror(errno));
	_exit(127);
}

static void console_start(struct console *console)
{
	char path[LINE_BYTES];
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", console->terminal);
	fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT && errno != ENXIO && errno != ENODEV)
		fprintf(stderr, "init: %s: %s\n", path, strerror(errno));
	if (fd < 0)
		return;
	fcntl(fd, F_SETFL, O_RDWR);
	/* A program that was killed leaves its settings behind. */
	if (console->has_settings)
		tcsetattr(fd, TCSANOW, &console->settings);
	else
		console->has_settings = !tcgetattr(fd, &console->settings);
	console->started_ms = now_ms();
	while ((console->pid = fork()) < 0)
		sleep_ms(AGAIN_MS); /* memory will come */
	if (console->pid == 0)
		console_run(console, fd);
	close(fd);
}

/* ---- the end -------------------------------------------------------------------------------- */

static void machine_end(unsigned how, int status)
{
	long long until;
	char line[LINE_BYTES];

	for (int i = 0; i < console_count; i++)
		if (consoles[i].pid > 0)
			kill(consoles[i].pid, SIGHUP); /* shells mind nothing else */
	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	for (until = now_ms() + TERM_MS; now_ms() < until && kill(-1, 0) == 0; sleep_ms(10))
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	sync();
	snprintf(line, sizeof(line), "exit %d\n", status);
	if (how == RB_POWER_OFF)
		control_say(line);
	if (how == RB_HALT_SYSTEM)
		fprintf(stderr, "init: the machine is halted\n");
	reboot((int)how);
	for (;;)
		pause();
}

static void obey(void)
{
	if (asked == SIGUSR2)
		machine_end(RB_POWER_OFF, 0);
	if (asked == SIGUSR1)
		machine_end(RB_HALT_SYSTEM, 0);
	if (asked)
		machine_end(RB_AUTOBOOT, 0);
}

static void console_ended(struct console *console, int status)
{
	if (console->off && WIFEXITED(status))
		machine_end(RB_POWER_OFF, WEXITSTATUS(status));
	if (now_ms() - console->started_ms < AGAIN_MS)
		sleep_ms(AGAIN_MS);
	console_start(console);
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (int i = 0; i < console_count; i++)
			if (consoles[i].pid == pid)
				console_ended(&consoles[i], status);
}

/* The first line of a file, without its end; "" where there is none. */
static const char *first_line(const char *path)
{
	static char line[1024];
	FILE *file = fopen(path, "re");

	if (!file || !fgets(line, sizeof(line), file))
		*line = '\0';
	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static void machine_begin(void)
{
	const char *name = first_line("/etc/hostname");

	if (*name)
		sethostname(name, strlen(name));
	/* Only warnings are shown from now on, unless the command line says what is. */
	if (!strstr(first_line("/proc/cmdline"), "log="))
		klogctl(8, NULL, LOG_LEVEL);
}

static void signals_begin(void)
{
	static const int signals[] = { SIGCHLD, SIGUSR1, SIGUSR2, SIGTERM, SIGINT };
	sigset_t ours;

	sigemptyset(&ours);
	for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		signal(signals[i], on_signal);
		sigaddset(&ours, signals[i]);
	}
	sigprocmask(SIG_BLOCK, &ours, &waiting);
}

int main(void)
{
	char *path = getenv("CONTROL");

	if (getpid() != 1) {
		fprintf(stderr, "init: only process 1 may be that\n");
		return 1;
	}
	signals_begin();
	machine_begin();
	inittab_read();
	control_open(path);
	unsetenv("CONTROL");
	control_say("winsize?\n");
	for (int i = 0; i < console_count; i++)
		console_start(&consoles[i]);
	for (;;) {
		struct pollfd port = { .fd = control, .events = POLLIN };

		reap();
		obey();
		if (ppoll(&port, 1, NULL, &waiting) > 0 && control_read() < 0)
			control = -1;
	}
}
