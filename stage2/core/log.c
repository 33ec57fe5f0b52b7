/*
 * The kernel log. Lines are kept as text in a ring; each begins with its level and the time:
 *
 *	<6>[    0.001234] text\n
 *
 * A position in the log is a count of bytes since boot, so it never repeats; what is older than the
 * ring is long has been overwritten.
 */
#include "core/log.h"
#include "core/clock.h"
#include "core/spinlock.h"
#include "lib/format.h"
#include "lib/string.h"

#define RING_BYTES  LOG_RING_BYTES /* a power of two */
#define LEVEL_BYTES 3              /* "<6>": not shown by sinks */

/* Not in the struct, whose other members are initialised: the image would carry the ring. */
static char ring[RING_BYTES]; /* [logs.lock] */

static struct {
	struct spinlock lock;
	uint64_t end;           /* [lock] bytes ever written */
	struct list_head sinks; /* [lock] */
	enum log_level level;   /* [a] */
} logs = {
	.lock = SPINLOCK_INIT("log", RANK_LOG),
	.sinks = LIST_INIT(logs.sinks),
	.level = LOG_INFO,
};

static uint64_t ring_start(void)
{
	return logs.end > RING_BYTES ? logs.end - RING_BYTES : 0;
}

static void ring_append(const char *text, size_t bytes)
{
	size_t at = logs.end % RING_BYTES;
	size_t first = min(bytes, (size_t)RING_BYTES - at);
	memcpy(ring + at, text, first);
	memcpy(ring, text + first, bytes - first);
	logs.end += bytes;
}

static size_t ring_copy(uint64_t pos, char *buf, size_t bytes)
{
	size_t at = pos % RING_BYTES;
	size_t first = min(bytes, (size_t)RING_BYTES - at);
	memcpy(buf, ring + at, first);
	memcpy(buf + first, ring, bytes - first);
	return bytes;
}

static void show_locked(struct log_sink *sink, enum log_level level, const char *line, size_t bytes)
{
	spin_assert_held(&logs.lock);
	if (level <= logs.level && level <= sink->max_level)
		sink->write(sink, level, line + LEVEL_BYTES, bytes - LEVEL_BYTES);
}

/* Under the lock, or in a panic. The line at *pos, '\n' included, into line[LOG_LINE_BYTES]; moves
 * *pos behind it. */
static size_t ring_line(uint64_t *pos, char *line)
{
	size_t bytes = 0;
	while (*pos < logs.end && bytes < LOG_LINE_BYTES) {
		char c = ring[(*pos)++ % RING_BYTES];
		line[bytes++] = c;
		if (c == '\n')
			break;
	}
	return bytes;
}

void log_at(enum log_level level, const char *format, ...)
{
	char line[LOG_LINE_BYTES];
	uint64_t us = clock_ns() / NS_PER_US;
	size_t bytes = scnprintf(line, sizeof(line) - 1, "<%u>[%5u.%06u] ", level,
		(unsigned)(us / 1000000), (unsigned)(us % 1000000));
	va_list args;
	va_start(args, format);
	int wanted = vsnprintf(line + bytes, sizeof(line) - 1 - bytes, format, args);
	va_end(args);
	bytes = min(bytes + (size_t)wanted, sizeof(line) - 2);
	line[bytes++] = '\n';

	uint64_t flags = spin_lock_irqsave(&logs.lock);
	ring_append(line, bytes);
	struct log_sink *sink;
	list_for_each(sink, &logs.sinks, link)
		show_locked(sink, level, line, bytes);
	spin_unlock_irqrestore(&logs.lock, flags);
}

/* Skip to the first whole line: the ring may begin in the middle of one. */
static uint64_t first_line(void)
{
	char line[LOG_LINE_BYTES];
	uint64_t pos = ring_start();
	if (pos > 0)
		ring_line(&pos, line);
	return pos;
}

void log_sink_add(struct log_sink *sink)
{
	char line[LOG_LINE_BYTES];
	uint64_t flags = spin_lock_irqsave(&logs.lock);
	for (uint64_t pos = first_line(); pos < logs.end;) {
		size_t bytes = ring_line(&pos, line);
		if (bytes > LEVEL_BYTES)
			show_locked(sink, (enum log_level)(line[1] - '0'), line, bytes);
	}
	list_add_tail(&sink->link, &logs.sinks);
	spin_unlock_irqrestore(&logs.lock, flags);
}

void log_set_level(enum log_level level)
{
	logs.level = level;
}

enum log_level log_get_level(void)
{
	return logs.level;
}

uint64_t log_end(void)
{
	uint64_t flags = spin_lock_irqsave(&logs.lock);
	uint64_t end = logs.end;
	spin_unlock_irqrestore(&logs.lock, flags);
	return end;
}

uint64_t log_last(uint64_t since, size_t bytes)
{
	char line[LOG_LINE_BYTES];
	uint64_t flags = spin_lock_irqsave(&logs.lock);
	uint64_t pos = max(first_line(), since);
	while (logs.end - pos > bytes && ring_line(&pos, line) > 0)
		;
	spin_unlock_irqrestore(&logs.lock, flags);
	return pos;
}

size_t log_read(uint64_t *pos, char *buf, size_t size)
{
	uint64_t flags = spin_lock_irqsave(&logs.lock);
	if (*pos < ring_start())
		*pos = first_line();
	size_t bytes = *pos < logs.end ? (size_t)min(logs.end - *pos, (uint64_t)size) : 0;
	ring_copy(*pos, buf, bytes);
	*pos += bytes;
	spin_unlock_irqrestore(&logs.lock, flags);
	return bytes;
}

/* No lock: the other CPUs are stopped, and one of them may have held it. */
void log_panic_text(const char *text, size_t bytes)
{
	struct log_sink *sink;
	list_for_each(sink, &logs.sinks, link)
		sink->write_panic(sink, text, bytes);
}

void log_panic_history(void)
{
	char line[LOG_LINE_BYTES];
	for (uint64_t pos = first_line(); pos < logs.end;) {
		size_t bytes = ring_line(&pos, line);
		if (bytes > LEVEL_BYTES && (enum log_level)(line[1] - '0') > logs.level)
			log_panic_text(line + LEVEL_BYTES, bytes - LEVEL_BYTES);
	}
}
