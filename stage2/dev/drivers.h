#ifndef DEV_DRIVERS_H
#define DEV_DRIVERS_H
/*
 * All drivers, in the order in which they start: drivers.c has the list.
 */

/* The log's first sink, the serial port, polled: needs per-CPU data and the log only (no heap, no
 * interrupts). The screen, which needs mappings, comes with drivers_init. */
void drivers_init_early(void);

/* Everything else; needs heap, interrupts, threads. A device that fails is logged and left out.
 * Starts things that go on in the background (ports that announce themselves: chr_wait). */
void drivers_init(void);

/* Wait until devices have told of the parts that they had from the start. Threads only. */
void drivers_settle(void);

/* Before power-off or reset: the serial port's last bytes leave. Devices are reset with the
 * machine. */
void drivers_shutdown(void);

#endif
