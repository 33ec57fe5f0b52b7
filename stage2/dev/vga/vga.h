#ifndef DEV_VGA_H
#define DEV_VGA_H
/*
 * The VGA text screen, 80 by 25: a sink of the log, and half of the console.
 */
#include <stddef.h>

#include "lib/compiler.h"

/* Find the screen, clear it, make it a sink of the log (which shows what was logged before).
 * -ENODEV: there is none, or it is not in colour text mode. Threads only. */
__must_check int vga_init(void);

/* Show text in the colour of programs. Newline goes to the start of the next line; escape sequences
 * are swallowed. Nothing happens where there is no screen. Any context. */
void vga_write(const char *text, size_t bytes);

#endif
