#ifndef RUN_STREAMS_H
#define RUN_STREAMS_H
/*
 * The streams of a machine: each is a thread that carries bytes one way.
 */
#include <pthread.h>
#include <stddef.h>
#include <sys/types.h>

struct stream {
	pthread_t thread;
	int started;
	int fd;        /* ours; the log's: where it is shown, -1: nowhere */
	int port;      /* the machine's end: a socket */
	int copy;      /* the log's alone: a file that gets it too; -1: none */
	pid_t machine; /* the log's alone: killed when the loader gives up, else it would stay */
	int wake; /* out: a byte is written there when nobody reads fd any more; in: STREAM_LEAVE */
	const char *name; /* out: for messages */
	/* What ends it, of out. */
	const unsigned char *mark;
};

/* Written to `wake` when a person wants to leave. */
#define STREAM_LEAVE 'x'
/* The keys of a console, to be said at its start. */
#define STREAM_KEYS "Ctrl-A X leaves the machine, Ctrl-A A types a Ctrl-A.\r\n"

/* What a stream's thread runs: from fd to port; the same, with Ctrl-A for us; from port to fd up to
 * the mark; from port to memory, to fd and to copy. */
void *stream_in(void *stream);
void *stream_console(void *stream);
void *stream_out(void *stream);
void *stream_log(void *stream);

/* Starts the thread. The stream must stay where it is. Ends the program where that fails. */
void stream_start(struct stream *stream, void *(*run)(void *));

/* Waits for the end of a stream; seconds not 0: no longer than that, since its reader may have
 * stopped reading. Nothing to wait for if it was not started. */
void stream_join(struct stream *stream, int seconds);

/* Writes all of it, waiting as long as it takes. Returns 0 or -errno. */
int write_all(int fd, const void *data, size_t bytes);

/* The last 256 KiB of the log, NUL-terminated, once its stream has ended. */
const char *stream_log_text(void);

#endif
