#ifndef ARCH_INTERRUPT_H
#define ARCH_INTERRUPT_H
/*
 * Interrupt controllers: local APIC, I/O APICs, MSI, inter-processor interrupts, the local timer.
 * No lock is taken here; core/irq.c serialises everything about lines.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

enum irq_trigger { IRQ_EDGE_HIGH, IRQ_LEVEL_LOW, IRQ_LEVEL_HIGH };

struct msi_message {
	uint64_t address;
	uint32_t data;
};

/* Mask the 8259s, enable the local APIC, find and mask the I/O APICs (arch/acpi.h must have run).
 * -ENODEV where there is no local APIC. */
__must_check int interrupt_init(void);
/* The local APIC of an application processor. */
void interrupt_init_cpu(void);

/* Route global interrupt `gsi` to `vector` on CPU `apic_id`, masked. -ENODEV: no such line. */
__must_check int ioapic_route(
	unsigned gsi, unsigned vector, enum irq_trigger trigger, uint32_t apic_id);
void ioapic_mask(unsigned gsi, bool masked);
/* The line and trigger mode that ISA interrupt `irq` is wired to (MADT overrides). */
void ioapic_isa(unsigned irq, unsigned *gsi, enum irq_trigger *trigger);

/* The message that raises `vector` on CPU `apic_id` (SDM 3A 10.11). */
struct msi_message msi_compose(unsigned vector, uint32_t apic_id);

void interrupt_ack(void);

/* Send IPI `vector` to one CPU; an NMI to all others, which no CPU can hold off. */
void ipi_send(uint32_t apic_id, unsigned vector);
void nmi_send_others(void);

/* The local timer, one-shot: fire TRAP_TIMER after `ticks` (0 stops it). Its current count, for
 * calibration: it counts down from the last armed value. */
void local_timer_arm(uint32_t ticks);
uint32_t local_timer_count(void);

#endif
