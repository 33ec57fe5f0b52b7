/* Children: vfork, exec, exit status, and nobody to wait for. */
#include "show.h"

#include <sys/wait.h>

static int start(const char *how)
{
	char *const argv[] = { "die", (char *)how, NULL };
	char *const envp[] = { NULL };
	int status = -1, fd;
	pid_t pid = vfork();

	if (pid == 0) {
		fd = open("/dev/null", O_WRONLY);
		dup2(fd, 1);
		execve("/abi/die", argv, envp);
		_exit(99);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return status & ~0x80; /* no core file, whatever the limit is */
}

int main(void)
{
	char *const argv[] = { "x", NULL };
	int status = 0;
	pid_t pid;

	SHOW(waitpid(-1, &status, 0));
	SHOW(start("exit"));
	SHOW(start("group"));
	SHOW(start("null"));
	SHOW(start("kill"));
	SHOW(start(""));
	pid = vfork();
	if (pid == 0)
		_exit(5);
	SHOW(waitpid(pid, &status, 0) == pid);
	SHOW(status);
	SHOW(waitpid(pid, &status, 0) == -1 && errno == ECHILD);
	SHOW(waitpid(-1, &status, WNOHANG));
	SHOW(waitpid(1, &status, 0));
	SHOW(wait4(-1, &status, 0x1000, NULL));
	SHOW(execve("/abi/missing", argv, argv + 1));
	SHOW(execve("/abi", argv, argv + 1));
	SHOW(execve("/dev/null", argv, argv + 1));
	close(open("text", O_CREAT | O_WRONLY, 0755));
	SHOW(execve("text", argv, argv + 1));
	SHOW(chmod("text", 0644));
	SHOW(execve("text", argv, argv + 1));
	return 0;
}
