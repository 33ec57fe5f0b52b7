/*
 * The two ways into the kernel, SYSCALL and INT 0x14, with flags that would hurt a kernel that kept
 * them: single step, direction, alignment check, nested task.
 *
 * Linux has no INT 0x14: there it is a general protection fault, which a handler here turns into
 * the call that Cor makes of it, so that both print the same.
 */
#include "show.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>

enum { CF = 1, TF = 1 << 8, DF = 1 << 10, NT = 1 << 14, AC = 1 << 18 };

static volatile int steps, stepped_at_syscall, interrupts;
static volatile long step_limit = 100;

static void do_call(greg_t *regs)
{
	register long r10 __asm__("r10") = regs[REG_R10];
	register long r8 __asm__("r8") = regs[REG_R8];
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(regs[REG_RAX]), "D"(regs[REG_RDI]), "S"(regs[REG_RSI]),
			 "d"(regs[REG_RDX]), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	regs[REG_RAX] = result;
}

/* INT 0x14 where it is no way in. Alignment checks must be off before libc does anything. */
static void on_segv(int signo, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const unsigned char *at = (void *)regs[REG_RIP];

	if (at[0] != 0xcd || at[1] != 0x14)
		_exit(99);
	do_call(regs);
	regs[REG_RIP] += 2;
}

/* Steps on, until the program has turned stepping off by itself, or for too long. */
static void on_trap(int signo, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const unsigned char *at = (void *)regs[REG_RIP];

	steps++;
	if (at[-2] == 0x0f && at[-1] == 0x05)
		stepped_at_syscall++;
	if (steps > step_limit)
		regs[REG_EFL] &= ~TF;
}

static void on_usr1(int signo)
{
	interrupts++;
}

/* A call with up to four arguments, made with flags `set`; *flags: what there is afterwards. */
typedef long way_in(long number, const long arg[4], unsigned long set, unsigned long *flags);

#define WAY_IN(name, instruction)                                                                  \
	static long name(long number, const long arg[4], unsigned long set, unsigned long *flags)  \
	{                                                                                          \
		register long r10 __asm__("r10") = arg[3];                                         \
		long result;                                                                       \
                                                                                                   \
		__asm__ volatile(                                                                  \
			"pushfq\n\t"                                                               \
			"pushfq\n\t"                                                               \
			"orq %3, (%%rsp)\n\t"                                                      \
			"popfq\n\t" instruction "\n\t"                                             \
			"pushfq\n\t"                                                               \
			"popq %1\n\t"                                                              \
			"popfq\n\t"                                                                \
			"nop"                                                                      \
			: "=a"(result), "=&r"(*flags)                                              \
			: "a"(number), "r"(set), "D"(arg[0]), "S"(arg[1]), "d"(arg[2]), "r"(r10)   \
			: "rcx", "r11", "memory", "cc");                                           \
		return result;                                                                     \
	}
WAY_IN(by_syscall, "syscall")
WAY_IN(by_int, "int $0x14")

static const long none[4];

static void show_flags(const char *name, way_in *call)
{
	static const unsigned long sets[] = { 0, CF, DF, NT, AC, NT | DF | CF, AC | DF, AC | NT };
	unsigned long flags;

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		long pid = call(SYS_getpid, none, sets[i], &flags);
		printf("%s, flags %#lx: pid %s, kept %s\n", name, sets[i],
			pid == getpid() ? "right" : "wrong",
			(flags & sets[i]) == sets[i] ? "yes" : "no");
		fflush(stdout);
	}
}

/* Stepping over a system call: one step for each instruction of the program, none in the kernel. */
static void show_steps(void)
{
	unsigned long flags;

	for (int i = 0; i < 3; i++) {
		steps = stepped_at_syscall = 0;
		long pid = by_syscall(SYS_getpid, none, i == 1 ? TF | DF : TF, &flags);
		printf("stepped: pid %s, steps %d, right behind the call %d, TF kept %s\n",
			pid == getpid() ? "right" : "wrong", steps, stepped_at_syscall,
			flags & TF ? "yes" : "no");
	}
	steps = 0;
	by_syscall(100000, none, TF, &flags);
	printf("stepped over a call that does not exist: steps %d\n", steps);
}

/* A child that interrupts us, and ends a little later. */
static pid_t start_interrupter(void)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	pid_t parent = getpid(), child = fork();

	if (child)
		return child;
	nanosleep(&pause, NULL);
	kill(parent, SIGUSR1);
	nanosleep(&pause, NULL);
	_exit(5);
}

static void show_restart(const char *name, way_in *call, bool restart)
{
	struct sigaction action = { .sa_handler = on_usr1, .sa_flags = restart ? SA_RESTART : 0 };
	unsigned long flags;
	int status = 0;

	sigaction(SIGUSR1, &action, NULL);
	interrupts = 0;
	pid_t child = start_interrupter();
	const long arg[4] = { child, (long)&status };
	long result = call(SYS_wait4, arg, 0, &flags);
	printf("%s, %s: %s, interrupted %d times\n", name, restart ? "restarted" : "not restarted",
		result == child    ? "the child"
		: result == -EINTR ? "EINTR"
				   : "something else",
		interrupts);
	if (result != child)
		waitpid(child, &status, 0);
	SHOW(WEXITSTATUS(status));
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_segv, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &action, NULL);
	action.sa_sigaction = on_trap;
	sigaction(SIGTRAP, &action, NULL);
	show_flags("syscall", by_syscall);
	show_flags("int 0x14", by_int);
	show_steps();
	fflush(stdout);
	show_restart("syscall", by_syscall, true);
	show_restart("syscall", by_syscall, false);
	show_restart("int 0x14", by_int, true);
	show_restart("int 0x14", by_int, false);
	return 0;
}
