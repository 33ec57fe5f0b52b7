#ifndef DEV_CONSOLE_H
#define DEV_CONSOLE_H
/*
 * The character device "console": the serial port and the screen together.
 */

/* Register it. After the serial port and the screen; works without either. */
void console_init(void);

#endif
