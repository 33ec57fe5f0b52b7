/*
 * The first line of a script, as Linux reads it (fs/binfmt_script.c): blanks are spaces and tabs;
 * everything behind the interpreter is one argument; a line that was cut is accepted if the cut
 * does not go through the interpreter's name.
 */
#include "proc/script.h"

#include <stdbool.h>

#include "abi/errno.h"
#include "lib/string.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

int script_parse(const char *data, size_t bytes, struct script_line *line)
{
	char *at, *end;
	bool cut;

	if (bytes < 2 || data[0] != '#' || data[1] != '!')
		return -ENOEXEC;
	memcpy(line->text, data, bytes);
	line->text[bytes] = 0;
	end = memchr(line->text, '\n', bytes);
	cut = !end && bytes == SCRIPT_LINE_BYTES;
	if (!end)
		end = line->text + strlen(line->text);
	while (end > line->text + 2 && is_blank(end[-1]))
		end--;
	*end = 0;
	for (at = line->text + 2; is_blank(*at); at++)
		;
	if (!*at)
		return -ENOEXEC;
	line->interpreter = at;
	line->argument = NULL;
	while (*at && !is_blank(*at))
		at++;
	if (!*at)
		return cut ? -ENOEXEC : 0;
	for (*at++ = 0; is_blank(*at); at++)
		;
	if (*at)
		line->argument = at;
	return 0;
}
