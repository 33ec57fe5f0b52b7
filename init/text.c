/*
 * text: strings, the console, and the few things that several parts of init do.
 */
#include "abi/fcntl.h"
#include "abi/reboot.h"
#include "init.h"
#include "sys.h"

size_t text_length(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

int text_equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

void text_add(char *text, size_t size, const char *more)
{
	size_t n = text_length(text);

	while (*more && n + 1 < size)
		text[n++] = *more++;
	text[n] = '\0';
}

void text_add_number(char *text, size_t size, long number)
{
	char digits[24];
	size_t at = sizeof(digits);
	unsigned long left = number < 0 ? -(unsigned long)number : (unsigned long)number;

	digits[--at] = '\0';
	do {
		digits[--at] = '0' + left % 10;
		left /= 10;
	} while (left);
	if (number < 0)
		digits[--at] = '-';
	text_add(text, size, digits + at);
}

void write_all(int fd, const void *data, size_t bytes)
{
	const char *at = data;

	while (bytes) {
		long n = sys3(write, fd, at, bytes);

		if (n <= 0)
			return;
		at += n;
		bytes -= n;
	}
}

void say(const char *message, long number)
{
	char line[160] = "init: ";

	text_add(line, sizeof(line), message);
	if (number) {
		text_add(line, sizeof(line), " ");
		text_add_number(line, sizeof(line), number);
	}
	text_add(line, sizeof(line), "\n");
	write_all(CONSOLE_FD, line, text_length(line));
}

void pause_1ms(void)
{
	const int64_t time[2] = { 0, 1000000 };

	sys2(nanosleep, time, 0);
}

void power_off(void)
{
	sys1(sync, 0);
	sys1(sync, 0); /* what was written to disks is there next time */
	sys4(reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF, 0);
	for (;;)
		pause_1ms();
}
