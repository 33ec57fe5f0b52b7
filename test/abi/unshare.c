/* unshare(2), and close_range(2) with a table of one's own: what is shared with other processes,
 * and is no longer; what is refused. */
#include "show.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/sem.h>
#include <sys/wait.h>

#define UNSHARE 2u
#define CLOEXEC 4u

static int shared_fd;

/* A process that shares what the flags say does `what`; its result. */
static int in_sharer(int flags, long (*what)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		long result = what();

		_exit(result == -1 ? errno : (int)result);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
}

static long just_close(void)
{
	return close(shared_fd);
}

static long unshare_and_close(void)
{
	return unshare(CLONE_FILES) || close(shared_fd) ? -1 : fcntl(shared_fd, F_GETFD) == -1;
}

static long close_range_alone(void)
{
	if (syscall(SYS_close_range, shared_fd, ~0u, UNSHARE))
		return -1;
	return fcntl(shared_fd, F_GETFD) == -1 && fcntl(1, F_GETFD) == 0;
}

static long mark_range_alone(void)
{
	if (syscall(SYS_close_range, 0, ~0u, UNSHARE | CLOEXEC))
		return -1;
	return fcntl(shared_fd, F_GETFD) == FD_CLOEXEC && fcntl(1, F_GETFD) == FD_CLOEXEC;
}

static void files(void)
{
	static const struct {
		const char *name;
		long (*what)(void);
	} tries[] = {
		{ "close", just_close },
		{ "unshare, close", unshare_and_close },
		{ "close_range", close_range_alone },
		{ "close_range for exec", mark_range_alone },
	};

	for (int sharing = 0; sharing < 2; sharing++)
		for (int i = 0; i < 4; i++) {
			int result, left;

			shared_fd = dup(1);
			result = in_sharer(sharing ? CLONE_FILES : 0, tries[i].what);
			left = fcntl(shared_fd, F_GETFD);
			printf("%s, %s: %d; ours is %s\n", sharing ? "shared" : "not shared",
				tries[i].name, result,
				left == 0    ? "as it was"
				: left == -1 ? "closed"
					     : "marked");
			close(shared_fd);
		}
	SHOW(syscall(SYS_close_range, 10, 9, UNSHARE));
	SHOW(syscall(SYS_close_range, 10, 11, 1));
	SHOW(syscall(SYS_close_range, 10, 11, 8 | UNSHARE));
}

static long move(void)
{
	umask(077);
	return chdir("/tmp");
}

static long unshare_and_move(void)
{
	return unshare(CLONE_FS) ? -1 : move();
}

static void place(long (*what)(void), int flags)
{
	char path[64];
	int result;

	chdir("/");
	umask(022);
	result = in_sharer(flags, what);
	printf("moves: %d, in %s, umask %o\n", result, getcwd(path, sizeof(path)), umask(022));
}

static int set;

static int value(void)
{
	return semctl(set, 0, GETVAL);
}

/* What was to be taken back is, at once. */
static long unshare_undo(void)
{
	struct sembuf up = { 0, 3, SEM_UNDO };

	SHOW(semop(set, &up, 1));
	SHOW(value());
	SHOW(unshare(CLONE_SYSVSEM));
	SHOW(value());
	SHOW(semop(set, &up, 1));
	return value();
}

static void semaphores(void)
{
	set = semget(IPC_PRIVATE, 1, 0600);
	SHOW(in_sharer(0, unshare_undo));
	SHOW(value());
	SHOW(in_sharer(CLONE_SYSVSEM, unshare_undo));
	SHOW(value());
	semctl(set, 0, IPC_RMID);
}

static void *alone_no_more(void *unused)
{
	SHOW(unshare(0));
	SHOW(unshare(CLONE_THREAD));
	SHOW(unshare(CLONE_SIGHAND));
	SHOW(unshare(CLONE_VM));
	SHOW(unshare(CLONE_SYSVSEM));
	return NULL;
}

static void flags(void)
{
	pthread_t thread;
	int status;
	pid_t pid;

	SHOW(unshare(0));
	SHOW(unshare(CLONE_THREAD));
	SHOW(unshare(CLONE_SIGHAND));
	SHOW(unshare(CLONE_VM));
	SHOW(unshare(CLONE_FILES | CLONE_FS | CLONE_SYSVSEM | CLONE_VM));
	SHOW(unshare(CLONE_VFORK));
	SHOW(unshare(CLONE_PARENT));
	SHOW(unshare(CLONE_FILES | SIGCHLD));
	SHOW(syscall(SYS_unshare, 1ull << 40));
	pthread_create(&thread, NULL, alone_no_more, NULL);
	pthread_join(thread, NULL);
	pid = vfork();
	if (pid == 0)
		_exit(unshare(CLONE_VM) ? errno : 0);
	waitpid(pid, &status, 0);
	printf("with another's memory: %s\n", strerror(WEXITSTATUS(status)));
}

int main(void)
{
	files();
	place(move, 0);
	place(move, CLONE_FS);
	place(unshare_and_move, CLONE_FS);
	place(unshare_and_move, 0);
	semaphores();
	flags();
	return 0;
}
