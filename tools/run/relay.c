/*
 * relay: carries bytes between our stdin, stdout, stderr and the machine, and learns its end.
 *
 * Idea: one thread a stream, each a plain loop of blocking read and write, so that every kind of
 * descriptor (file, pipe, terminal, socket, O_APPEND or not) is used as it was given to us: neither
 * reopened nor made non-blocking. Back-pressure is a blocked write. The main thread waits for the
 * three things that can end the machine: a line on the control port, a signal, the clock.
 *
 * - Our stdin at its end: shutdown(SHUT_WR) of the port's socket. QEMU reads what is left, then the
 *   end, and tells the machine that the port is closed. (Closing the socket instead would be a
 *   hang-up, at which QEMU drops what it has not read.)
 * - The reader of our stdout gone: the write says EPIPE, and we shut the socket both ways. The
 *   machine sees the port closed and the program gets EPIPE.
 * - The output is complete when the end mark has come, a random string that init writes behind it.
 *   A part of it at the end of a read is held back until more is known.
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
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi/job.h"
#include "die.h"

enum {
	CHUNK = 64 << 10,
	LOG_KEPT = 256 << 10,
	LOG_SHOWN_LINES = 40,
	END_MS = 10000, /* for the machine to go off, once it has said that it will */
};

struct stream {
	pthread_t thread;
	int started;
	int fd;   /* ours */
	int port; /* the socket */
	const char *name;
	const unsigned char *mark;
	int fd_gone; /* out: nobody reads it any more */
	int wake;    /* out: written to when that happens */
};

static struct {
	pthread_mutex_t lock; /* guards the rest */
	size_t bytes;
	char text[LOG_KEPT + 1];
} kept_log = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- streams --------------------------------------------------------------------------------- */

/* read() that waits, also on a descriptor that somebody has made non-blocking. */
static ssize_t read_wait(int fd, void *buffer, size_t bytes)
{
	for (;;) {
		ssize_t n = read(fd, buffer, bytes);

		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			return n;
		if (errno == EAGAIN)
			poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, -1);
	}
}

/* Writes all of it. Returns 0 or -errno. */
static int write_all(int fd, const void *data, size_t bytes)
{
	for (const char *at = data; bytes;) {
		ssize_t n = write(fd, at, bytes);

		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
		else if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			at += n;
			bytes -= n;
		}
	}
	return 0;
}

static void *stream_in(void *argument)
{
	struct stream *stream = argument;
	char *buffer = must_alloc(CHUNK);
	ssize_t n;

	while ((n = read_wait(stream->fd, buffer, CHUNK)) > 0)
		if (write_all(stream->port, buffer, n) < 0)
			break;
	if (n < 0)
		fprintf(stderr, "%s: reading stdin: %s\n", die_name, strerror(errno));
	if (stream->mark)
		shutdown(stream->port, SHUT_WR);
	free(buffer);
	return NULL;
}

/* How many bytes at the end of `data` may be the beginning of the mark. */
static size_t mark_begun(const unsigned char *mark, const char *data, size_t bytes)
{
	size_t n = bytes < JOB_END_MARK_BYTES - 1 ? bytes : JOB_END_MARK_BYTES - 1;

	while (n && memcmp(data + bytes - n, mark, n))
		n--;
	return n;
}

/* Returns whether the stream goes on. */
static int stream_write(struct stream *stream, const char *data, size_t bytes)
{
	int error = write_all(stream->fd, data, bytes);

	if (!error)
		return 1;
	if (error != -EPIPE)
		fprintf(stderr, "%s: writing %s: %s\n", die_name, stream->name, strerror(-error));
	stream->fd_gone = 1;
	shutdown(stream->port, SHUT_RDWR);
	write_all(stream->wake, "", 1);
	return 0;
}

static void *stream_out(void *argument)
{
	struct stream *stream = argument;
	char *buffer = must_alloc(JOB_END_MARK_BYTES + CHUNK), *end;
	size_t held = 0;
	ssize_t n;

	while ((n = read_wait(stream->port, buffer + held, CHUNK)) > 0) {
		n += held;
		end = memmem(buffer, n, stream->mark, JOB_END_MARK_BYTES);
		held = end ? 0 : mark_begun(stream->mark, buffer, n);
		if (!stream_write(stream, buffer, end ? end - buffer : n - (ssize_t)held) || end)
			break;
		memmove(buffer, buffer + n - held, held);
	}
	if (n <= 0)
		stream_write(stream, buffer, held);
	free(buffer);
	return NULL;
}

/* The log: kept in memory, its older half dropped when that is full. */
static void log_keep(const char *data, size_t bytes)
{
	pthread_mutex_lock(&kept_log.lock);
	if (kept_log.bytes + bytes > LOG_KEPT) {
		memmove(kept_log.text, kept_log.text + LOG_KEPT / 2, kept_log.bytes - LOG_KEPT / 2);
		kept_log.bytes -= LOG_KEPT / 2;
	}
	memcpy(kept_log.text + kept_log.bytes, data, bytes);
	kept_log.bytes += bytes;
	kept_log.text[kept_log.bytes] = '\0';
	pthread_mutex_unlock(&kept_log.lock);
}

