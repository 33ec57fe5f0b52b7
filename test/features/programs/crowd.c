/* crowd FILE: reads the whole of FILE, so that memory is full of its pages; then takes memory of
 * its own page by page, and meanwhile starts programs and makes files, all of which must work. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES 4000
#define TRIES 3000 /* from here on */

static int child(void)
{
	char *own = malloc(200000);

	memset(own, 1, 200000);
	return 0;
}

int main(int argc, char **argv)
{
	static char buf[1 << 16];
	int fd = open(argv[1], O_RDONLY), good = 0, tried = 0;
	char *memory = mmap(
		NULL, PAGES * 4096L, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	while (read(fd, buf, sizeof(buf)) > 0)
		;
	for (long i = 0; i < PAGES; i++) {
		int status = -1, file;
		pid_t pid;

		memory[i * 4096] = 1;
		if (i < TRIES || i % 7)
			continue;
		pid = fork();
		if (pid == 0)
			_exit(child());
		if (pid > 0)
			waitpid(pid, &status, 0);
		snprintf(buf, sizeof(buf), "/tmp/%ld", i);
		file = open(buf, O_CREAT | O_RDWR, 0600);
		good += status == 0 && file >= 0;
		close(file);
		tried++;
	}
	printf("%s\n", good == tried ? "all of them" : "not all");
	return 0;
}
