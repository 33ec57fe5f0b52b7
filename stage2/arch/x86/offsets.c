/*
 * Offsets of C structs for the kernel's assembly, so that none of them exists twice. What the boot
 * code needs is in boot_offsets.c.
 */
#include "arch/cpu.h"
#include "arch/thread.h"
#include "arch/trap.h"
#include "arch/x86/x86.h"
#include "lib/asm_values.h"

void offsets(void);

void offsets(void)
{
	VALUE(FRAME_BYTES, sizeof(struct trap_frame));
	OFFSET(FRAME_RBP, trap_frame, rbp);
	OFFSET(FRAME_R10, trap_frame, r10);
	OFFSET(FRAME_R9, trap_frame, r9);
	OFFSET(FRAME_R8, trap_frame, r8);
	OFFSET(FRAME_RAX, trap_frame, rax);
	OFFSET(FRAME_RDX, trap_frame, rdx);
	OFFSET(FRAME_RSI, trap_frame, rsi);
	OFFSET(FRAME_RDI, trap_frame, rdi);
	OFFSET(FRAME_ERROR, trap_frame, error);
	OFFSET(FRAME_RIP, trap_frame, rip);
	OFFSET(FRAME_CS, trap_frame, cs);
	OFFSET(FRAME_RFLAGS, trap_frame, rflags);
	OFFSET(FRAME_RSP, trap_frame, rsp);
	OFFSET(CPU_USER_RSP, cpu, user_rsp);
	OFFSET(CPU_KERNEL_RSP, cpu, kernel_rsp);
	OFFSET(CPU_CURRENT, cpu, current);
	OFFSET(CPU_NEED_RESCHED, cpu, need_resched);
	OFFSET(ARCH_THREAD_RSP, arch_thread, rsp);
	OFFSET(ARCH_THREAD_WORK, arch_thread, work);
	OFFSET(X86_FEATURES_AVX_PAGES, x86_features, avx_pages);
}
