/* waitid: whom, what of them, what is left for the next. */
#include "show.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static pid_t child_exit(int code)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(code);
	return pid;
}

static pid_t child_pause(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void show_info(const char *what, int result, const siginfo_t *info, pid_t pid)
{
	if (result)
		printf("%s = %d %s\n", what, result, strerror(errno));
	else
		printf("%s = 0, signo %d, errno %d, code %d, pid %s, uid %d, status %d\n", what,
			info->si_signo, info->si_errno, info->si_code,
			info->si_pid == pid ? "right"
			: info->si_pid      ? "wrong"
					    : "0",
			(int)info->si_uid, info->si_status);
	fflush(stdout);
}

#define WAITID(kind, id, options)                                                                  \
	do {                                                                                       \
		siginfo_t info_;                                                                   \
		memset(&info_, 0x55, sizeof(info_));                                               \
		show_info(#kind ", " #id ", " #options, waitid(kind, id, &info_, options), &info_, \
			pid);                                                                      \
	} while (0)

int main(void)
{
	struct rusage usage;
	int status;
	pid_t pid;

	pid = 0;
	WAITID(P_ALL, 0, WEXITED);
	WAITID(P_ALL, 0, WEXITED | WNOHANG);
	pid = child_exit(7);
	WAITID(P_PID, pid, WEXITED | WNOWAIT);
	WAITID(P_PID, pid, WEXITED | WNOWAIT);
	WAITID(P_PID, pid, WSTOPPED | WNOHANG);
	WAITID(P_ALL, 0, WEXITED);
	WAITID(P_PID, pid, WEXITED);
	pid = child_pause();
	WAITID(P_PID, pid, WEXITED | WNOHANG);
	kill(pid, SIGSTOP);
	WAITID(P_PID, pid, WSTOPPED | WNOWAIT);
	WAITID(P_PID, pid, WSTOPPED);
	WAITID(P_PID, pid, WSTOPPED | WNOHANG);
	kill(pid, SIGCONT);
	WAITID(P_PID, pid, WCONTINUED | WEXITED | WSTOPPED);
	WAITID(P_PGID, 0, WCONTINUED | WEXITED | WSTOPPED | WNOHANG);
	WAITID(P_PGID, getpgrp(), WEXITED | WNOHANG);
	WAITID(P_PGID, 12345, WEXITED | WNOHANG);
	kill(pid, SIGUSR1);
	WAITID(P_PGID, 0, WEXITED);
	pid = child_pause();
	kill(pid, SIGKILL);
	memset(&usage, 0x55, sizeof(usage));
	SHOW(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED, &usage));
	SHOW(usage.ru_maxrss > 0 && usage.ru_utime.tv_sec < 60);

	pid = child_exit(3);
	WAITID(P_ALL, 0, 0);
	WAITID(P_ALL, 0, WNOHANG);
	WAITID(P_ALL, 0, WEXITED | 0x100);
	WAITID(P_PID, 0, WEXITED);
	WAITID(P_PID, -1, WEXITED);
	WAITID(P_PGID, -1, WEXITED);
	WAITID(9, 0, WEXITED);
	SHOW(syscall(SYS_waitid, P_ALL, 0, 8, WEXITED | WNOWAIT, NULL));
	SHOW(syscall(SYS_waitid, P_ALL, 0, NULL, WEXITED | WNOWAIT, 8));
	WAITID(P_ALL, 0, WEXITED);

	/* A child that tells its end by another signal. */
	signal(SIGUSR1, SIG_IGN);
	pid = syscall(SYS_clone, SIGUSR1, 0, NULL, NULL, 0);
	if (pid == 0)
		_exit(4);
	WAITID(P_PID, pid, WEXITED | WNOHANG);
	WAITID(P_PID, pid, WEXITED | __WCLONE);
	pid = syscall(SYS_clone, SIGUSR1, 0, NULL, NULL, 0);
	if (pid == 0)
		_exit(5);
	WAITID(P_ALL, 0, WEXITED | __WALL);
	SHOW(waitpid(-1, &status, WNOHANG));
	SHOW(waitpid(-2147483647 - 1, &status, WNOHANG));
	return 0;
}
