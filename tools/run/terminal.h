#ifndef RUN_TERMINAL_H
#define RUN_TERMINAL_H
/*
 * Our own terminal, while a program in the machine has it.
 */
#include <stdint.h>

/* The JOB_TERMINAL() bits: 0, unless both stdin and stdout are terminals. */
unsigned terminal_flags(void);

/* Of stdout, or of stdin; 0 where they have none. */
void terminal_size(uint16_t *rows, uint16_t *columns);

/* Bytes go through as they are typed; put back by terminal_restore, at the latest on exit(3). */
void terminal_raw(void);
void terminal_restore(void);

#endif
