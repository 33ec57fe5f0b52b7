/* Directories: all entries, once each, with their types, also while they are being removed. */
#include "show.h"

#include <dirent.h>

enum { FILES = 300 };

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path)
{
	char *lines[16];
	int count = 0;
	DIR *dir = opendir(path);
	struct dirent *entry;

	while ((entry = readdir(dir)) && count < 16) {
		lines[count] = malloc(300);
		snprintf(lines[count++], 300, "%s type %d", entry->d_name, entry->d_type);
	}
	closedir(dir);
	qsort(lines, count, sizeof(*lines), by_text);
	for (int i = 0; i < count; i++)
		puts(lines[i]);
}

int main(void)
{
	char name[64], buffer[32];
	int count = 0, fd, removed = 0;
	struct dirent *entry;
	struct stat st;
	long position = 0;
	DIR *dir;

	mkdir("mixed", 0755);
	chdir("mixed");
	mkdir("dir", 0755);
	close(open("file", O_CREAT | O_WRONLY, 0644));
	symlink("file", "link");
	mkfifo("fifo", 0600);
	list(".");
	chdir("..");

	mkdir("many", 0755);
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "many/file-number-%d", i);
		close(open(name, O_CREAT | O_WRONLY, 0644));
	}
	dir = opendir("many");
	while ((entry = readdir(dir)))
		count++;
	SHOW(count);
	rewinddir(dir);
	for (count = 0; count < 10 && (entry = readdir(dir)); count++)
		;
	position = telldir(dir);
	entry = readdir(dir);
	snprintf(name, sizeof(name), "%s", entry->d_name);
	while (readdir(dir))
		;
	seekdir(dir, position);
	entry = readdir(dir);
	SHOW(strcmp(name, entry->d_name));
	snprintf(name, sizeof(name), "many/%s", entry->d_name);
	SHOW(stat(name, &st));
	SHOW(st.st_ino == entry->d_ino);

	rewinddir(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "many/%s", entry->d_name);
		removed += unlink(name) == 0;
	}
	closedir(dir);
	SHOW(removed);
	SHOW(rmdir("many"));

	fd = open("mixed", O_RDONLY);
	SHOW(syscall(SYS_getdents64, fd, buffer, 8));
	SHOW(syscall(SYS_getdents64, fd, (void *)8, 4096));
	SHOW(syscall(SYS_getdents64, 99, buffer, sizeof(buffer)));
	fd = open("mixed/file", O_RDONLY);
	SHOW(syscall(SYS_getdents64, fd, buffer, sizeof(buffer)));
	return 0;
}
