/*
 * streams: carries bytes between our stdin, stdout, stderr and the machine's ports.
 *
 * Idea: one thread a stream, each a plain loop of blocking read and write, so that every kind of
 * descriptor (file, pipe, terminal, socket, O_APPEND or not) is used as it was given to us: neither
 * reopened nor made non-blocking. Back-pressure is a blocked write.
 *
 * - Our stdin at its end: shutdown(SHUT_WR) of the port's socket. QEMU reads what is left, then the
 *   end, and tells the machine that the port is closed. (Closing the socket instead would be a
 *   hang-up, at which QEMU drops what it has not read.)
 * - The reader of our stdout gone: the write says EPIPE, and we shut the socket both ways. The
 *   machine sees the port closed and the program gets EPIPE.
 * - The output is complete when the end mark has come, a random string that init writes behind it.
 *   A part of it at the end of a read is held back until more is known.
 */
#include "streams.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "abi/job.h"
#include "die.h"

enum { CHUNK = 64 << 10, LOG_KEPT = 256 << 10 };

static struct {
	pthread_mutex_t lock; /* guards the rest */
	size_t bytes;
	int has_lost; /* its beginning */
	char text[LOG_KEPT + 1];
} kept_log = { .lock = PTHREAD_MUTEX_INITIALIZER };

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

int write_all(int fd, const void *data, size_t bytes)
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

void *stream_in(void *argument)
{
	struct stream *stream = argument;
	char *buffer = must_alloc(CHUNK);
	ssize_t n;

	while ((n = read_wait(stream->fd, buffer, CHUNK)) > 0)
		if (write_all(stream->port, buffer, n) < 0)
			break;
	if (n < 0)
		fprintf(stderr, "%s: reading stdin: %s\n", die_name, strerror(errno));
	shutdown(stream->port, SHUT_WR);
	free(buffer);
	return NULL;
}

enum { CTRL_A = 1 };

/* What of the typed bytes is for the machine: moved to the front; how many that are. *after is set
 * while the last byte was a Ctrl-A. */
static size_t keys_take(const struct stream *stream, char *keys, size_t bytes, int *after)
{
	size_t kept = 0;

	for (size_t i = 0; i < bytes; i++) {
		int command = *after;

		*after = !command && keys[i] == CTRL_A;
		if (command && (keys[i] == 'x' || keys[i] == 'X'))
			write_all(stream->wake, (char[]){ STREAM_LEAVE }, 1);
		else if (command && (keys[i] == 'a' || keys[i] == 'A' || keys[i] == CTRL_A))
			keys[kept++] = CTRL_A;
		else if (command)
			write_all(2, STREAM_KEYS, strlen(STREAM_KEYS));
		else if (!*after)
			keys[kept++] = keys[i];
	}
	return kept;
}

void *stream_console(void *argument)
{
	struct stream *stream = argument;
	char keys[4096];
	int after = 0;
	ssize_t n;

	while ((n = read_wait(stream->fd, keys, sizeof(keys))) > 0)
		if (write_all(stream->port, keys, keys_take(stream, keys, n, &after)) < 0)
			break;
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
	shutdown(stream->port, SHUT_RDWR);
	write_all(stream->wake, "", 1);
	return 0;
}

void *stream_out(void *argument)
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
		kept_log.has_lost = 1;
	}
	memcpy(kept_log.text + kept_log.bytes, data, bytes);
	kept_log.bytes += bytes;
	kept_log.text[kept_log.bytes] = '\0';
	pthread_mutex_unlock(&kept_log.lock);
}

/* Has the loader said why it cannot go on? Its line is the first of all; the kernel's have a time
 * in front. Only the log's thread asks, which alone writes the text. */
static int loader_gave_up(void)
{
	const char *text = kept_log.text + strspn(kept_log.text, "\r\n");

	return !kept_log.has_lost && !strncmp(text, "Cor: ", 5) && strchr(text, '\n');
}

void *stream_log(void *argument)
{
	const struct stream *stream = argument;
	char *buffer = must_alloc(CHUNK);
	ssize_t n;

	while ((n = read_wait(stream->port, buffer, CHUNK)) > 0) {
		log_keep(buffer, n);
		if (stream->copy >= 0)
			write_all(stream->copy, buffer, n);
		if (stream->fd >= 0)
			write_all(stream->fd, buffer, n);
		if (loader_gave_up())
			kill(stream->machine, SIGKILL);
	}
	free(buffer);
	return NULL;
}

void stream_start(struct stream *stream, void *(*run)(void *))
{
	if (pthread_create(&stream->thread, NULL, run, stream))
		die(STATUS_FAILED, "cannot start a thread");
	stream->started = 1;
}

void stream_join(struct stream *stream, int seconds)
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

const char *stream_log_text(void)
{
	return kept_log.text;
}
