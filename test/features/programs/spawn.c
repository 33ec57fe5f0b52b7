/*
 * spawn TIMES PROGRAM [ARG...]: runs PROGRAM so many times, one after another, with sync before, in
 * between and behind: with the word "account" on its command line the kernel then logs its books.
 * Ends as the last one did.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int status = 0;

	for (int i = 0; i < atoi(argv[1]); i++) {
		sync();
		pid_t pid = fork();
		if (pid == 0) {
			execv(argv[2], argv + 2);
			perror(argv[2]);
			_exit(127);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 1;
	}
	sync();
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
