/* The system call instruction: what it keeps, with odd flags and odd numbers. */
#include "show.h"

static long call(long number, long a, unsigned long set_flags, unsigned long *flags)
{
	long result;

	__asm__ volatile("pushfq\n\t"
			 "pushfq\n\t"
			 "orq %3, (%%rsp)\n\t"
			 "popfq\n\t"
			 "syscall\n\t"
			 "pushfq\n\t"
			 "popq %1\n\t"
			 "popfq"
			 : "=a"(result), "=&r"(*flags)
			 : "a"(number), "r"(set_flags), "D"(a)
			 : "rcx", "r11", "memory", "cc");
	return result;
}

int main(void)
{
	enum { CF = 1, PF = 4, DF = 1 << 10, NT = 1 << 14, AC = 1 << 18, ID = 1 << 21 };
	static const unsigned long sets[] = { 0, CF, PF, DF, NT, AC, ID, DF | AC | CF };
	unsigned long flags;
	long good = 1, rcx, r11;

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		long pid = call(SYS_getpid, 0, sets[i], &flags);

		printf("flags %#lx: pid %s, kept %s\n", sets[i],
			pid == getpid() ? "right" : "wrong",
			(flags & sets[i]) == sets[i] ? "yes" : "no");
	}
	for (int i = 0; i < 1000; i++) {
		register long r8 __asm__("r8") = 1, r9 __asm__("r9") = 2, r10 __asm__("r10") = 3;
		register long r12 __asm__("r12") = 4, r15 __asm__("r15") = 5;
		long rdx = 6, rsi = 7, rdi = 8, rax = SYS_getppid;

		__asm__ volatile("syscall"
				 : "+a"(rax), "+r"(r8), "+r"(r9), "+r"(r10), "+r"(r12), "+r"(r15),
				 "+d"(rdx), "+S"(rsi), "+D"(rdi), "=c"(rcx), "=r"(r11)
				 :
				 : "memory");
		good &= r8 == 1 && r9 == 2 && r10 == 3 && r12 == 4 && r15 == 5 && rdx == 6 &&
		        rsi == 7 && rdi == 8;
	}
	SHOW(good);
	SHOW(call(100000, 0, 0, &flags));
	SHOW(call(-1, 0, 0, &flags));
	SHOW(call(0x7fffffff, 0, 0, &flags));
	SHOW(call(1l << 63 | SYS_getuid, 0, 0, &flags));
	SHOW(call(1l << 32 | SYS_getuid, 0, 0, &flags));
	SHOW(call(0x40000000 | 39, 0, 0, &flags)); /* x32 */
	return 0;
}
