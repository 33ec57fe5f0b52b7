/* What a handler is told about a fault of each kind; a fault whose signal is blocked or ignored. */
#include "show.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/wait.h>

static sigjmp_buf back;
static char *page;

static void on_fault(int number, siginfo_t *info, void *context)
{
	long address = (long)info->si_addr;

	printf("signal %d code %d address ", number, info->si_code);
	if (address >= (long)page && address < (long)page + 8192)
		printf("page+%ld\n", address - (long)page);
	else if (address > 0 && address < 4096)
		printf("%ld\n", address);
	else
		printf("%s\n", address ? "elsewhere" : "0");
	fflush(stdout);
	siglongjmp(back, 1);
}

#define FAULT(statement)                                                                           \
	do {                                                                                       \
		printf("%s: ", #statement);                                                        \
		if (!sigsetjmp(back, 1)) {                                                         \
			statement;                                                                 \
			puts("no fault");                                                          \
		}                                                                                  \
	} while (0)

static int child_status(void (*fn)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		fn();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void ignored_fault(void)
{
	signal(SIGSEGV, SIG_IGN);
	*(volatile char *)8 = 1;
}

static void blocked_fault(void)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	*(volatile char *)8 = 1;
}

static void bad_stack(void)
{
	__asm__ volatile("mov $8, %rsp; movb $1, 0");
}

static void bad_return(void)
{
	__asm__ volatile("mov $8, %%rsp; mov $15, %%eax; syscall" : : : "memory");
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	int fd = open("short", O_RDWR | O_CREAT | O_TRUNC, 0600);

	for (int i = 1; i < 32; i++)
		sigaction(i, &action, NULL);
	page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	FAULT(*(volatile char *)16 = 1);
	FAULT((void)*(volatile char *)24);
	FAULT(page[5] = 1);
	munmap(page + 4096, 4096);
	FAULT((void)*(volatile char *)(page + 4100));
	FAULT(((void (*)(void))(page + 7))());
	FAULT(*(volatile int *)0x0123456789abcdef = 1);
	FAULT(*(volatile int *)0xffffffff80000000 = 1);
	FAULT(__asm__ volatile("idivl %0" : : "r"(0), "a"(1), "d"(0)));
	FAULT(__asm__ volatile("ud2"));
	FAULT(__asm__ volatile("int3"));
	FAULT(__asm__ volatile("hlt"));
	FAULT(__asm__ volatile("int $0x90"));
	FAULT(__asm__ volatile("pushfq; orl $0x100, (%rsp); popfq; nop"));
	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	FAULT((void)*(volatile char *)(page + 3));

	for (int i = 1; i < 32; i++)
		signal(i, SIG_DFL);
	printf("ignored: status %x\n", child_status(ignored_fault) & 0x7f);
	printf("blocked: status %x\n", child_status(blocked_fault) & 0x7f);
	printf("abort: status %x\n", child_status(abort) & 0x7f);
	sigaction(SIGSEGV, &action, NULL);
	printf("handler, no stack: status %x\n", child_status(bad_stack) & 0x7f);
	printf("sigreturn to nowhere: status %x\n", child_status(bad_return) & 0x7f);
	return 0;
}
