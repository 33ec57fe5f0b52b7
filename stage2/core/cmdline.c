/*
 * The kernel command line, copied from where the boot code put it.
 */
#include "core/cmdline.h"
#include "arch/boot_info.h"
#include "lib/parse.h"
#include "lib/string.h"

static char line[BOOT_CMDLINE_BYTES];

void cmdline_init(const char *text)
{
	strlcpy(line, text, sizeof(line));
}

bool cmdline_get(const char *name, char *buf, size_t size)
{
	return parse_option(line, name, buf, size) == 0;
}

const char *cmdline_text(void)
{
	return line;
}
