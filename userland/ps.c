/*
 * ps: the processes, from /proc.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { TEXT_BYTES = 4096, NAME_BYTES = 16 };

/* A file of a process, with its NULs as blanks: how long it is. */
static size_t slurp(const char *pid, const char *name, char *text)
{
	char path[64];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	file = fopen(path, "r");
	length = file ? fread(text, 1, TEXT_BYTES - 1, file) : 0;
	if (file)
		fclose(file);
	for (size_t i = 0; i < length; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	text[length] = '\0';
	return length;
}

/* The terminal's name, by its device number. */
static const char *terminal(unsigned rdev)
{
	static char name[NAME_BYTES];
	unsigned number = minor(rdev);

	if (major(rdev) == 136)
		snprintf(name, sizeof(name), "pts/%u", number);
	else if (major(rdev) == 4 && number >= 64)
		snprintf(name, sizeof(name), "ttyS%u", number - 64);
	else if (major(rdev) == 4)
		snprintf(name, sizeof(name), "tty%u", number);
	else
		strcpy(name, rdev ? "console" : "-");
	return name;
}

/* How wide a line may be: a terminal's would be broken. */
static int width(void)
{
	struct winsize size;

	return ioctl(1, TIOCGWINSZ, &size) || !size.ws_col ? TEXT_BYTES : size.ws_col;
}

static void show(const char *pid, int columns)
{
	char stat[TEXT_BYTES], command[TEXT_BYTES], state;
	unsigned long user, system, pages;
	unsigned parent, rdev;
	char *name, *after;

	/* The name, in parentheses, may have anything in it. */
	if (!slurp(pid, "stat", stat) || !(name = strchr(stat, '(')) ||
		!(after = strrchr(stat, ')')))
		return;
	*after = '\0';
	if (sscanf(after + 2,
		    "%c %u %*d %*d %u %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %*u "
		    "%*u %lu",
		    &state, &parent, &rdev, &user, &system, &pages) != 6)
		return;
	if (!slurp(pid, "cmdline", command))
		snprintf(command, sizeof(command), "[%s]", name + 1);
	user = (user + system) / sysconf(_SC_CLK_TCK);
	columns -= printf("%5s %5u %-7s %c %7lu %3lu:%02lu ", pid, parent, terminal(rdev), state,
		pages * (sysconf(_SC_PAGESIZE) / 1024), user / 60, user % 60);
	printf("%.*s\n", columns > 0 ? columns : 0, command);
}

int main(void)
{
	DIR *proc = opendir("/proc");
	int columns = width();
	struct dirent *entry;

	if (!proc) {
		perror("ps: /proc");
		return 1;
	}
	printf("%5s %5s %-7s %c %7s %6s %s\n", "PID", "PPID", "TTY", 'S', "KIB", "TIME", "COMMAND");
	while ((entry = readdir(proc)))
		if (isdigit((unsigned char)*entry->d_name))
			show(entry->d_name, columns);
	return 0;
}
