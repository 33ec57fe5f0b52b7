/*
 * From the registers of the CMOS clock to seconds since 1970. Dates are Gregorian and UTC; leap
 * seconds and time zones are not known here.
 */
#include "arch/x86/cmos_time.h"

#include "abi/errno.h"

#include <stdbool.h>

#define HOUR_PM 0x80 /* in 12-hour mode */

/* The value of a register, or -1 where it holds no number. */
static int register_value(uint8_t value, bool binary)
{
	if (binary)
		return value;
	if ((value & 0xf) > 9 || value >> 4 > 9)
		return -1;
	return (value >> 4) * 10 + (value & 0xf);
}

static int hour_value(uint8_t value, uint8_t status_b)
{
	bool binary = status_b & CMOS_B_BINARY;
	int hour;

	if (status_b & CMOS_B_24_HOURS)
		return register_value(value, binary);
	hour = register_value(value & (uint8_t)~HOUR_PM, binary);
	if (hour < 1 || hour > 12)
		return -1;
	return hour % 12 + (value & HOUR_PM ? 12 : 0);
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1 January 1970 to the first of the month. */
static int64_t days_before(int year, int month)
{
	int64_t last = year - 1;
	int64_t days =
		(last - 1969) * 365 + (last / 4 - 492) - (last / 100 - 19) + (last / 400 - 4);

	for (int m = 1; m < month; m++)
		days += days_in_month(year, m);
	return days;
}

static int year_value(const struct cmos_registers *registers)
{
	bool binary = registers->status_b & CMOS_B_BINARY;
	int year = register_value(registers->year, binary);
	int century = register_value(registers->century, binary);

	if (year < 0 || year > 99)
		return -1;
	if (registers->century == 0 || century < 19 || century > 99)
		return year + (year >= 70 ? 1900 : 2000);
	return century * 100 + year;
}

int cmos_to_seconds(const struct cmos_registers *registers, int64_t *seconds)
{
	bool binary = registers->status_b & CMOS_B_BINARY;
	int second = register_value(registers->second, binary);
	int minute = register_value(registers->minute, binary);
	int hour = hour_value(registers->hour, registers->status_b);
	int day = register_value(registers->day, binary);
	int month = register_value(registers->month, binary);
	int year = year_value(registers);

	if (second < 0 || second > 60 || minute < 0 || minute > 59 || hour < 0 || hour > 23)
		return -EIO;
	if (year < 1970 || month < 1 || month > 12)
		return -EIO;
	if (day < 1 || day > days_in_month(year, month))
		return -EIO;
	*seconds =
		(days_before(year, month) + day - 1) * 86400 + hour * 3600 + minute * 60 + second;
	return 0;
}
