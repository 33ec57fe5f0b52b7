/* Files without a name: making, using, sealing, what /proc says of them. */
#define _GNU_SOURCE
#include "show.h"

#include <sys/statfs.h>
#include <sys/wait.h>

#define PAGE 4096

static int make(unsigned flags)
{
	return memfd_create("test", flags);
}

static void contents(void)
{
	int fd = make(MFD_CLOEXEC);
	char text[64], path[64];
	struct stat st;
	ssize_t n;
	void *map;
	int again;

	printf("fd %d flags %#x cloexec %d\n", fd >= 0, fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	fstat(fd, &st);
	printf("mode %o links %d size %d\n", st.st_mode, (int)st.st_nlink, (int)st.st_size);
	SHOW(write(fd, "hello", 5));
	SHOW(lseek(fd, 0, SEEK_SET));
	SHOW(read(fd, text, sizeof(text)));
	SHOW(pread(fd, text, 3, 1));
	SHOW(ftruncate(fd, 3 * PAGE));
	map = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memcpy((char *)map + PAGE, "mapped", 6);
	SHOW(pread(fd, text, 6, PAGE));
	printf("%.6s\n", text);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, text, sizeof(text));
	printf("%.*s\n", (int)n, text);
	again = open(path, O_RDONLY);
	SHOW(pread(again, text, 5, 0));
	SHOW(write(again, text, 1));
	SHOW(fchmod(fd, 0400));
	SHOW(fallocate(fd, 0, 3 * PAGE, PAGE));
	fstat(fd, &st);
	printf("mode %o size %d\n", st.st_mode, (int)st.st_size);
	/* In maps by its name. */
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[256];

	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "memfd:"))
			printf("%s", strstr(line, "/memfd:"));
	fclose(maps);
	munmap(map, 3 * PAGE);
	close(again);
	close(fd);
	/* Two of one name are two files. */
	fd = make(0);
	again = make(0);
	write(fd, "x", 1);
	SHOW(read(again, text, 1));
	close(fd);
	close(again);
}

static void inherited(void)
{
	int fd = make(0), status;
	char byte = 0;
	pid_t pid = fork();

	if (pid == 0) {
		pwrite(fd, "c", 1, 0);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	SHOW(pread(fd, &byte, 1, 0));
	printf("%c\n", byte);
	close(fd);
}

/* A program in a file without a name. */
static void executed(void)
{
	static const char script[] = "#!/bin/sh\n";
	int fd = make(0), status = 0, self = open("/proc/self/exe", O_RDONLY);
	char path[64], buf[4096], *argv[] = { "memfd", "run", NULL }, *envp[] = { NULL };
	ssize_t n;
	pid_t pid;

	(void)script;
	while ((n = read(self, buf, sizeof(buf))) > 0)
		write(fd, buf, (size_t)n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execve(path, argv, envp);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	printf("status %d\n", WEXITSTATUS(status));
	close(fd);
	close(self);
}

static void names(void)
{
	char name[300];

	memset(name, 'n', sizeof(name));
	name[249] = '\0';
	SHOW(close(memfd_create(name, 0)));
	name[249] = 'n';
	name[250] = '\0';
	SHOW(memfd_create(name, 0));
	SHOW(close(memfd_create("", 0)));
	SHOW(close(memfd_create("a/b", 0)));
	SHOW(memfd_create((char *)8, 0));
	SHOW(memfd_create("x", 0x40));
	SHOW(memfd_create("x", 0x80000000));
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(argv[1], "run") == 0) {
		char text[64];
		ssize_t n = readlink("/proc/self/exe", text, sizeof(text));

		printf("running %.*s\n", (int)n, text);
		return 7;
	}
	contents();
	inherited();
	executed();
	names();
	return 0;
}
