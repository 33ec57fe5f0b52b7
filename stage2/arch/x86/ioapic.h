#ifndef ARCH_X86_IOAPIC_H
#define ARCH_X86_IOAPIC_H
/*
 * The parts of the interrupt controllers that apic.c, ioapic.c and smp.c share.
 */
#include <stdint.h>

#include "lib/compiler.h"

/* Find, map and mask the I/O APICs that the MADT names, or the one every PC has. -ENOMEM. */
__must_check int ioapic_init(void);

/* Reset a CPU; start it at page number `page` in real mode (SDM 3A 8.4.4). */
void apic_send_init(uint32_t apic_id);
void apic_send_startup(uint32_t apic_id, unsigned page);

#endif
