/* clone and clone3: what they share, whose child it is, what they refuse. */
#define _GNU_SOURCE
#include "show.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

struct args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
		set_tid_size, cgroup, future[2];
};

#define CLEAR_SIGHAND 0x100000000ull

static long clone3(struct args *args, size_t size)
{
	return syscall(SYS_clone3, args, size);
}

static void handler(int signal)
{
}

static int ended(pid_t pid, int options)
{
	int status = -1;

	return waitpid(pid, &status, options) == pid ? WEXITSTATUS(status) : -errno;
}

static void handlers(void)
{
	struct args args = { .exit_signal = SIGCHLD };
	struct sigaction action;
	int result;
	pid_t pid;

	signal(SIGUSR1, handler);
	signal(SIGUSR2, SIG_IGN);
	for (int clear = 0; clear < 2; clear++) {
		args.flags = clear ? CLEAR_SIGHAND : 0;
		pid = clone3(&args, sizeof(args));
		if (pid == 0) {
			sigaction(SIGUSR1, NULL, &action);
			result = action.sa_handler == handler   ? 1
			         : action.sa_handler == SIG_DFL ? 2
			                                        : 3;
			sigaction(SIGUSR2, NULL, &action);
			_exit(result * 10 + (action.sa_handler == SIG_IGN));
		}
		SHOW(ended(pid, 0));
	}
}

static int child_word;

static int start_true(void *self)
{
	execl(self, self, "true", NULL);
	_exit(9);
}

/* The word is in memory that the child shares with its maker, until it starts a program. */
static void cleared(const char *self)
{
	static char stack[65536] __attribute__((aligned(16)));
	int flags = CLONE_VM | CLONE_VFORK | CLONE_CHILD_CLEARTID | SIGCHLD;
	pid_t pid;

	child_word = 77;
	pid = clone(
		start_true, stack + sizeof(stack), flags, (void *)self, NULL, NULL, &child_word);
	SHOW(child_word);
	SHOW(ended(pid, 0));
}

/* Flags above 32 bits are clone3's. */
static void high_flags(void)
{
	struct sigaction action;
	pid_t pid;

	signal(SIGUSR1, handler);
	pid = syscall(SYS_clone, CLEAR_SIGHAND | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		sigaction(SIGUSR1, NULL, &action);
		_exit(action.sa_handler == handler);
	}
	SHOW(ended(pid, 0));
}

static void numbers(void)
{
	static int child_tid, parent_tid;
	struct args args = { .flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
		.child_tid = (uintptr_t)&child_tid,
		.parent_tid = (uintptr_t)&parent_tid,
		.exit_signal = SIGCHLD };
	pid_t pid = clone3(&args, 64);

	if (pid == 0)
		_exit(child_tid == getpid());
	SHOW(parent_tid == pid);
	SHOW(child_tid);
	SHOW(ended(pid, 0));
	args = (struct args){ .exit_signal = SIGUSR2 };
	pid = clone3(&args, 64);
	if (pid == 0)
		_exit(5);
	SHOW(ended(pid, __WCLONE));
	args = (struct args){ .exit_signal = 0 };
	pid = clone3(&args, 64);
	if (pid == 0)
		_exit(6);
	SHOW(ended(pid, __WALL));
}

/* A grandchild that is made as a sibling of its maker. */
static void parents(void)
{
	pid_t self = getpid(), pid;
	struct args args = { .flags = CLONE_PARENT };
	int sum = 0;

	pid = fork();
	if (pid == 0) {
		pid_t sibling = clone3(&args, 64);

		if (sibling == 0) {
			setpgid(0, 0);
			_exit(getppid() == self ? 41 : 42);
		}
		_exit(waitpid(sibling, NULL, __WALL) < 0 ? errno == ECHILD : 2);
	}
	/* Both are ours. */
	for (int i = 0; i < 3; i++) {
		int status = 0;

		pid = waitpid(-1, &status, 0);
		sum += pid > 0 ? WEXITSTATUS(status) : 100;
	}
	SHOW(sum);
}

static int shared = 1;

static void memory(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	struct args args = { .flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD };
	pid_t pid;

	/* Not by a function: the child would overwrite where the parent returns to. */
	__asm__ volatile("syscall"
			 : "=a"(pid)
			 : "a"(SYS_clone3), "D"(&args), "S"(64)
			 : "rcx", "r11", "memory");
	if (pid == 0) {
		shared = 2;
		_exit(0);
	}
	SHOW(shared);
	SHOW(ended(pid, 0));
	args = (struct args){ .flags = CLONE_VM | CLONE_VFORK,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack,
		.stack_size = sizeof(stack) };
	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "mov %%rsp, %%rdi\n\t"
			 "sub %[stack], %%rdi\n\t"
			 "cmp $16384, %%rdi\n\t"
			 "sete %%dil\n\t"
			 "movzx %%dil, %%edi\n\t"
			 "mov $60, %%eax\n\t"
			 "syscall\n"
			 "1:"
			 : "=a"(pid)
			 : "a"(SYS_clone3), "D"(&args), "S"(64), [stack] "r"(stack)
			 : "rcx", "r11", "memory");
	SHOW(ended(pid, 0));
}

static long try(struct args args, size_t size)
{
	long pid = clone3(&args, size);

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, __WALL);
	return pid > 0 ? 0 : pid;
}

#define TRY(...) SHOW(try((struct args){ __VA_ARGS__ }, 64))

static void refused(void)
{
	struct args future = { .exit_signal = SIGCHLD };

	TRY(.exit_signal = SIGCHLD);
	TRY(.exit_signal = 65);
	TRY(.exit_signal = 0x100);
	TRY(.flags = SIGCHLD);
	TRY(.flags = CLONE_DETACHED);
	TRY(.flags = CLONE_PTRACE | CLONE_UNTRACED, .exit_signal = SIGCHLD);
	TRY(.flags = CLONE_IO, .exit_signal = SIGCHLD);
	TRY(.flags = CLONE_THREAD, .exit_signal = SIGCHLD);
	TRY(.flags = CLONE_THREAD);
	TRY(.flags = CLONE_THREAD | CLONE_SIGHAND);
	TRY(.flags = CLONE_SIGHAND, .exit_signal = SIGCHLD);
	TRY(.flags = CLONE_PARENT, .exit_signal = SIGCHLD);
	TRY(.flags = CLONE_FS | CLONE_NEWNS, .exit_signal = SIGCHLD);
	TRY(.flags = CLEAR_SIGHAND | CLONE_SIGHAND | CLONE_VM, .exit_signal = SIGCHLD);
	TRY(.flags = 1ull << 40, .exit_signal = SIGCHLD);
	TRY(.stack = 4096, .exit_signal = SIGCHLD);
	TRY(.stack_size = 4096, .exit_signal = SIGCHLD);
	TRY(.stack = 1ull << 63, .stack_size = 4096, .exit_signal = SIGCHLD);
	TRY(.flags = CLONE_SETTLS, .tls = 1ull << 60, .exit_signal = SIGCHLD);
	SHOW(try(future, sizeof(future)));
	future.future[1] = 1;
	SHOW(try(future, sizeof(future)));
	SHOW(try(future, 63));
	SHOW(try(future, 5000));
	SHOW(syscall(SYS_clone3, 8, 64));
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "true"))
		return 0;
	handlers();
	numbers();
	parents();
	cleared("/proc/self/exe");
	high_flags();
	memory();
	refused();
	return 0;
}
