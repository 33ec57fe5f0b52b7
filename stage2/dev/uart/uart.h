#ifndef DEV_UART_H
#define DEV_UART_H
/*
 * The serial port COM1: a sink of the log, and the line ttyS0.
 */
#include "lib/compiler.h"

/* Find and set up the port, 115200 8N1, polled, and make it a sink of the log. Needs the log and
 * per-CPU data only. -ENODEV: there is no port. */
__must_check int uart_init_early(void);
/* From now on with interrupts, and as a line. -ENODEV, or why there is no interrupt. */
__must_check int uart_init(void);
/* Send, polled, what is still in memory: before power-off. */
void uart_shutdown(void);

#endif
