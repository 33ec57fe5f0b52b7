/* A directory of many files: all found, each listed once while others are removed. */
#include <dirent.h>

#include "show.h"

enum { FILES = 20000 };

static char listed[FILES];

static int name_number(const char *name)
{
	return name[0] == 'n' ? atoi(name + 1) : -1;
}

int main(void)
{
	char name[32];
	long missing = 0, twice = 0, entries = 0, left = 0;
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	SHOW(mkdir("many", 0755));
	SHOW(chdir("many"));
	for (int i = 0; i < FILES; i++) {
		sprintf(name, "n%d", i);
		if (mknod(name, S_IFREG | 0600, 0))
			perror(name);
	}
	for (int i = 0; i < FILES + 100; i++) {
		sprintf(name, "n%d", i);
		missing += stat(name, &st) != 0;
	}
	SHOW(missing);
	/* Remove every second one while the listing goes on: behind it and before it. */
	dir = opendir(".");
	while ((entry = readdir(dir))) {
		int number = name_number(entry->d_name);

		entries++;
		if (number < 0)
			continue;
		twice += listed[number]++;
		if (number % 2) {
			sprintf(name, "n%d", number);
			unlink(name);
		}
	}
	closedir(dir);
	SHOW(entries);
	SHOW(twice);
	SHOW(stat(".", &st));
	SHOW(st.st_nlink);
	dir = opendir(".");
	while ((entry = readdir(dir)))
		left++;
	SHOW(left);
	rewinddir(dir);
	SHOW(readdir(dir) != NULL);
	while ((entry = readdir(dir)))
		if (name_number(entry->d_name) >= 0)
			unlink(entry->d_name);
	closedir(dir);
	SHOW(chdir(".."));
	SHOW(rmdir("many"));
	return 0;
}
