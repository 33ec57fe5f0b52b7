#ifndef CORE_LOG_H
#define CORE_LOG_H
/*
 * The kernel log: a ring of lines with level and time, and the sinks that show them.
 *
 * log() works from the first line of main, in any context, under any lock: it stores the line in
 * the ring. Sinks (serial, screen) are called with the line under the log's own lock, or, if they
 * ask for it, later from a thread. A panic drives the sinks' emergency way: polled, no locks.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/list.h"

/* syslog(2)'s numbers, as many as are used. */
enum log_level { LOG_ERROR = 3, LOG_WARN = 4, LOG_INFO = 6, LOG_DEBUG = 7 };

/* One line, without a newline; longer than LOG_LINE_BYTES is cut. */
#define LOG_LINE_BYTES 320
__printf(2, 3) void log_at(enum log_level level, const char *format, ...);

#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)

struct log_sink {
	struct list_head link; /* [log lock] */
	const char *name;
	enum log_level max_level; /* lines above it are not shown here */
	/* Show text, '\n' included; called under the log's lock, interrupts off. Must not log. */
	void (*write)(struct log_sink *sink, enum log_level level, const char *text, size_t bytes);
	/* The same in a panic: polled, takes no lock, other CPUs are stopped. */
	void (*write_panic)(struct log_sink *sink, const char *text, size_t bytes);
};

/* Add a sink; it first gets all that the ring still holds. The sink must live for ever. */
void log_sink_add(struct log_sink *sink);

/* Show lines up to this level (kernel command line: log=error|warn|info|debug; syslog(2)). */
void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* Copy the ring's text from byte position *pos (0: the oldest there is) and advance *pos. Returns
 * bytes copied, 0 at the end. For dmesg. */
size_t log_read(uint64_t *pos, char *buf, size_t size);
/* The position behind the newest line; that of the oldest whole line which is not before `since`
 * and from which no more than `bytes` are left. */
uint64_t log_end(void);
uint64_t log_last(uint64_t since, size_t bytes);
#define LOG_RING_BYTES 65536u /* what is older is gone */

/* Straight to the sinks' emergency way; and the ring's lines that the level kept from them. For
 * panic.c alone. */
void log_panic_text(const char *text, size_t bytes);
void log_panic_history(void);

#endif
