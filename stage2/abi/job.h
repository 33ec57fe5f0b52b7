#ifndef ABI_JOB_H
#define ABI_JOB_H
/*
 * The one job of a machine: how bin/run tells init what to start, and how init tells the end of it.
 *
 * The file JOB_FILE in the root archive is a struct job and behind it the strings, each with its
 * NUL: the path of the program in the machine, argc arguments, envc environment strings.
 *
 * The streams are the ports of one virtio-serial device, /dev/vport0pN. When the program has
 * ended, init writes the job's end mark to the out and the err port, so that their reader knows
 * when it has read everything, whatever is buffered in between; then one line to the control
 * port:
 *
 *   exit N       the program called exit(N)
 *   signal N     signal N ended it
 *   error N      it could not be started: errno N
 *
 * and waits there for the line "bye", after which the machine goes off. Before that, where the job
 * has a terminal, the line "winsize ROWS COLUMNS" on the control port is its new size; the line
 * "winsize?" asks for it.
 */
#include <stdint.h>

#define JOB_FILE           "/.job"
#define JOB_MAGIC          "CORJOB1" /* with its NUL, 8 bytes */
#define JOB_END_MARK_BYTES 16

#define JOB_PORT_IN      1
#define JOB_PORT_OUT     2
#define JOB_PORT_ERR     3
#define JOB_PORT_CONTROL 4

/* flags */
#define JOB_CLOSED(fd)   (1u << (fd))  /* the program is started without this descriptor, 0 to 2 */
#define JOB_TERMINAL(fd) (16u << (fd)) /* it is a pty, carried on the in and out ports */
#define JOB_CONSOLE      8u   /* no ports: the streams are /dev/console, the end is silent */
#define JOB_INIT         128u /* the program takes the place of process 1, on the console */

struct job {
	char magic[8];
	uint32_t flags;
	uint32_t argc;
	uint32_t envc;
	uint32_t strings_bytes;                     /* all strings with their NULs */
	uint16_t rows, columns;                     /* of the terminal */
	unsigned char end_mark[JOB_END_MARK_BYTES]; /* random: never in the program's own output */
};
_Static_assert(sizeof(struct job) == 44, "shared between host and machine");

#endif
