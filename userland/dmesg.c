/*
 * dmesg [-n LEVEL] [-c] [-r]: the kernel's log.
 *
 *	-n LEVEL  lines below that level are shown on the consoles (1 none, 5 warnings, 7 almost
 *all) -c        and forget it -r        with the levels
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

enum { READ_ALL = 3, READ_CLEAR = 4, CONSOLE_LEVEL = 8, SIZE = 10 };

static int fail(void)
{
	perror("dmesg");
	return 1;
}

/* Lines begin with "<LEVEL>". */
static void print(const char *text, int raw)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *line = text, *level_end = strchr(text, '>');

		if (!raw && *line == '<' && level_end)
			line = level_end + 1;
		printf("%.*s\n", (int)(text + length - line), line);
		text += length + (text[length] == '\n');
	}
}

int main(int argc, char **argv)
{
	int action = READ_ALL, raw = 0, option, size, got;
	char *text;

	while ((option = getopt(argc, argv, "n:cr")) != -1) {
		if (option == 'n')
			return klogctl(CONSOLE_LEVEL, NULL, atoi(optarg)) < 0 ? fail() : 0;
		if (option == 'c')
			action = READ_CLEAR;
		else if (option == 'r')
			raw = 1;
		else
			return 1;
	}
	size = klogctl(SIZE, NULL, 0);
	text = size > 0 ? calloc(1, size + 1) : NULL;
	got = text ? klogctl(action, text, size) : -1;
	if (got < 0)
		return fail();
	print(text, raw);
	return 0;
}
