#ifndef DEV_PS2_H
#define DEV_PS2_H
/*
 * The keyboard of a PC: an i8042 controller and what is at its first port. It types at the screen
 * (dev/vga/vga.h).
 */
#include "lib/compiler.h"

/* Find the controller and let the keyboard interrupt. -ENODEV: there is none. It takes no notice of
 * whether there is a keyboard. */
__must_check int ps2_init(void);

#endif
