#ifndef ARCH_X86_ACPI_H
#define ARCH_X86_ACPI_H
/*
 * What the ACPI tables say about this machine. acpi_tables.c reads bytes and touches no hardware,
 * so it is tested on the host; acpi.c finds the tables in memory.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/cpu.h"
#include "arch/interrupt.h"
#include "lib/compiler.h"
#include "lib/types.h"

#define ACPI_IOAPIC_MAX   16
#define ACPI_OVERRIDE_MAX 16

struct acpi_ioapic {
	uint32_t id;
	uint32_t gsi_base; /* number of its first line */
	paddr_t paddr;
};

/* ISA interrupt `irq` is wired to line `gsi`. */
struct acpi_override {
	uint8_t irq;
	uint32_t gsi;
	enum irq_trigger trigger;
};

/* A generic address (ACPI 6.4, 5.2.3.2); space 0 memory, 1 ports. address 0: not there. */
struct acpi_register {
	uint8_t space;
	uint8_t bits;
	uint64_t address;
};

struct acpi_info {
	/* MADT (5.2.12). */
	bool has_madt;
	bool has_8259;
	paddr_t lapic_paddr;
	unsigned cpu_count; /* usable local APICs, the first CPU_MAX of them */
	uint32_t cpu_apic_ids[CPU_MAX];
	unsigned ioapic_count;
	struct acpi_ioapic ioapics[ACPI_IOAPIC_MAX];
	unsigned override_count;
	struct acpi_override overrides[ACPI_OVERRIDE_MAX];

	/* FADT (5.2.9). Ports; 0: not there. */
	bool has_fadt;
	uint16_t smi_command;
	uint8_t acpi_enable; /* written to smi_command, hands the registers to us */
	uint16_t pm1a_control;
	uint16_t pm1b_control;
	uint16_t pm_timer;
	bool pm_timer_32bit;
	uint8_t cmos_century; /* CMOS index of the century; 0: none */
	struct acpi_register reset;
	uint8_t reset_value;

	/* DSDT, \_S5_ (7.4.2). */
	bool has_s5;
	uint8_t s5_type_a;
	uint8_t s5_type_b;

	/* HPET (IA-PC HPET 1.0a, 3.2.4); 0: none. */
	paddr_t hpet_paddr;

	/* MCFG (PCI firmware 3.0, 4.1.2): configuration space of segment 0; 0: none. */
	paddr_t ecam_paddr;
	uint8_t ecam_bus_first;
	uint8_t ecam_bus_last;
};

/* What acpi_init found; all zero before, and where there is no ACPI. */
const struct acpi_info *acpi_info(void);

/* ---- acpi_tables.c: pure -------------------------------------------------------------------- */

/* Gives the bytes [paddr, paddr + bytes) of physical memory, or NULL where they cannot be read. */
typedef const uint8_t *acpi_map(void *data, paddr_t paddr, size_t bytes);

/* Check the root pointer at `rsdp` and follow it: all tables of interest are read into *info (which
 * is cleared first). Returns 0, or -ENODEV if the root pointer or the root table is no good; *bad
 * is the name of a table that was not used because its length or checksum is wrong, else NULL. */
__must_check int acpi_read_tables(
	acpi_map *map, void *data, paddr_t rsdp, struct acpi_info *info, const char **bad);

/* Search `bytes` bytes (16-byte aligned in physical memory) for a root pointer: its offset, or
 * -ENOENT. */
int acpi_find_rsdp(const uint8_t *area, size_t bytes);

#endif
