/*
 * terminal: hands our terminal to the program in the machine, and takes it back.
 *
 * In raw mode every key is a byte for the program's terminal, whose line discipline is in the
 * machine: Ctrl-C is the program's SIGINT.
 */
#include "terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "abi/job.h"

static struct termios before;
static int is_raw;

unsigned terminal_flags(void)
{
	unsigned flags = 0;

	if (!isatty(0) || !isatty(1))
		return 0;
	flags = JOB_TERMINAL(0) | JOB_TERMINAL(1);
	return isatty(2) ? flags | JOB_TERMINAL(2) : flags;
}

void terminal_size(uint16_t *rows, uint16_t *columns)
{
	struct winsize size = { 0 };

	if (ioctl(1, TIOCGWINSZ, &size))
		(void)ioctl(0, TIOCGWINSZ, &size);
	*rows = size.ws_row;
	*columns = size.ws_col;
}

void terminal_raw(void)
{
	struct termios raw;

	if (tcgetattr(0, &before))
		return;
	raw = before;
	cfmakeraw(&raw);
	if (!is_raw)
		atexit(terminal_restore);
	is_raw = !tcsetattr(0, TCSADRAIN, &raw);
}

void terminal_restore(void)
{
	if (is_raw)
		tcsetattr(0, TCSADRAIN, &before);
	is_raw = 0;
}
