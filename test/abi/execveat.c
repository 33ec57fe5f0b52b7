/* execveat: a program by a directory and a name, by a descriptor alone; scripts; refusals. */
#include "show.h"

#include <sys/auxv.h>
#include <sys/wait.h>

extern char **environ;

static void try(const char *what, int fd, const char *path, int flags)
{
	static char *argv[] = { "execveat", "again", NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		syscall(SYS_execveat, fd, path, argv, environ, flags);
		printf("%s: %s\n", what, strerror(errno));
		exit(99);
	}
	waitpid(pid, &status, 0);
	printf("%s: %d\n", what, WEXITSTATUS(status));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char self[256], shown[64];
	int dir, file, closing, script, closing_script;

	if (argc > 1) {
		const char *name = (char *)getauxval(AT_EXECFN);

		printf("%s is %s\n", argv[argc - 1], name);
		return 7;
	}
	dup2(open(".", O_RDONLY | O_DIRECTORY), 50);
	dir = 50;
	readlink("/proc/self/exe", self, sizeof(self) - 1);
	symlink(self, "link");
	mkdir("d", 0755);
	file = dup2(open(self, O_RDONLY), 51);
	closing = dup3(file, 52, O_CLOEXEC);
	snprintf(shown, sizeof(shown), "#!%s arg\n", self);
	int made = open("script", O_WRONLY | O_CREAT, 0755);
	write(made, shown, strlen(shown));
	close(made);
	script = dup2(open("script", O_RDONLY), 53);
	closing_script = dup3(script, 54, O_CLOEXEC);

	try("by a name", dir, "link", 0);
	try("by an absolute name", 999, self, 0);
	try("from the working directory", AT_FDCWD, "./link", 0);
	try("not through a link", dir, "link", AT_SYMLINK_NOFOLLOW);
	try("by a descriptor", file, "", AT_EMPTY_PATH);
	try("by one that exec closes", closing, "", AT_EMPTY_PATH);
	try("an O_PATH one", open(self, O_PATH), "", AT_EMPTY_PATH);
	try("a script", dir, "script", 0);
	try("a script by a descriptor", script, "", AT_EMPTY_PATH);
	try("a script by one that exec closes", closing_script, "", AT_EMPTY_PATH);
	try("an empty path", file, "", 0);
	try("a directory", dir, "d", 0);
	try("no such name", dir, "none", 0);
	try("no such descriptor", 999, "link", 0);
	try("no directory", file, "link", 0);
	try("an unknown flag", dir, "link", 0x4000);
	try("a bad pointer", dir, (char *)8, 0);
	return 0;
}