static void *stream_log(void *argument)
{
	const struct relay *relay = argument;
	char *buffer = must_alloc(CHUNK);
	ssize_t n;

	while ((n = read_wait(relay->log, buffer, CHUNK)) > 0) {
		log_keep(buffer, n);
		if (relay->log_file >= 0)
			write_all(relay->log_file, buffer, n);
		if (!relay->has_job)
			write_all(1, buffer, n);
	}
	free(buffer);
	return NULL;
}

static void stream_start(struct stream *stream, void *(*run)(void *), void *argument)
{
	if (pthread_create(&stream->thread, NULL, run, argument))
		die(STATUS_FAILED, "cannot start a thread");
	stream->started = 1;
}

/* Waits for the end of a stream, but not for ever: its reader may have stopped reading. */
static void stream_join(struct stream *stream, int seconds)
{
	struct timespec until;

	if (!stream->started)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	if (seconds)
		pthread_timedjoin_np(stream->thread, NULL, &until);
	else
		pthread_join(stream->thread, NULL);
}

/* ---- the end --------------------------------------------------------------------------------- */

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

/* A line from the control port. */
static void control_line(const struct relay *relay, struct end *end, const char *line)
{
	int number;

	if (sscanf(line, "exit %d", &number) == 1) {
		end->status = number & 0xff;
	} else if (sscanf(line, "signal %d", &number) == 1) {
		end->status = 128 + number;
	} else if (sscanf(line, "error %d", &number) == 1) {
		fprintf(stderr, "%s: cannot start %s: %s\n", die_name, relay->program,
			strerror(number));
		end->status = number == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_STARTED;
	} else {
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

static void signal_read(int fd, struct end *end)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return;
	*end = (struct end){ .known = 1, .status = 128 + info.ssi_signo, .broken_off = 1 };
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
			signal_read(signals, end);
		if (polls[2].revents && !relay->job_may_stay)
			*end = (struct end){ .known = 1, .status = 128 + SIGPIPE, .broken_off = 1 };
		else if (polls[2].revents)
			wake = -1;
		if (end->broken_off || (polls[0].revents && !control_read(relay, end)))
			return;
		if (end->known && !was_known)
			until = now_ms() + END_MS;
	}
}

/* What a person needs to see when the machine fell over: the end of its log, QEMU's own words. */
static void show_failure(const struct relay *relay, int qemu_status)
{
	const char *text = relay_log_text(), *from = text + strlen(text);
	char message[4096];
	ssize_t n = pread(relay->qemu_messages, message, sizeof(message), 0);

	if (WIFEXITED(qemu_status) && WEXITSTATUS(qemu_status) == STATUS_NOT_FOUND)
		fprintf(stderr, "%s: qemu-system-x86_64 is not there: bin/deps installs it\n",
			die_name);
	else
		fprintf(stderr, "%s: the machine ended without a word from init\n", die_name);
	if (n > 0)
		fwrite(message, 1, n, stderr);
	if (!relay->has_job || !*text)
		return;
	for (int lines = 0; from > text && lines <= LOG_SHOWN_LINES; lines += *--from == '\n')
		;
	fprintf(stderr, "---- end of the kernel's log ----\n%s", from + (from > text));
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

static sigset_t signals_watched(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

static int signals_open(void)
{
	sigset_t set = signals_watched();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* From here on a signal ends us as it ends any program. */
static void signals_close(void)
{
	sigset_t set = signals_watched();

	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

int relay_run(struct relay *relay)
{
	const unsigned char *mark = relay->end_mark;
	struct end end = { 0 };
	int wake[2], qemu_status, signals = signals_open();
	struct stream log = { 0 }, in = { .fd = 0, .port = relay->in, .mark = mark };
	struct stream out = { .fd = 1, .port = relay->out, .name = "stdout", .mark = mark };
	struct stream err = { .fd = 2, .port = relay->err, .name = "stderr", .mark = mark };

	if (signals < 0 || pipe(wake) < 0)
		die(STATUS_FAILED, "%s", strerror(errno));
	out.wake = err.wake = wake[1];
	if (!relay->has_job)
		in = (struct stream){ .fd = 0, .port = relay->log };
	stream_start(&log, stream_log, relay);
	if (!(relay->closed & JOB_CLOSED(0)))
		stream_start(&in, stream_in, &in);
	if (relay->has_job && !(relay->closed & JOB_CLOSED(1)))
		stream_start(&out, stream_out, &out);
	if (relay->has_job && !(relay->closed & JOB_CLOSED(2)))
		stream_start(&err, stream_out, &err);

	wait_end(relay, &end, signals, wake[0]);
	qemu_status = qemu_end(relay, end.broken_off);
	signals_close();
	/* What the machine has written is in the sockets; the threads find its end there. A slow
	 * reader is waited for, unless the job was broken off. */
	stream_join(&out, end.broken_off ? 1 : 0);
	stream_join(&err, end.broken_off ? 1 : 0);
	stream_join(&log, 1);
	if (!end.known) {
		end.status = relay->has_job || qemu_status ? STATUS_FAILED : 0;
		if (end.status)
			show_failure(relay, qemu_status);
	}
	return end.status;
}

const char *relay_log_text(void)
{
	return kept_log.text;
}
