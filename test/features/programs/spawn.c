/*
 * spawn TIMES PROGRAM [ARG...]: runs PROGRAM so many times, one after another, and before, in
 * between and behind makes the system quiet and writes /proc/frames and /proc/slabinfo to stderr,
 * after a line "frames". Ends as the last one did.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int file(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd < 0) {
		perror(path);
		exit(125);
	}
	return fd;
}

static void show_frames(void)
{
	static char frames[4096], caches[16384];

	/* All of their pages are this program's from the first time on, however long the text. */
	memset(frames, 0, sizeof(frames));
	memset(caches, 0, sizeof(caches));
	int fd = file("/proc/sys/vm/drop_caches", O_WRONLY);

	if (write(fd, "3\n", 2) != 2)
		exit(125);
	close(fd);
	fd = file("/proc/frames", O_RDONLY);
	ssize_t frames_bytes = read(fd, frames, sizeof(frames));
	close(fd);
	fd = file("/proc/slabinfo", O_RDONLY);
	ssize_t caches_bytes = read(fd, caches, sizeof(caches));
	close(fd);
	write(2, "frames\n", 7);
	write(2, frames, frames_bytes);
	write(2, caches, caches_bytes);
}

int main(int argc, char **argv)
{
	int status = 0;

	for (int i = 0; i < atoi(argv[1]); i++) {
		show_frames();
		pid_t pid = fork();
		if (pid == 0) {
			execv(argv[2], argv + 2);
			perror(argv[2]);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
	}
	show_frames();
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
