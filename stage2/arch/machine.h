#ifndef ARCH_MACHINE_H
#define ARCH_MACHINE_H
/*
 * The machine around the CPUs: ACPI tables, reference clocks, wall clock, power, other CPUs.
 * Nothing here logs or locks; failures are returned.
 */
#include <stdbool.h>
#include <stdint.h>

#include "arch/boot_info.h"
#include "arch/cpu.h"
#include "arch/mmu.h"
#include "lib/compiler.h"
#include "lib/types.h"

struct cpu;

/* Find the ACPI tables (rsdp from boot_info, or the BIOS areas of ACPI 6.4, 5.2.5.1) and read MADT,
 * FADT, HPET and the DSDT's _S5_. A table with a bad checksum or length is not used: its name goes
 * to *bad (NULL if all are good). Needs the final direct map (frame_init). Without ACPI: -ENODEV,
 * and defaults hold (one CPU, PC lines). */
int acpi_init(const struct boot_info *info, const char **bad);

/* A clock of known rate, to measure the TSC and the local timer with: HPET, else the ACPI PM timer,
 * else the PIT. */
struct reference_clock {
	const char *name;
	uint64_t hz;
	uint64_t mask; /* it wraps: differences are taken under this mask */
	uint64_t (*read)(void);
};
const struct reference_clock *reference_clock(void);
__must_check int reference_clock_init(void);
/* The TSC's rate where a hypervisor tells it (CPUID 40000010h) or CPUID 15h does; else 0. */
uint64_t tsc_hz_told(void);

/* Seconds since 1970 from the CMOS clock (read twice, until equal). -EIO if it holds no date. */
__must_check int cmos_read_time(int64_t *seconds);

/* Power off (ACPI S5) and reset (FADT reset register, port CF9h, keyboard controller, triple
 * fault), each with its fallbacks. machine_off returns only if nothing worked. */
void machine_off(void);
__noreturn void machine_reset(void);
/* What machine_off will use, for the log: "ACPI S5, port 604h", or "nothing known". */
const char *machine_off_means(void);

/* CPUs that the ACPI tables name as usable, the running one included; at least 1. */
unsigned cpu_possible(void);

/* Start CPU `number` (1 .. cpu_possible() - 1): it runs entry(cpu) on the stack that ends at
 * stack_top, with descriptor tables, GS, features and local APIC set up, interrupts off; entry
 * never returns. It is in the table of CPUs by then; entry sets cpu->online when it is ready to
 * take part. memory: cpu_area_bytes() for its record and tables, 64-aligned, the CPU's for ever on
 * success. Waits for it at most 110 ms. source: for page tables used meanwhile, freed again.
 * -ENODEV, -ENOMEM, -ETIMEDOUT (the CPU was reset again). */
size_t cpu_area_bytes(void);
__must_check int cpu_start(unsigned number, void *memory, void *stack_top,
	void (*entry)(struct cpu *cpu), struct page_source *source);

#endif
