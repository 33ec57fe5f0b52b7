/*
 * FPU, SSE and AVX state. The kernel itself uses none of it, but for what page.asm borrows and
 * gives back before anybody can look; so the registers keep a program's values while the kernel
 * works. The CPU saves them when it switches to another thread, and loads that one's, unless they
 * are still there. So the state of the thread that runs is always in the registers, and what is to
 * be done to it is done there.
 *
 * A CPU's registers are a thread's own where both say so: the CPU's fpu_owner is the thread, and
 * its fpu_cpu the CPU. One alone may be stale: fpu_owner of a thread that went on elsewhere, or
 * died and whose memory is another thread's now; fpu_cpu of a CPU that has since run others.
 *
 * State areas have XSAVE's standard format, whose first 512 bytes are FXSAVE's, as signal frames
 * have. The CPU itself checks one that comes from a program.
 */
#include "abi/errno.h"
#include "arch/cpu.h"
#include "arch/thread.h"
#include "arch/x86/x86.h"
#include "lib/string.h"

#define XCR0_X87    BIT(0)
#define XCR0_SSE    BIT(1)
#define XCR0_AVX    BIT(2)
#define XCR0_AVX512 (BIT(5) | BIT(6) | BIT(7))

#define FXSAVE_BYTES 512
#define HEADER_BYTES 64 /* behind it in an XSAVE area (SDM 1 13.4.2): 0 where all is initial */

static uint8_t initial_state[FXSAVE_BYTES + HEADER_BYTES] __aligned(64);

static void area_store(void *area)
{
	if (x86_features.xsave)
		__asm__ volatile("xsave64 (%0)" ::"r"(area), "a"(~0u), "d"(~0u) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" ::"r"(area) : "memory");
}

static void area_load(const void *area)
{
	if (x86_features.xsave)
		__asm__ volatile("xrstor64 (%0)" ::"r"(area), "a"(~0u), "d"(~0u) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" ::"r"(area) : "memory");
}

static uint64_t usable_features(void)
{
	struct cpuid leaf = x86_cpuid(0xd, 0);
	uint64_t found = leaf.eax | (uint64_t)leaf.edx << 32;
	uint64_t usable = found & (XCR0_X87 | XCR0_SSE | XCR0_AVX);
	if ((found & XCR0_AVX512) == XCR0_AVX512 && (usable & XCR0_AVX))
		usable |= XCR0_AVX512;
	return usable;
}

void fpu_init_cpu(void)
{
	uint32_t mxcsr = 0x1f80; /* the reset value: all exceptions masked */
	uint64_t xcr0 = x86_features.xcr0;
	if (x86_features.xsave)
		__asm__ volatile(
			"xsetbv" ::"c"(0), "a"((uint32_t)xcr0), "d"((uint32_t)(xcr0 >> 32)));
	__asm__ volatile("fninit; ldmxcsr %0" ::"m"(mxcsr));
}

void fpu_init(void)
{
	struct x86_features *f = &x86_features;

	f->xcr0 = f->xsave ? usable_features() : 0;
	f->avx_pages = (f->xcr0 & (XCR0_AVX | XCR0_AVX512)) == XCR0_AVX;
	fpu_init_cpu();
	/* The size is of what XCR0 enables now. */
	f->fpu_bytes = f->xsave ? ALIGN_UP(x86_cpuid(0xd, 0).ebx, 64u) : FXSAVE_BYTES;
	__asm__ volatile("fxsave64 %0" : "=m"(initial_state));
	/* The registers themselves may hold what the firmware left. */
	memset(initial_state + 32, 0, FXSAVE_BYTES - 32);
}

size_t fpu_bytes(void)
{
	return x86_features.fpu_bytes;
}

uint64_t fpu_features(void)
{
	return x86_features.xcr0;
}

void fpu_init_state(void *area)
{
	memset(area, 0, fpu_bytes());
	memcpy(area, initial_state, FXSAVE_BYTES);
}

void fpu_switch(struct cpu *cpu, struct arch_thread *prev, struct arch_thread *next)
{
	if (prev->fpu)
		area_store(prev->fpu); /* if prev is the next user again, they are still there */
	if (!next->fpu || (cpu->fpu_owner == next && next->fpu_cpu == cpu))
		return;
	area_load(next->fpu);
	cpu->fpu_owner = next;
	next->fpu_cpu = cpu;
}

void fpu_reset(void)
{
	area_load(initial_state);
}

void fpu_save(void *area)
{
	area_store(area);
}

int fpu_save_user(uptr_t address)
{
	return arch_fpu_save_user((void *)address, x86_features.xsave);
}

int fpu_load_user(uptr_t address, bool extended)
{
	if (!extended)
		fpu_reset(); /* what an FXSAVE area does not have */
	return arch_fpu_load_user((const void *)address, extended);
}

void fpu_forget(struct arch_thread *thread)
{
	uint64_t flags = irq_save();
	if (this_cpu()->fpu_owner == thread)
		this_cpu()->fpu_owner = NULL;
	thread->fpu_cpu = NULL; /* nor those of a CPU that it ran on before */
	irq_restore(flags);
}
