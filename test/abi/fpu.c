/* Floating point: the state a program starts with, and that nobody else changes it. */
#include "show.h"

#include <math.h>
#include <sched.h>
#include <sys/mman.h>

#define PAGES 64

/* While new pages come, the first vector register keeps what is in it: all 32 bytes, if it has so
 * many, else 16. */
static void touch_pages(void)
{
	char *page =
		mmap(0, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const unsigned long before[4] = { 0x1122334455667788, 2, ~0ul, 0xa5a5a5a5a5a5a5a5 };
	unsigned long after[4] = { 0, 0, before[2], before[3] };
	unsigned pages = PAGES;

	if (__builtin_cpu_supports("avx"))
		__asm__ volatile("vmovups %3, %%ymm0\n"
				 "1: movb $1, (%1)\n"
				 "add $4096, %1\n"
				 "dec %0\n"
				 "jnz 1b\n"
				 "vmovups %%ymm0, %2\n"
				 : "+r"(pages), "+r"(page), "=m"(after)
				 : "m"(before)
				 : "xmm0", "memory");
	else
		__asm__ volatile("movups %3, %%xmm0\n"
				 "1: movb $1, (%1)\n"
				 "add $4096, %1\n"
				 "dec %0\n"
				 "jnz 1b\n"
				 "movups %%xmm0, %2\n"
				 : "+r"(pages), "+r"(page), "+m"(after)
				 : "m"(before)
				 : "xmm0", "memory");
	printf("%#lx %#lx %#lx %#lx\n", after[0], after[1], after[2], after[3]);
}

int main(void)
{
	unsigned short control;
	unsigned mxcsr;
	double x = 1, y[4] = { 1.5, 2.5, 3.5, 4.5 };
	long double z = 1.0L / 3;
	double kept = 12345.678;

	__asm__ volatile("fnstcw %0" : "=m"(control));
	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	printf("fcw %#x mxcsr %#x\n", control, mxcsr);
	__asm__ volatile("movsd %0, %%xmm14" : : "m"(kept) : "xmm14");
	for (int i = 0; i < 2000; i++) {
		x = x * 1.0001 + y[i % 4];
		syscall(SYS_sched_yield);
		__asm__ volatile("movsd %%xmm14, %0" : "=m"(kept));
		__asm__ volatile("movsd %0, %%xmm14" : : "m"(kept));
	}
	usleep(1000);
	printf("%.10f %.10f %.18Lf\n", x, kept, z);
	printf("%.15f %.15f %.15f\n", sqrt(2), sin(1), pow(2, 0.3));
	touch_pages();
	return 0;
}
