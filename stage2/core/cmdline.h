#ifndef CORE_CMDLINE_H
#define CORE_CMDLINE_H
/*
 * The kernel command line: words "name" or "name=value", from the image header or --append.
 */
#include <stdbool.h>
#include <stddef.h>

void cmdline_init(const char *text);
/* The value of `name`, copied to buf (cut to size) ; "" for a bare word. False if it is not there.
 * The last one counts. */
bool cmdline_get(const char *name, char *buf, size_t size);
/* The whole line, for /proc/cmdline. */
const char *cmdline_text(void);

#endif
