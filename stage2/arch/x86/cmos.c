/*
 * The CMOS clock (Motorola MC146818A): read at boot to begin wall time. Its registers change while
 * they are read, so they are read until two readings are equal. It is never set, and gives no
 * interrupts.
 */
#include "abi/errno.h"
#include "arch/io.h"
#include "arch/machine.h"
#include "arch/x86/acpi.h"
#include "arch/x86/cmos_time.h"
#include "lib/string.h"

#define CMOS_INDEX 0x70 /* bit 7 would mask NMIs: it stays clear */
#define CMOS_DATA  0x71

#define CMOS_SECOND   0x00
#define CMOS_MINUTE   0x02
#define CMOS_HOUR     0x04
#define CMOS_DAY      0x07
#define CMOS_MONTH    0x08
#define CMOS_YEAR     0x09
#define CMOS_STATUS_A 0x0a
#define CMOS_STATUS_B 0x0b

#define CMOS_A_UPDATING 0x80

/* An update takes 2 ms at most; each read of a port some 1 µs on a PC. */
#define UPDATE_POLLS 10000

static uint8_t cmos_read(uint8_t index)
{
	io_out8(CMOS_INDEX, index);
	return io_in8(CMOS_DATA);
}

static bool wait_for_update(void)
{
	for (int i = 0; i < UPDATE_POLLS; i++)
		if (!(cmos_read(CMOS_STATUS_A) & CMOS_A_UPDATING))
			return true;
	return false;
}

static void read_registers(struct cmos_registers *registers)
{
	uint8_t century = acpi_info()->cmos_century;

	*registers = (struct cmos_registers){
		.second = cmos_read(CMOS_SECOND),
		.minute = cmos_read(CMOS_MINUTE),
		.hour = cmos_read(CMOS_HOUR),
		.day = cmos_read(CMOS_DAY),
		.month = cmos_read(CMOS_MONTH),
		.year = cmos_read(CMOS_YEAR),
		.century = century && century < 0x80 ? cmos_read(century) : 0,
		.status_b = cmos_read(CMOS_STATUS_B),
	};
}

int cmos_read_time(int64_t *seconds)
{
	struct cmos_registers first, second;

	if (!wait_for_update())
		return -EIO;
	read_registers(&second);
	for (int i = 0; i < 5; i++) {
		first = second;
		read_registers(&second);
		if (memcmp(&first, &second, sizeof(first)) == 0)
			return cmos_to_seconds(&first, seconds);
	}
	return -EIO;
}
