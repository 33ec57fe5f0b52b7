/*
 * relay: learns how the machine ends, and ends it where it has to.
 *
 * Idea: the bytes are the business of streams.c, a thread each. Here the main thread waits for the
 * three things that can end the machine: a line on the control port, a signal, the clock.
 *
 * It does not know what runs in the machine, nor how QEMU was started.
 */
#include "relay.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi/job.h"
#include "die.h"
#include "streams.h"
#include "terminal.h"

enum {
	LOG_SHOWN_LINES = 40,
	END_MS = 10000, /* for the machine to go off, once it has said that it will */
};

/* How the machine ended, as far as is known. */
struct end {
	int known; /* init has reported */
	int status;
	int broken_off; /* by us: whatever is still in the machine is lost */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ll + now.tv_nsec / 1000000;
}

static void send_size(const struct relay *relay)
{
	uint16_t rows, columns;
	char line[40];

	terminal_size(&rows, &columns);
	snprintf(line, sizeof(line), "winsize %u %u\n", rows, columns);
	write_all(relay->control, line, strlen(line));
}

/* A line from the control port. */
static void control_line(const struct relay *relay, struct end *end, const char *line)
{
	int number;

	if (sscanf(line, "exit %d", &number) == 1) {
		end->status = number & 0xff;
	} else if (sscanf(line, "signal %d", &number) == 1) {
		end->status = 128 + number;
	} else if (sscanf(line, "error %d", &number) == 1) {
		terminal_restore();
		fprintf(stderr, "%s: cannot start %s: %s\n", die_name, relay->program,
			strerror(number));
		end->status = number == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_STARTED;
	} else {
		if (!strcmp(line, "winsize?"))
			send_size(relay);
		return;
	}
	end->known = 1;
	write_all(relay->control, "bye\n", 4);
}

/* Reads the control port. Returns 0 once the machine has closed it. */
static int control_read(const struct relay *relay, struct end *end)
{
	static char line[256];
	static size_t held;
	char *newline;
	ssize_t n = read(relay->control, line + held, sizeof(line) - 1 - held);

	if (n <= 0)
		return n < 0 && (errno == EINTR || errno == EAGAIN);
	held += n;
	line[held] = '\0';
	while ((newline = strchr(line, '\n'))) {
		*newline = '\0';
		control_line(relay, end, line);
		held -= newline + 1 - line;
		memmove(line, newline + 1, held + 1);
	}
	if (held == sizeof(line) - 1)
		held = 0;
	return 1;
}

static void signal_read(const struct relay *relay, int fd, struct end *end)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH) {
		if (!end->known)
			send_size(relay);
		return;
	}
	*end = (struct end){ .known = 1, .status = 128 + info.ssi_signo, .broken_off = 1 };
}

/* A thread of ours has something to say. That nobody reads our stdout ends the machine only where
 * the program does not learn of it. */
static void stream_says(const struct relay *relay, int wake, struct end *end)
{
	char word;

	if (read(wake, &word, 1) != 1)
		return;
	if (word == STREAM_LEAVE)
		*end = (struct end){ .known = 1, .broken_off = 1 };
	else if (relay->has_job && !relay->job_may_stay)
		*end = (struct end){ .known = 1, .status = 128 + SIGPIPE, .broken_off = 1 };
}

/* Waits for the control port, signals and the clock, until the machine has gone or has to go. */
static void wait_end(const struct relay *relay, struct end *end, int signals, int wake)
{
	int64_t until = relay->timeout_ms ? now_ms() + relay->timeout_ms : INT64_MAX;

	for (;;) {
		struct pollfd polls[] = { { .fd = relay->control, .events = POLLIN },
			{ .fd = signals, .events = POLLIN }, { .fd = wake, .events = POLLIN } };
		int64_t left = until - now_ms();
		int was_known = end->known;

		if (left <= 0 && !end->known) {
			terminal_restore();
			fprintf(stderr, "%s: stopped after %g seconds (--timeout)\n", die_name,
				relay->timeout_ms / 1000.0);
			*end = (struct end){ .known = 1, .status = STATUS_TIMEOUT };
		}
		if (left <= 0) {
			end->broken_off = 1;
			return;
		}
		poll(polls, 3, left < 1000000 ? left : 1000000);
		if (polls[1].revents)
			signal_read(relay, signals, end);
		if (polls[2].revents)
			stream_says(relay, wake, end);
		if (end->broken_off || (polls[0].revents && !control_read(relay, end)))
			return;
		if (end->known && !was_known)
			until = now_ms() + END_MS;
	}
}

