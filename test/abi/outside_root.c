/* What lies outside the root that a process has now: by which names it still shows. */
#include "show.h"

static int self; /* /proc/self, opened while it could be reached */

static void show_link(const char *name)
{
	char text[4096];
	ssize_t bytes = readlinkat(self, name, text, sizeof(text) - 1);

	text[bytes > 0 ? bytes : 0] = '\0';
	printf("%s -> %s\n", name, bytes < 0 ? strerror(errno) : text);
}

int main(void)
{
	char text[4096];
	int maps;

	SHOW(mkdir("new", 0755));
	SHOW(mkdir("new/below", 0755));
	SHOW(open("new/inside", O_CREAT | O_RDWR, 0644));
	SHOW(open("outside", O_CREAT | O_RDWR, 0644));
	SHOW(open("gone", O_CREAT | O_RDWR, 0644));
	SHOW(unlink("gone"));
	SHOW(self = open("/proc/self", O_RDONLY));
	SHOW(maps = open("/proc/self/maps", O_RDONLY));
	SHOW(chroot("new"));
	show_link("root");
	show_link("cwd");
	show_link("exe");
	for (int fd = 3; fd < 6; fd++) {
		snprintf(text, sizeof(text), "fd/%d", fd);
		show_link(text);
	}
	SHOW(syscall(SYS_getcwd, text, sizeof(text)));
	puts(text);
	SHOW(read(maps, text, sizeof(text) - 1) > 0);
	SHOW(strstr(text, "outside_root") != NULL && !strstr(text, "unreachable"));
	SHOW(chdir("/below"));
	show_link("cwd");
	SHOW(syscall(SYS_getcwd, text, sizeof(text)));
	puts(text);
	return 0;
}
