/* Floating point: the state a program starts with, and that nobody else changes it. */
#include "show.h"

#include <math.h>
#include <sched.h>

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
	return 0;
}
