#ifndef DEV_VGA_H
#define DEV_VGA_H
/*
 * The VGA text screen, 80 by 25: a sink of the log, and the line tty1.
 */
#include <stdbool.h>
#include <stddef.h>

#include "lib/compiler.h"

/* Find the screen, clear it, make it a line and a sink of the log (which shows what was logged
 * before). -ENODEV: there is none, or it is not in colour text mode. Threads only. */
__must_check int vga_init(void);

/* For the keyboard: what it types at tty1; whether a program wants arrows as ESC O A. Any context.
 */
void vga_type(const char *text, size_t bytes);
bool vga_wants_application_keys(void);

#endif
