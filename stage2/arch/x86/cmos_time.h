#ifndef ARCH_X86_CMOS_TIME_H
#define ARCH_X86_CMOS_TIME_H
/*
 * The arithmetic of the CMOS clock, apart from its ports, so that the host can test it.
 */
#include <stdint.h>

#include "lib/compiler.h"

/* The registers as read (Motorola MC146818A); status_b says how they are to be taken. */
struct cmos_registers {
	uint8_t second, minute, hour, day, month, year;
	uint8_t century; /* 0: the machine has no such register */
	uint8_t status_b;
};

#define CMOS_B_24_HOURS 0x02
#define CMOS_B_BINARY   0x04

/* Seconds since 1970. -EIO where the registers hold no date of 1970 or later; without a century
 * register years 70..99 are of the twentieth century. */
__must_check int cmos_to_seconds(const struct cmos_registers *registers, int64_t *seconds);

#endif
