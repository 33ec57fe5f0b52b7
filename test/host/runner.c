/*
 * runner FOLDER NAME[+ARG]...: starts FOLDER/NAME for each, one after another, in a directory of
 *its own, and prints before and behind its output a line by which test/compare.sh takes them
 *apart:
 *
 *	=== begin NAME
 *	=== end NAME exit N        (or: signal N, or: not started ERROR)
 *
 * It needs vfork, execve and wait4, no more, so that it runs on a kernel which has little else.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(const char *folder, const char *token)
{
	static char *const envp[] = { "PATH=/bin", "NAME=value", NULL };
	char path[256], dir[256], *name = strdup(token), *plus = strchr(name, '+');
	char *argv[] = { name, plus ? plus + 1 : NULL, NULL };
	volatile int error = 0;
	int status = 0;
	pid_t pid;

	if (plus)
		*plus = '\0';
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	snprintf(dir, sizeof(dir), "/tmp/%s", token);
	for (char *at = dir + sizeof("/tmp"); *at; at++)
		if (*at == '/')
			*at = '_';
	mkdir(dir, 0755);
	if (chdir(dir))
		error = errno;
	printf("\n=== begin %s\n", token);
	fflush(stdout);
	pid = vfork();
	if (pid == 0) {
		dup2(1, 2);
		execve(path, argv, envp);
		error = errno;
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		error = errno;
	if (error)
		printf("\n=== end %s not started %s\n", token, strerror(error));
	else if (WIFEXITED(status))
		printf("\n=== end %s exit %d\n", token, WEXITSTATUS(status));
	else
		printf("\n=== end %s signal %d\n", token, WTERMSIG(status));
	fflush(stdout);
	free(name);
}

int main(int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		run(argv[1], argv[i]);
	return 0;
}
