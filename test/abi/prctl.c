/* prctl, personality, capget: properties of a process and what becomes of them. */
#include "show.h"

#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int get(int option)
{
	int value = -1;

	return prctl(option, &value) ? -errno : value;
}

static int ended(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void names(void)
{
	char name[32] = { 0 };

	SHOW(prctl(PR_SET_NAME, "a name that is too long"));
	SHOW(prctl(PR_GET_NAME, name));
	puts(name);
	SHOW(prctl(PR_SET_NAME, "short"));
	SHOW(prctl(PR_GET_NAME, name));
	SHOW(memcmp(name, "short\0\0\0\0\0\0\0\0\0\0", 16));
	SHOW(prctl(PR_SET_NAME, 8));
	SHOW(prctl(PR_GET_NAME, 8));
	SHOW(prctl(9999));
}

static void death(void)
{
	int fds[2], status = 0;
	char byte;
	pid_t pid;

	SHOW(prctl(PR_SET_PDEATHSIG, 65));
	SHOW(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	SHOW(get(PR_GET_PDEATHSIG));
	prctl(PR_SET_PDEATHSIG, 0);
	/* The grandchild gets a signal when its parent ends; orphans are ours. */
	SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1));
	SHOW(get(PR_GET_CHILD_SUBREAPER));
	pipe(fds);
	pid = fork();
	if (pid == 0) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			write(fds[1], "x", 1);
			for (;;)
				pause();
		}
		read(fds[0], &byte, 1);
		_exit(get(PR_GET_CHILD_SUBREAPER) == 0 ? 3 : 4);
	}
	SHOW(ended(pid));
	SHOW(waitpid(-1, &status, 0) > 0);
	SHOW(WIFSIGNALED(status) ? WTERMSIG(status) : -1);
	pid = fork();
	if (pid == 0) {
		if (fork() == 0) {
			close(fds[1]);
			read(fds[0], &byte, 1); /* until its parent has ended */
			_exit(getppid() == 1 ? 1 : 2);
		}
		_exit(0);
	}
	SHOW(ended(pid));
	close(fds[1]);
	SHOW(waitpid(-1, &status, 0) > 0);
	SHOW(WEXITSTATUS(status));
	SHOW(prctl(PR_SET_CHILD_SUBREAPER, 0));
	close(fds[0]);
}

static void copy_self(const char *name, mode_t mode)
{
	static char buf[65536];
	int from = open("/proc/self/exe", O_RDONLY), to = open(name, O_WRONLY | O_CREAT, 0700);
	ssize_t bytes;

	while ((bytes = read(from, buf, sizeof(buf))) > 0)
		write(to, buf, bytes);
	fchmod(to, mode);
	close(to);
	close(from);
}

static void rights(const char *self)
{
	pid_t pid;

	SHOW(prctl(PR_GET_DUMPABLE));
	SHOW(prctl(PR_SET_DUMPABLE, 2));
	SHOW(prctl(PR_SET_DUMPABLE, 0));
	SHOW(prctl(PR_GET_DUMPABLE));
	SHOW(prctl(PR_SET_DUMPABLE, 1));
	SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
	SHOW(prctl(PR_GET_TIMERSLACK));
	SHOW(prctl(PR_SET_TIMERSLACK, 1234));
	SHOW(prctl(PR_GET_TIMERSLACK));
	pid = fork();
	if (pid == 0)
		_exit(prctl(PR_GET_TIMERSLACK) == 1234);
	SHOW(ended(pid));
	SHOW(prctl(PR_SET_TIMERSLACK, 0));
	SHOW(get(PR_GET_TSC));
	SHOW(prctl(PR_CAPBSET_READ, 0));
	SHOW(prctl(PR_CAPBSET_READ, 1000));
	SHOW(prctl(PR_GET_SECUREBITS));
	SHOW(prctl(PR_GET_KEEPCAPS));

	/* A program that is set-user-ID gives no rights to who has renounced new ones. */
	copy_self("suid", 04755);
	for (int renounce = 0; renounce < 2; renounce++) {
		pid = fork();
		if (pid == 0) {
			if (renounce)
				prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
			if (setuid(1000) || prctl(PR_GET_DUMPABLE) != 0)
				_exit(9);
			execl("./suid", "suid", "euid", NULL);
			_exit(10);
		}
		SHOW(ended(pid));
	}
}

static void capabilities(void)
{
	struct {
		uint32_t version;
		int pid;
	} header = { 0 };
	struct {
		uint32_t effective, permitted, inheritable;
	} data[2];
	pid_t pid;

	SHOW(syscall(SYS_capget, &header, NULL));
	printf("%#x\n", header.version);
	memset(data, 0x55, sizeof(data));
	SHOW(syscall(SYS_capget, &header, data));
	printf("%#x %#x %#x %#x\n", data[0].effective, data[0].permitted, data[1].effective,
		data[0].inheritable);
	SHOW(syscall(SYS_capset, &header, data));
	header.version = 0x1234;
	SHOW(syscall(SYS_capget, &header, data));
	header.pid = 99999;
	SHOW(syscall(SYS_capget, &header, data));
	header.pid = -1;
	SHOW(syscall(SYS_capget, &header, data));
	header.pid = 0;
	SHOW(syscall(SYS_capget, &header, 8));
	SHOW(syscall(SYS_capget, 8, data));
	pid = fork();
	if (pid == 0) {
		setuid(1000);
		syscall(SYS_capget, &header, data);
		if (data[0].effective || data[0].permitted)
			_exit(1);
		data[0].effective = data[0].permitted = 1;
		if (syscall(SYS_capset, &header, data) == 0 || errno != EPERM)
			_exit(2);
		data[0].effective = data[0].permitted = 0;
		_exit(syscall(SYS_capset, &header, data) ? 3 : 0);
	}
	SHOW(ended(pid));
}

static void where(void)
{
	int on_stack;

	printf("%p %p\n", (void *)&on_stack, sbrk(0));
}

static void layout(void)
{
	char lines[2][100] = { "", "" };

	SHOW(personality(0xffffffff));
	SHOW(personality(ADDR_NO_RANDOMIZE));
	SHOW(personality(0xffffffff));
	for (int i = 0; i < 2; i++) {
		int fds[2];

		pipe(fds);
		if (fork() == 0) {
			dup2(fds[1], 1);
			execl("/proc/self/exe", "prctl", "where", NULL);
			_exit(1);
		}
		close(fds[1]);
		wait(NULL);
		read(fds[0], lines[i], 99);
		close(fds[0]);
	}
	SHOW(lines[0][0] && !strcmp(lines[0], lines[1]));
	SHOW(personality(0));
	SHOW(personality(0xffffffff));
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "euid"))
		return geteuid() == 0 ? 70 : 71;
	if (argc > 1 && !strcmp(argv[1], "where")) {
		where();
		return 0;
	}
	names();
	death();
	rights(argv[0]);
	capabilities();
	layout();
	return 0;
}