/* What a person needs to see when the machine fell over: the end of its log, QEMU's own words. */
static void show_failure(const struct relay *relay, int qemu_status)
{
	const char *text = stream_log_text(), *from = text + strlen(text);
	char message[4096];
	ssize_t n = pread(relay->qemu_messages, message, sizeof(message), 0);

	if (WIFEXITED(qemu_status) && WEXITSTATUS(qemu_status) == STATUS_NOT_FOUND)
		fprintf(stderr, "%s: qemu-system-x86_64 is not there: bin/deps installs it\n",
			die_name);
	else
		fprintf(stderr, "%s: the machine has failed\n", die_name);
	if (n > 0)
		fwrite(message, 1, n, stderr);
	if (!relay->has_job || !*text)
		return; /* it was shown as it came */
	for (int lines = 0; from > text && lines <= LOG_SHOWN_LINES; lines += *--from == '\n')
		;
	fprintf(stderr, "---- end of the kernel's log ----\n%s", from + (from > text));
}

/* Without a job there is no status: the log alone says how it went. */
static int log_tells_failure(void)
{
	const char *log = stream_log_text();

	return strstr(log, "Kernel panic: ") || strstr(log, "init: FAILED");
}

static int qemu_end(const struct relay *relay, int kill_it)
{
	int status = 0;

	if (kill_it)
		kill(relay->qemu, SIGKILL);
	while (waitpid(relay->qemu, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static sigset_t signals_watched(int has_terminal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	if (has_terminal)
		sigaddset(&set, SIGWINCH);
	return set;
}

static int signals_open(int has_terminal)
{
	sigset_t set = signals_watched(has_terminal);

	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* From here on a signal ends us as it ends any program. */
static void signals_close(int has_terminal)
{
	sigset_t set = signals_watched(has_terminal);

	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int relay_run(struct relay *relay)
{
	const unsigned char *mark = relay->end_mark;
	struct end end = { 0 };
	int wake[2], qemu_status, signals = signals_open(relay->has_terminal);
	struct stream log = {
		.fd = relay->has_job ? -1 : 1,
		.port = relay->log,
		.copy = relay->log_file,
		.machine = relay->qemu,
	};
	struct stream in = { .fd = 0, .port = relay->in, .mark = mark };
	struct stream out = { .fd = 1, .port = relay->out, .name = "stdout", .mark = mark };
	struct stream err = { .fd = 2, .port = relay->err, .name = "stderr", .mark = mark };

	if (signals < 0 || pipe(wake) < 0)
		die(STATUS_FAILED, "%s", strerror(errno));
	if (!relay->has_job)
		fputs(STREAM_KEYS, stderr);
	if (relay->has_terminal)
		terminal_raw();
	out.wake = err.wake = wake[1];
	if (!relay->has_job)
		in = (struct stream){ .fd = 0, .port = relay->log, .wake = wake[1] };
	stream_start(&log, stream_log);
	if (!(relay->closed & JOB_CLOSED(0)))
		stream_start(&in, relay->has_job ? stream_in : stream_console);
	if (relay->has_job && !(relay->closed & JOB_CLOSED(1)))
		stream_start(&out, stream_out);
	if (relay->has_job && !(relay->closed & JOB_CLOSED(2)))
		stream_start(&err, stream_out);

	wait_end(relay, &end, signals, wake[0]);
	qemu_status = qemu_end(relay, end.broken_off);
	terminal_restore();
	signals_close(relay->has_terminal);
	/* What the machine has written is in the sockets; the threads find its end there. A slow
	 * reader is waited for, unless the job was broken off. */
	stream_join(&out, end.broken_off ? 1 : 0);
	stream_join(&err, end.broken_off ? 1 : 0);
	stream_join(&log, end.broken_off ? 1 : 0);
	if (!end.known) {
		end.status =
			relay->has_job || qemu_status || log_tells_failure() ? STATUS_FAILED : 0;
		if (end.status)
			show_failure(relay, qemu_status);
	}
	return end.status;
}
