#ifndef ARCH_X86_X86_H
#define ARCH_X86_X86_H
/*
 * Numbers and instructions of the x86-64 manuals (SDM volumes 3A and 4) that only arch/x86 uses.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/cpu.h"
#include "arch/thread.h"
#include "lib/compiler.h"

/* Selectors: Linux's, because programs can see those of user mode. SYSRET wants the order. */
#define SELECTOR_KERNEL_CODE 0x10
#define SELECTOR_KERNEL_DATA 0x18
#define SELECTOR_USER_CODE32 0x23
#define SELECTOR_USER_DATA   0x2b
#define SELECTOR_USER_CODE   0x33
#define SELECTOR_TSS         0x40

#define CR0_MP BIT(1)
#define CR0_EM BIT(2)
#define CR0_TS BIT(3)
#define CR0_NE BIT(5)
#define CR0_WP BIT(16)
#define CR0_AM BIT(18)

#define CR4_TSD        BIT(2)
#define CR4_PGE        BIT(7)
#define CR4_OSFXSR     BIT(9)
#define CR4_OSXMMEXCPT BIT(10)
#define CR4_UMIP       BIT(11)
#define CR4_OSXSAVE    BIT(18)
#define CR4_SMEP       BIT(20)
#define CR4_SMAP       BIT(21)

#define MSR_APIC_BASE      0x1b
#define MSR_SYSENTER_CS    0x174
#define MSR_PAT            0x277
#define MSR_EFER           0xc0000080
#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_SFMASK         0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102

#define EFER_SCE BIT(0)
#define EFER_NXE BIT(11)

#define RFLAGS_CF   BIT(0)
#define RFLAGS_ONE  BIT(1)
#define RFLAGS_TF   BIT(8)
#define RFLAGS_DF   BIT(10)
#define RFLAGS_IOPL (3 * BIT(12))
#define RFLAGS_NT   BIT(14)
#define RFLAGS_RF   BIT(16)
#define RFLAGS_AC   BIT(18)
/* What a program may have: CF PF AF ZF SF TF DF OF NT AC ID. */
#define RFLAGS_USER 0x244dd5ul

/* What was found and is used. Filled once by cpu_init, read by all. */
struct x86_features {
	bool nx, smep, smap, umip, xsave, rdrand, gigabyte_pages, global_pages;
	bool avx_pages;     /* page.asm may use AVX */
	uint64_t xcr0;      /* enabled XSAVE features */
	uint32_t fpu_bytes; /* of the standard-format XSAVE area, or 512 */
};
extern struct x86_features x86_features;

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid x86_cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid id;
	__asm__ volatile("cpuid"
			 : "=a"(id.eax), "=b"(id.ebx), "=c"(id.ecx), "=d"(id.edx)
			 : "a"(leaf), "c"(subleaf));
	return id;
}

static inline uint64_t x86_read_msr(uint32_t msr)
{
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void x86_write_msr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

#define X86_CONTROL_REGISTER(name)                                                                 \
	static inline uint64_t x86_read_##name(void)                                               \
	{                                                                                          \
		uint64_t value;                                                                    \
		__asm__ volatile("movq %%" #name ", %0" : "=r"(value)::"memory");                  \
		return value;                                                                      \
	}                                                                                          \
	static inline void x86_write_##name(uint64_t value)                                        \
	{                                                                                          \
		__asm__ volatile("movq %0, %%" #name ::"r"(value) : "memory");                     \
	}
X86_CONTROL_REGISTER(cr0)
X86_CONTROL_REGISTER(cr2)
X86_CONTROL_REGISTER(cr3)
X86_CONTROL_REGISTER(cr4)

/* Per-CPU tables that the processor itself reads. */
struct x86_tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, io_map;
} __packed;
_Static_assert(sizeof(struct x86_tss) == 104, "SDM 3A 8.7");

enum x86_ist { IST_NONE, IST_DEBUG, IST_NMI, IST_DOUBLE_FAULT, IST_MACHINE_CHECK, IST_COUNT };
#define IST_STACK_BYTES 4096

struct cpu_tables {
	uint64_t gdt[16];
	struct x86_tss tss;
	uint8_t ist_stacks[IST_COUNT - 1][IST_STACK_BYTES] __aligned(16);
};

/* descriptors.c: build this CPU's GDT and TSS and load them with the shared IDT and GS. */
void descriptors_load(struct cpu *cpu, struct cpu_tables *tables);
void descriptors_init_idt(void);

/* fpu.c: once, on the boot CPU: features, sizes, the initial state; on each other CPU. Then at each
 * switch of threads, interrupts off. */
void fpu_init(void);
void fpu_init_cpu(void);
void fpu_switch(struct cpu *cpu, struct arch_thread *prev, struct arch_thread *next);
/* uaccess.asm: an XSAVE area (else FXSAVE) in the program's memory. 0, -EFAULT. */
int arch_fpu_save_user(void *area, bool xsave);
int arch_fpu_load_user(const void *area, bool xsave);

/* cpu.c: control registers and MSRs of this CPU, as x86_features says. */
void cpu_init_control(void);
/* Add a CPU that acpi_init found or smp.c started. */
void cpu_register(struct cpu *cpu);

/* trap.asm */
extern const uint64_t trap_stubs[256];
void syscall_entry(void);
extern uint8_t *const smap_sites_trap[], *const smap_sites_uaccess[];

/* The parts of the image: names of kernel.ld. */
extern char __kernel_start[], __text_start[], __text_end[], __rodata_start[], __rodata_end[];
extern char __data_start[], __kernel_end[], __boot_stack_guard[];

/* kernel.ld collects them from the FIXUP lines of uaccess.asm. */
struct ex_entry {
	uint64_t fault, fixup;
};
extern const struct ex_entry __ex_table_start[], __ex_table_end[];

/* trampoline.asm: the code for other CPUs, and where in it its data are. */
extern const uint8_t trampoline_start[], trampoline_end[], trampoline_data[];

#endif
