/* Handlers: siginfo, masks, nesting, SA_RESETHAND, SA_NODEFER, alternate stacks, registers. */
#include "show.h"

#include <signal.h>
#include <ucontext.h>

static volatile int depth, deepest, count;
static char stack[64 * 1024];

static void on_info(int number, siginfo_t *info, void *context)
{
	printf("handler: signal %d code %d pid %d uid %d\n", number, info->si_code,
		info->si_pid == getpid(), info->si_uid);
	fflush(stdout);
}

static void on_count(int number)
{
	count++;
}

static void on_nested(int number)
{
	if (++depth > deepest)
		deepest = depth;
	if (count++ < 2)
		raise(number);
	depth--;
}

static void on_stack(int number, siginfo_t *info, void *context)
{
	char here;
	stack_t now;

	printf("on the alternate stack: %d\n", &here >= stack && &here < stack + sizeof(stack));
	sigaltstack(NULL, &now);
	printf("SS_ONSTACK: %d; changing it: ", !!(now.ss_flags & SS_ONSTACK));
	printf("%s\n", sigaltstack(&now, NULL) ? strerror(errno) : "allowed");
	fflush(stdout);
}

static void on_illegal(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	printf("si_addr is rip: %d, code %d\n",
		(long)info->si_addr == uc->uc_mcontext.gregs[REG_RIP], info->si_code);
	printf("rax at the fault: %llx\n", uc->uc_mcontext.gregs[REG_RAX]);
	uc->uc_mcontext.gregs[REG_RIP] += 2;
	uc->uc_mcontext.gregs[REG_RBX] = 0x1234;
}

static void set(int number, void *handler, int flags)
{
	struct sigaction action = { .sa_flags = flags };

	action.sa_sigaction = handler;
	sigemptyset(&action.sa_mask);
	SHOW(sigaction(number, &action, NULL));
}

static void masks(void)
{
	sigset_t set_, old, pending;

	sigemptyset(&set_);
	sigaddset(&set_, SIGUSR1);
	SHOW(sigprocmask(SIG_BLOCK, &set_, &old));
	printf("was blocked: %d\n", sigismember(&old, SIGUSR1));
	count = 0;
	raise(SIGUSR1);
	raise(SIGUSR1);
	sigpending(&pending);
	printf("blocked: ran %d, pending %d\n", count, sigismember(&pending, SIGUSR1));
	SHOW(sigprocmask(SIG_UNBLOCK, &set_, NULL));
	printf("unblocked: ran %d\n", count);
	SHOW(sigprocmask(SIG_BLOCK, &set_, NULL));
	raise(SIGUSR1);
	sigemptyset(&old);
	SHOW(sigsuspend(&old));
	printf("after sigsuspend: ran %d\n", count);
	sigprocmask(SIG_SETMASK, NULL, &old);
	printf("blocked again: %d\n", sigismember(&old, SIGUSR1));
	SHOW(sigprocmask(SIG_UNBLOCK, &set_, NULL));
	SHOW(sigprocmask(99, &set_, NULL));
}

static void real_time(void)
{
	struct timespec none = { 0, 1000000 };
	siginfo_t info;
	sigset_t set_;

	sigemptyset(&set_);
	sigaddset(&set_, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set_, NULL);
	for (int i = 0; i < 3; i++)
		kill(getpid(), SIGRTMIN);
	for (int i = 0; i < 4; i++)
		printf("sigtimedwait: %s\n",
			sigtimedwait(&set_, &info, &none) == SIGRTMIN ? "taken" : strerror(errno));
	sigprocmask(SIG_UNBLOCK, &set_, NULL);
}

static void floating_point(void)
{
	double before = 1.5, after = 0;

	__asm__ volatile("movsd %0, %%xmm7" : : "m"(before) : "xmm7");
	raise(SIGUSR2);
	__asm__ volatile("movsd %%xmm7, %0" : "=m"(after));
	/* raise is a call of libc's, which may use xmm7 itself, but does not on either kernel. */
	printf("xmm7 kept: %d\n", after == before);
}

static void on_float(int number)
{
	double zero = 0;

	__asm__ volatile("movsd %0, %%xmm7" : : "m"(zero) : "xmm7");
}

int main(void)
{
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action;
	long rbx;

	set(SIGUSR1, on_info, SA_SIGINFO);
	SHOW(raise(SIGUSR1));
	SHOW(kill(getpid(), SIGUSR1));
	set(SIGUSR1, on_count, SA_RESETHAND);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &action);
	printf("reset: %d, ran %d\n", action.sa_handler == SIG_DFL, count);
	count = 0;
	set(SIGUSR1, on_nested, SA_NODEFER);
	raise(SIGUSR1);
	printf("with SA_NODEFER: deepest %d\n", deepest);
	count = deepest = 0;
	set(SIGUSR1, on_nested, 0);
	raise(SIGUSR1);
	printf("without: deepest %d, ran %d\n", deepest, count);
	set(SIGUSR1, on_count, 0);
	masks();
	real_time();

	SHOW(sigaltstack(&alternate, NULL));
	set(SIGUSR1, on_stack, SA_SIGINFO | SA_ONSTACK);
	raise(SIGUSR1);
	alternate.ss_size = 100;
	SHOW(sigaltstack(&alternate, NULL));
	alternate.ss_flags = 77;
	SHOW(sigaltstack(&alternate, NULL));

	set(SIGILL, on_illegal, SA_SIGINFO);
	__asm__ volatile("mov $0xabc, %%eax; ud2" : "=b"(rbx) : : "rax");
	printf("rbx from the handler: %lx\n", rbx);
	set(SIGUSR2, on_float, 0);
	floating_point();

	set(SIGKILL, on_count, 0);
	set(SIGSTOP, on_count, 0);
	SHOW(sigaction(0, NULL, &action));
	SHOW(sigaction(65, NULL, &action));
	SHOW(kill(getpid(), 0));
	SHOW(kill(getpid(), 65));
	SHOW(kill(0x7ffffff0, 0));
	set(SIGUSR1, SIG_IGN, 0);
	SHOW(raise(SIGUSR1));
	set(SIGUSR1, SIG_DFL, 0);
	raise(SIGUSR1);
	puts("still here");
	return 0;
}
