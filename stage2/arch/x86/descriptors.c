/*
 * Descriptor tables: what the processor reads when a trap comes. One IDT for all CPUs; a GDT, a TSS
 * and the interrupt stacks (IST) for each.
 *
 * Traps that may come while the stack pointer cannot be trusted (NMI, double fault, machine check,
 * and #DB, which a MOV SS can delay into the first instruction of a system call) have IST stacks.
 */
#include "abi/vdso.h"
#include "arch/cpu.h"
#include "arch/trap.h"
#include "arch/x86/x86.h"
#include "lib/compiler.h"

struct idt_gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_middle;
	uint32_t offset_high, reserved;
};
_Static_assert(sizeof(struct idt_gate) == 16, "SDM 3A 6.14.1");

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __packed;

#define GATE_INTERRUPT 0x8e /* present, DPL 0: clears IF on entry */
#define GATE_DPL3      0x60

static struct idt_gate idt[256];

/* SYSRET's arithmetic leaves a place for 32-bit code of user mode (SELECTOR_USER_CODE32); it stays
 * empty. A program that got into 32-bit code could call through CSTAR (AMD), where nothing is. */
static const uint64_t gdt_template[8] = {
	[1] = 0x00cf9b000000ffff, /* 32-bit code, for the start of other CPUs */
	[2] = 0x00af9b000000ffff, /* SELECTOR_KERNEL_CODE */
	[3] = 0x00cf93000000ffff, /* SELECTOR_KERNEL_DATA */
	[5] = 0x00cff3000000ffff, /* SELECTOR_USER_DATA */
	[6] = 0x00affb000000ffff, /* SELECTOR_USER_CODE */
};

static uint8_t gate_ist(unsigned vector)
{
	switch (vector) {
	case TRAP_DEBUG:
		return IST_DEBUG;
	case TRAP_NMI:
		return IST_NMI;
	case TRAP_DOUBLE_FAULT:
		return IST_DOUBLE_FAULT;
	case TRAP_MACHINE_CHECK:
		return IST_MACHINE_CHECK;
	default:
		return IST_NONE;
	}
}

void descriptors_init_idt(void)
{
	for (unsigned vector = 0; vector < 256; vector++) {
		uint64_t stub = trap_stubs[vector];
		bool user = vector == TRAP_BREAKPOINT || vector == TRAP_OVERFLOW ||
		            vector == TRAP_SYSCALL;
		idt[vector] = (struct idt_gate){
			.offset_low = (uint16_t)stub,
			.selector = SELECTOR_KERNEL_CODE,
			.ist = gate_ist(vector),
			.type = GATE_INTERRUPT | (user ? GATE_DPL3 : 0),
			.offset_middle = (uint16_t)(stub >> 16),
			.offset_high = (uint32_t)(stub >> 32),
		};
	}
}

/* A data segment that nobody can use but for its limit, which is the CPU's number: LSL reads it. */
static uint64_t cpu_number_segment(uint32_t id)
{
	return 0x0040f10000000000 | id;
}

static void tables_build(struct cpu_tables *tables, uint32_t id)
{
	for (unsigned i = 0; i < ARRAY_SIZE(gdt_template); i++)
		tables->gdt[i] = gdt_template[i];

	uint64_t tss = (uint64_t)&tables->tss;
	uint64_t limit = sizeof(tables->tss) - 1;
	tables->gdt[8] = limit | (tss & 0xffffff) << 16 | 0x89ull << 40 | (tss >> 24 & 0xff) << 56;
	tables->gdt[9] = tss >> 32;
	tables->gdt[VDSO_CPU_SELECTOR / 8] = cpu_number_segment(id);

	tables->tss = (struct x86_tss){ .io_map = sizeof(struct x86_tss) };
	for (unsigned ist = IST_DEBUG; ist < IST_COUNT; ist++)
		tables->tss.ist[ist - 1] = (uint64_t)tables->ist_stacks[ist - 1] + IST_STACK_BYTES;
}

__attribute__((no_stack_protector)) void descriptors_load(
	struct cpu *cpu, struct cpu_tables *tables)
{
	tables_build(tables, cpu->id);
	struct table_pointer gdtr = { sizeof(tables->gdt) - 1, (uint64_t)tables->gdt };
	struct table_pointer idtr = { sizeof(idt) - 1, (uint64_t)idt };

	__asm__ volatile("lgdt %0\n\t"
			 "pushq %1\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:\tmovl %2, %%eax\n\t"
			 "movl %%eax, %%ss\n\t"
			 "xorl %%eax, %%eax\n\t"
			 "movl %%eax, %%ds\n\t"
			 "movl %%eax, %%es\n\t"
			 "movl %%eax, %%fs\n\t"
			 "movl %%eax, %%gs\n\t"
			 "lldt %%ax\n\t"
			 "lidt %3\n\t"
			 "ltr %w4" ::"m"(gdtr),
			 "i"(SELECTOR_KERNEL_CODE), "i"(SELECTOR_KERNEL_DATA), "m"(idtr),
			 "r"(SELECTOR_TSS)
			 : "rax", "memory");

	/* Loading GS cleared its base: set it last. */
	cpu->self = cpu;
	cpu->tables = tables;
	x86_write_msr(MSR_GS_BASE, (uint64_t)cpu);
	x86_write_msr(MSR_KERNEL_GS_BASE, 0);
}
