/*
 * arch/x86/cmos_time.h against libc's timegm.
 *
 * links: stage2/arch/x86/cmos_time.c
 */
#include "abi/errno.h"
#include "arch/x86/cmos_time.h"
#include "host.h"

#include <time.h>

static uint8_t bcd(int value)
{
	return (uint8_t)(value / 10 << 4 | value % 10);
}

/* What the chip holds at `when`. */
static struct cmos_registers registers_at(time_t when, uint8_t status_b)
{
	struct tm tm;
	bool binary = status_b & CMOS_B_BINARY;
	int hour;
	uint8_t pm = 0;

	gmtime_r(&when, &tm);
	hour = tm.tm_hour;
	if (!(status_b & CMOS_B_24_HOURS)) {
		pm = hour >= 12 ? 0x80 : 0;
		hour = hour % 12 ? hour % 12 : 12;
	}
#define REGISTER(value) (binary ? (uint8_t)(value) : bcd(value))
	return (struct cmos_registers){
		.second = REGISTER(tm.tm_sec),
		.minute = REGISTER(tm.tm_min),
		.hour = REGISTER(hour) | pm,
		.day = REGISTER(tm.tm_mday),
		.month = REGISTER(tm.tm_mon + 1),
		.year = REGISTER(tm.tm_year % 100),
		.century = REGISTER((tm.tm_year + 1900) / 100),
		.status_b = status_b,
	};
}

static void agrees_with_libc(void **state)
{
	static const uint8_t modes[] = { 0, CMOS_B_24_HOURS, CMOS_B_BINARY,
		CMOS_B_24_HOURS | CMOS_B_BINARY };

	for (int64_t when = 0; when < 5000000000; when += 86400 * 3 + 3607) {
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
			struct cmos_registers registers = registers_at((time_t)when, modes[i]);
			int64_t seconds = -1;

			assert_int_equal(cmos_to_seconds(&registers, &seconds), 0);
			assert_int_equal(seconds, when);
		}
	}
}

static void knows_the_century_of_two_digits(void **state)
{
	struct cmos_registers registers = registers_at(1795402041, CMOS_B_24_HOURS);
	int64_t seconds;

	registers.century = 0;
	assert_int_equal(cmos_to_seconds(&registers, &seconds), 0);
	assert_int_equal(seconds, 1795402041);
	registers = registers_at(86400, CMOS_B_24_HOURS);
	registers.century = 0;
	assert_int_equal(cmos_to_seconds(&registers, &seconds), 0);
	assert_int_equal(seconds, 86400);
}

static void refuses(void (*damage)(struct cmos_registers *))
{
	struct cmos_registers registers = registers_at(1795402041, CMOS_B_24_HOURS);
	int64_t seconds = 77;

	damage(&registers);
	assert_int_equal(cmos_to_seconds(&registers, &seconds), -EIO);
	assert_int_equal(seconds, 77);
}

static void no_digit(struct cmos_registers *registers)
{
	registers->minute = 0x5a;
}
static void no_month(struct cmos_registers *registers)
{
	registers->month = 0x13;
}
static void day_zero(struct cmos_registers *registers)
{
	registers->day = 0;
}
static void thirtieth_of_february(struct cmos_registers *registers)
{
	registers->month = 2;
	registers->day = 0x30;
}
static void hour_25(struct cmos_registers *registers)
{
	registers->hour = 0x25;
}
static void all_ones(struct cmos_registers *registers)
{
	memset(registers, 0xff, sizeof(*registers));
}

static void refuses_what_is_no_date(void **state)
{
	refuses(no_digit);
	refuses(no_month);
	refuses(day_zero);
	refuses(thirtieth_of_february);
	refuses(hour_25);
	refuses(all_ones);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_libc),
		cmocka_unit_test(knows_the_century_of_two_digits),
		cmocka_unit_test(refuses_what_is_no_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
