/*
 * The FPU state in signal frames: handlers begin with a fresh one, the program's comes back, as the
 * handler left it in the frame; what is no state ends the program.
 */
#include "show.h"

#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <ucontext.h>

#define FCW_OFFSET    0
#define MXCSR_OFFSET  24
#define XMM_OFFSET    160
#define MARKS_OFFSET  464    /* magic1, size of all, features, size of the XSAVE area */
#define HEADER_OFFSET 512    /* xstate_bv, xcomp_bv */
#define MXCSR_UP      0x5f80 /* round up */

static void (*change)(ucontext_t *context);
static int has_avx;
static unsigned depth;

static unsigned control(void)
{
	uint16_t fcw;

	__asm__ volatile("fnstcw %0" : "=m"(fcw));
	return fcw;
}

static unsigned mxcsr(void)
{
	unsigned value;

	__asm__ volatile("stmxcsr %0" : "=m"(value));
	return value;
}

static void mxcsr_set(unsigned value)
{
	__asm__ volatile("ldmxcsr %0" : : "m"(value));
}

static uint8_t *area_of(ucontext_t *context)
{
	return (uint8_t *)context->uc_mcontext.fpregs;
}

static uint32_t word_at(const uint8_t *area, size_t offset)
{
	uint32_t word;

	memcpy(&word, area + offset, sizeof(word));
	return word;
}

static void on_signal(int signo, siginfo_t *info, void *context)
{
	unsigned value = 0x3f80; /* round down: the handler's own business */

	if (depth++ == 0 && signo == SIGUSR2)
		raise(SIGUSR1);
	printf("handler: fcw %#x mxcsr %#x\n", control(), mxcsr());
	mxcsr_set(value);
	__asm__ volatile("fninit; fldz; pxor %%xmm8, %%xmm8" : : : "xmm8");
	if (change)
		change(context);
	depth--;
}

/* Raises a signal with known registers, and prints what they are afterwards. */
static void raise_with(int signo, void (*with)(ucontext_t *context))
{
	uint64_t low = 0x1111222233334444, high = 0x5555666677778888, back[4] = { 0 };
	uint16_t fcw = 0x27f; /* double precision */
	unsigned before = MXCSR_UP, after;
	long pid = getpid(), result;

	change = with;
	__asm__ volatile("fldcw %0; ldmxcsr %1" : : "m"(fcw), "m"(before));
	__asm__ volatile("movq %0, %%xmm8; pinsrq $1, %1, %%xmm8" : : "r"(low), "r"(high) : "xmm8");
	if (has_avx)
		__asm__ volatile("vinsertf128 $1, %%xmm8, %%ymm8, %%ymm8" : : : "xmm8");
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(SYS_kill), "D"(pid), "S"((long)signo)
			 : "rcx", "r11", "memory");
	if (has_avx)
		__asm__ volatile("vmovdqu %%ymm8, %0" : "=m"(back));
	else
		__asm__ volatile("movdqu %%xmm8, %0" : "=m"(back));
	after = mxcsr();
	printf("after: fcw %#x mxcsr %#x xmm8 %lx %lx ymm8 %lx %lx\n", control(), after, back[0],
		back[1], back[2], back[3]);
	__asm__ volatile("fninit");
	mxcsr_set(0x1f80);
}

/* ---- what a handler does to its frame ---------------------------------------------------- */

static void look(ucontext_t *context)
{
	uint8_t *area = area_of(context);

	printf("frame: aligned %d, fcw %#x mxcsr %#x xmm8 %#x magic %d %d\n",
		(uintptr_t)area % 64 == 0, word_at(area, FCW_OFFSET) & 0xffff,
		word_at(area, MXCSR_OFFSET), word_at(area, XMM_OFFSET + 8 * 16),
		word_at(area, MARKS_OFFSET) == 0x46505853,
		word_at(area, word_at(area, MARKS_OFFSET + 16)) == 0x46505845);
}

static void write_xmm(ucontext_t *context)
{
	memset(area_of(context) + XMM_OFFSET + 8 * 16, 0x77, 8);
}

static void no_state(ucontext_t *context)
{
	context->uc_mcontext.fpregs = NULL;
}

static void no_magic1(ucontext_t *context)
{
	memset(area_of(context) + MARKS_OFFSET, 0, 4);
}

static void no_magic2(ucontext_t *context)
{
	uint8_t *area = area_of(context);

	memset(area + word_at(area, MARKS_OFFSET + 16), 0, 4);
}

static void initial_sse(ucontext_t *context)
{
	area_of(context)[HEADER_OFFSET] &= (uint8_t)~2;
}

static void unknown_feature(ucontext_t *context)
{
	area_of(context)[HEADER_OFFSET + 7] |= 0x40;
}

static void reserved_header(ucontext_t *context)
{
	area_of(context)[HEADER_OFFSET + 24] = 1;
}

static void compacted(ucontext_t *context)
{
	area_of(context)[HEADER_OFFSET + 8] = 1;
}

static void misaligned(ucontext_t *context)
{
	context->uc_mcontext.fpregs = (void *)(area_of(context) + 8);
}

/* The second page of the state is not there. */
static void cut_off(ucontext_t *context)
{
	uint8_t *pages =
		mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(pages + 4096 - 576, area_of(context), 576);
	munmap(pages + 4096, 4096);
	context->uc_mcontext.fpregs = (void *)(pages + 4096 - 576);
}

/* It is there when it is asked for. */
static void moved(ucontext_t *context)
{
	uint8_t *area = area_of(context);
	uint8_t *pages =
		mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(pages + 4096 - 576, area, word_at(area, MARKS_OFFSET + 4));
	context->uc_mcontext.fpregs = (void *)(pages + 4096 - 576);
}

static void in_child(const char *name, void (*with)(ucontext_t *context))
{
	int status = 0;

	printf("%s\n", name);
	fflush(stdout);
	if (fork() == 0) {
		raise_with(SIGUSR1, with);
		fflush(stdout);
		_exit(0);
	}
	wait(&status);
	if (WIFSIGNALED(status))
		printf("ended: %s\n", strsignal(WTERMSIG(status)));
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	has_avx = __builtin_cpu_supports("avx");
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	puts("nothing changed");
	raise_with(SIGUSR1, NULL);
	puts("a handler in a handler");
	raise_with(SIGUSR2, NULL);
	in_child("a look at the frame", look);
	in_child("xmm8 written", write_xmm);
	in_child("SSE initial", initial_sse);
	in_child("no state", no_state);
	in_child("no magic1", no_magic1);
	in_child("no magic2", no_magic2);
	in_child("unknown feature", unknown_feature);
	in_child("reserved bits in the header", reserved_header);
	in_child("compacted", compacted);
	in_child("misaligned", misaligned);
	in_child("cut off", cut_off);
	in_child("moved", moved);
	return 0;
}
