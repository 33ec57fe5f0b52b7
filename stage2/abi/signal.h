#ifndef ABI_SIGNAL_H
#define ABI_SIGNAL_H
/*
 * Signals as Linux has them on x86-64: numbers, sigaction(2), siginfo, and what lies on the stack
 * of a handler (asm/signal.h, asm-generic/siginfo.h, asm/sigcontext.h, asm/ucontext.h).
 */
#include <stdint.h>

#define SIGHUP       1
#define SIGINT       2
#define SIGQUIT      3
#define SIGILL       4
#define SIGTRAP      5
#define SIGABRT      6
#define SIGBUS       7
#define SIGFPE       8
#define SIGKILL      9
#define SIGUSR1      10
#define SIGSEGV      11
#define SIGUSR2      12
#define SIGPIPE      13
#define SIGALRM      14
#define SIGTERM      15
#define SIGSTKFLT    16
#define SIGCHLD      17
#define SIGCONT      18
#define SIGSTOP      19
#define SIGTSTP      20
#define SIGTTIN      21
#define SIGTTOU      22
#define SIGURG       23
#define SIGXCPU      24
#define SIGXFSZ      25
#define SIGVTALRM    26
#define SIGPROF      27
#define SIGWINCH     28
#define SIGIO        29
#define SIGPWR       30
#define SIGSYS       31
#define SIGRTMIN     32
#define SIGNAL_COUNT 64 /* signals are numbered 1 .. 64 */

/* A set of signals: bit (number - 1). */
typedef uint64_t sigset_t;

#define SIG_DFL 0
#define SIG_IGN 1

#define SA_NOCLDSTOP 0x00000001ul
#define SA_NOCLDWAIT 0x00000002ul
#define SA_SIGINFO   0x00000004ul
#define SA_RESTORER  0x04000000ul
#define SA_ONSTACK   0x08000000ul
#define SA_RESTART   0x10000000ul
#define SA_NODEFER   0x40000000ul
#define SA_RESETHAND 0x80000000ul

/* What rt_sigaction takes (libc's struct sigaction is another). */
struct sigaction {
	uint64_t handler;
	uint64_t flags;
	uint64_t restorer;
	sigset_t mask;
};
_Static_assert(sizeof(struct sigaction) == 32, "as Linux");

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

/* si_code. Below 0 or 0: sent by a program; above: by the kernel. */
#define SI_USER       0
#define SI_KERNEL     0x80
#define SI_QUEUE      (-1)
#define SI_TIMER      (-2)
#define SI_TKILL      (-6)
#define ILL_ILLOPN    2
#define FPE_INTDIV    1
#define FPE_INTOVF    2
#define FPE_FLTDIV    3
#define FPE_FLTOVF    4
#define FPE_FLTUND    5
#define FPE_FLTRES    6
#define FPE_FLTINV    7
#define SEGV_MAPERR   1
#define SEGV_ACCERR   2
#define BUS_ADRALN    1
#define BUS_ADRERR    2
#define TRAP_BRKPT    1
#define TRAP_TRACE    2
#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_TRAPPED   4
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

/* What is used of it: the rest of its SIGINFO_BYTES is always 0. */
struct siginfo {
	int32_t si_signo;
	int32_t si_errno;
	int32_t si_code;
	int32_t pad;
	union {
		struct { /* kill, and SIGCHLD with all of it */
			int32_t si_pid;
			uint32_t si_uid;
			int32_t si_status; /* for sigqueue: the low half of si_value */
			int32_t pad2;
			int64_t si_utime, si_stime; /* in clock ticks */
		};
		struct { /* rt_sigqueueinfo */
			int32_t rt_pid;
			uint32_t rt_uid;
			uint64_t rt_value;
		};
		struct { /* timer_create */
			int32_t si_timerid;
			int32_t si_overrun;
			uint64_t si_value;
		};
		uint64_t si_addr; /* a fault */
	};
};
_Static_assert(sizeof(struct siginfo) == 48, "as Linux's kernel has it");
#define SIGINFO_BYTES 128

#define SIGEV_SIGNAL    0
#define SIGEV_NONE      1
#define SIGEV_THREAD    2 /* libc's business: to the kernel a signal like any other */
#define SIGEV_THREAD_ID 4

struct sigevent {
	uint64_t sigev_value;
	int32_t sigev_signo;
	int32_t sigev_notify;
	int32_t sigev_thread_id;
	int32_t pad[11];
};
_Static_assert(sizeof(struct sigevent) == 64, "as Linux");

#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM 0x80000000u
#define MINSIGSTKSZ   2048

struct sigaltstack {
	uint64_t ss_sp;
	int32_t ss_flags;
	int32_t pad;
	uint64_t ss_size;
};
_Static_assert(sizeof(struct sigaltstack) == 24, "as Linux, stack_t");

struct sigcontext {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	uint16_t cs, gs, fs, ss;
	uint64_t err, trapno, oldmask, cr2;
	uint64_t fpstate; /* address of the FPU state: an FXSAVE or XSAVE area */
	uint64_t reserved[8];
};
_Static_assert(sizeof(struct sigcontext) == 256, "as Linux");

#define UC_FP_XSTATE         1 /* fpstate is an XSAVE area with the marks below */
#define UC_SIGCONTEXT_SS     2
#define UC_STRICT_RESTORE_SS 4

struct ucontext {
	uint64_t uc_flags;
	uint64_t uc_link;
	struct sigaltstack uc_stack;
	struct sigcontext uc_mcontext;
	sigset_t uc_sigmask;
};
_Static_assert(sizeof(struct ucontext) == 304, "as Linux");

/* Bytes 464 .. 511 of the FXSAVE area in a signal frame: how far the state reaches. */
#define FP_XSTATE_MAGIC1 0x46505853u
#define FP_XSTATE_MAGIC2 0x46505845u
#define FP_XSTATE_OFFSET 464
struct fpx_sw_bytes {
	uint32_t magic1;
	uint32_t extended_size; /* the XSAVE area and the four bytes of magic2 behind it */
	uint64_t xfeatures;
	uint32_t xstate_size;
	uint32_t pad[7];
};
_Static_assert(sizeof(struct fpx_sw_bytes) == 48, "as Linux");

#endif
