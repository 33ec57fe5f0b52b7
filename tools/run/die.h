#ifndef RUN_DIE_H
#define RUN_DIE_H
/* Errors that end a host tool: one line on stderr, headed by the tool's name, and a status. */
#include <stddef.h>

extern const char *die_name; /* "bin/run", "mkarchive": set by main() */

/* Statuses of bin/run: as env(1), timeout(1) and shells have them. */
enum {
	STATUS_TIMEOUT = 124,
	STATUS_FAILED = 125,
	STATUS_NOT_STARTED = 126,
	STATUS_NOT_FOUND = 127
};

__attribute__((noreturn, format(printf, 2, 3))) void die(int status, const char *format, ...);

/* As malloc, realloc, strdup, asprintf; they end the program where memory is out. */
void *must_alloc(size_t bytes); /* zeroed */
void *must_realloc(void *old, size_t bytes);
char *must_strdup(const char *text);
__attribute__((format(printf, 1, 2))) char *must_printf(const char *format, ...);

#endif
