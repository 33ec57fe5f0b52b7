/*
 * Returns to places and with registers that no program should have: a kernel that returned
 * carelessly would fault with the program's stack, or hand it the kernel's rights. Each in a child
 * of its own.
 */
#include "show.h"

#include <signal.h>
#include <sys/wait.h>
#include <ucontext.h>

#define NONCANONICAL 0x0123456789abc000ul
#define KERNEL       0xffffffff80200000ul

static void run(const char *name, void (*child)(void))
{
	int status = 0;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		child();
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		puts("no child");
	if (WIFSIGNALED(status))
		printf("%s: %s\n", name, strsignal(WTERMSIG(status)));
	else
		printf("%s: went on, exit %d\n", name, WEXITSTATUS(status));
}

/* SYSCALL as the last instruction of the user half: the return address is the first beyond. */
static void call_at_the_end(void)
{
	unsigned char *page = mmap((void *)0x7fffffffe000, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (page == MAP_FAILED)
		_exit(1);
	page[4094] = 0x0f;
	page[4095] = 0x05;
	__asm__ volatile("jmp *%0" : : "r"(page + 4094), "a"(SYS_getpid));
}

static void int_at_the_end(void)
{
	unsigned char *page = mmap((void *)0x7fffffffe000, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (page == MAP_FAILED)
		_exit(1);
	page[4094] = 0xcd;
	page[4095] = 0x14;
	__asm__ volatile("jmp *%0" : : "r"(page + 4094), "a"(SYS_getpid));
}

/* ---- sigreturn with another frame than the one that was given ---------------------------- */

static void (*change)(ucontext_t *context);
static volatile int handled;

static void on_usr1(int signo, siginfo_t *info, void *context)
{
	handled++;
	change(context);
}

static void return_with(void (*with)(ucontext_t *context))
{
	struct sigaction action = { .sa_sigaction = on_usr1, .sa_flags = SA_SIGINFO };

	change = with;
	sigaction(SIGUSR1, &action, NULL);
	kill(getpid(), SIGUSR1);
	_exit(10 + handled);
}

static void with_nothing(ucontext_t *context)
{
}

static void with_noncanonical_rip(ucontext_t *context)
{
	context->uc_mcontext.gregs[REG_RIP] = NONCANONICAL;
}

static void with_kernel_rip(ucontext_t *context)
{
	context->uc_mcontext.gregs[REG_RIP] = KERNEL;
}

static void with_noncanonical_rsp(ucontext_t *context)
{
	context->uc_mcontext.gregs[REG_RSP] = NONCANONICAL;
}

/* IOPL 3 must not come back: the port is still closed. */
static void with_io_rights(ucontext_t *context)
{
	context->uc_mcontext.gregs[REG_EFL] |= 3 << 12;
}

/* Interrupts off, nested task, virtual 8086: what is left of it does no harm. */
static void with_all_flags(ucontext_t *context)
{
	context->uc_mcontext.gregs[REG_EFL] ^= 0x200 | 0x4000 | 0x20000 | 0x80000 | 0x100000;
}

static void with_wild_fpu(ucontext_t *context)
{
	context->uc_mcontext.fpregs = (void *)KERNEL;
}

static void with_unmapped_fpu(ucontext_t *context)
{
	context->uc_mcontext.fpregs = (void *)64;
}

static void return_normally(void)
{
	return_with(with_nothing);
}

static void return_noncanonical(void)
{
	return_with(with_noncanonical_rip);
}

static void return_into_kernel(void)
{
	return_with(with_kernel_rip);
}

static void return_without_stack(void)
{
	return_with(with_noncanonical_rsp);
}

static void return_with_io(void)
{
	struct sigaction action = { .sa_sigaction = on_usr1, .sa_flags = SA_SIGINFO };

	change = with_io_rights;
	sigaction(SIGUSR1, &action, NULL);
	kill(getpid(), SIGUSR1);
	__asm__ volatile("cli");
}

static void return_with_flags(void)
{
	return_with(with_all_flags);
}

static void return_with_kernel_fpu(void)
{
	return_with(with_wild_fpu);
}

static void return_with_no_fpu(void)
{
	return_with(with_unmapped_fpu);
}

/* A frame that nobody made, at a stack pointer that is none. */
static void return_from_nowhere(void)
{
	__asm__ volatile("movq %0, %%rsp\n\t"
			 "syscall"
			 :
			 : "r"(NONCANONICAL), "a"(SYS_rt_sigreturn));
}

/* ---- a stack pointer that is none -------------------------------------------------------- */

static void call_with_rsp(unsigned long rsp)
{
	__asm__ volatile("movq %0, %%rsp\n\t"
			 "syscall\n\t"
			 "movl $60, %%eax\n\t"
			 "movl $21, %%edi\n\t"
			 "syscall"
			 :
			 : "r"(rsp), "a"(SYS_getpid));
}

static void call_without_stack(void)
{
	call_with_rsp(0);
}

static void call_with_kernel_stack(void)
{
	call_with_rsp(KERNEL);
}

static void call_with_noncanonical_stack(void)
{
	call_with_rsp(NONCANONICAL);
}

static void fault_without_stack(void)
{
	__asm__ volatile("movq %0, %%rsp\n\t"
			 "pushq $1"
			 :
			 : "r"(KERNEL));
}

/* The handler's frame has no place. */
static void signal_without_stack(void)
{
	struct sigaction action = { .sa_sigaction = on_usr1, .sa_flags = SA_SIGINFO };

	change = with_nothing;
	sigaction(SIGUSR1, &action, NULL);
	__asm__ volatile("movq %0, %%rsp\n\t"
			 "syscall"
			 :
			 : "r"(KERNEL), "a"(SYS_kill), "D"(getpid()), "S"(SIGUSR1));
}

int main(void)
{
	run("syscall at the end of user memory", call_at_the_end);
	run("int 0x14 at the end of user memory", int_at_the_end);
	run("sigreturn", return_normally);
	run("sigreturn to a non-canonical address", return_noncanonical);
	run("sigreturn to the kernel", return_into_kernel);
	run("sigreturn with a non-canonical stack", return_without_stack);
	run("sigreturn with IOPL 3, then cli", return_with_io);
	run("sigreturn with odd flags", return_with_flags);
	run("sigreturn with FPU state in the kernel", return_with_kernel_fpu);
	run("sigreturn with FPU state nowhere", return_with_no_fpu);
	run("sigreturn without a frame", return_from_nowhere);
	run("call with stack 0", call_without_stack);
	run("call with a kernel stack", call_with_kernel_stack);
	run("call with a non-canonical stack", call_with_noncanonical_stack);
	run("fault with a kernel stack", fault_without_stack);
	run("signal with a kernel stack", signal_without_stack);
	return 0;
}
