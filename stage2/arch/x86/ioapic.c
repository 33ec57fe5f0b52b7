/*
 * I/O APICs (Intel 82093AA): global interrupt lines to vectors on CPUs.
 */
#include "arch/x86/ioapic.h"
#include "abi/errno.h"
#include "arch/interrupt.h"
#include "arch/io.h"
#include "arch/memory_map.h"
#include "arch/x86/acpi.h"
#include "arch/x86/mmio.h"

#define IOAPIC_DEFAULT_PADDR 0xfec00000
#define IOAPIC_SELECT        0x00
#define IOAPIC_WINDOW        0x10

#define IOAPIC_REG_VERSION     1
#define IOAPIC_REG_ENTRY(line) (0x10 + 2 * (line))

#define ENTRY_ACTIVE_LOW BIT(13)
#define ENTRY_LEVEL      BIT(15)
#define ENTRY_MASKED     BIT(16)

struct ioapic {
	volatile uint8_t *registers;
	unsigned gsi_base, lines;
};

static struct ioapic ioapics[ACPI_IOAPIC_MAX];
static unsigned ioapic_count;

static uint32_t ioapic_read(const struct ioapic *ioapic, unsigned reg)
{
	mmio_write32(ioapic->registers + IOAPIC_SELECT, reg);
	return mmio_read32(ioapic->registers + IOAPIC_WINDOW);
}

static void ioapic_write(const struct ioapic *ioapic, unsigned reg, uint32_t value)
{
	mmio_write32(ioapic->registers + IOAPIC_SELECT, reg);
	mmio_write32(ioapic->registers + IOAPIC_WINDOW, value);
}

/* Firmware leaves the entries masked; only those it used for itself are not. */
static int ioapic_add(paddr_t paddr, unsigned gsi_base)
{
	struct ioapic *ioapic = &ioapics[ioapic_count];
	ioapic->registers = arch_map_mmio(paddr, 0x20);
	if (!ioapic->registers)
		return -ENOMEM;
	ioapic->gsi_base = gsi_base;
	ioapic->lines = (ioapic_read(ioapic, IOAPIC_REG_VERSION) >> 16 & 0xff) + 1;
	for (unsigned line = 0; line < ioapic->lines; line++) {
		uint32_t entry = ioapic_read(ioapic, IOAPIC_REG_ENTRY(line));
		if (!(entry & ENTRY_MASKED))
			ioapic_write(ioapic, IOAPIC_REG_ENTRY(line), entry | ENTRY_MASKED);
	}
	ioapic_count++;
	return 0;
}

int ioapic_init(void)
{
	const struct acpi_info *acpi = acpi_info();
	if (acpi->ioapic_count == 0)
		return ioapic_add(IOAPIC_DEFAULT_PADDR, 0);
	for (unsigned i = 0; i < acpi->ioapic_count; i++) {
		int err = ioapic_add(acpi->ioapics[i].paddr, acpi->ioapics[i].gsi_base);
		if (err)
			return err;
	}
	return 0;
}

static const struct ioapic *ioapic_of(unsigned gsi)
{
	for (unsigned i = 0; i < ioapic_count; i++)
		if (gsi >= ioapics[i].gsi_base && gsi - ioapics[i].gsi_base < ioapics[i].lines)
			return &ioapics[i];
	return NULL;
}

int ioapic_route(unsigned gsi, unsigned vector, enum irq_trigger trigger, uint32_t apic_id)
{
	const struct ioapic *ioapic = ioapic_of(gsi);
	if (!ioapic)
		return -ENODEV;
	unsigned line = gsi - ioapic->gsi_base;
	uint32_t low = vector | ENTRY_MASKED;
	if (trigger != IRQ_EDGE_HIGH)
		low |= ENTRY_LEVEL;
	if (trigger == IRQ_LEVEL_LOW)
		low |= ENTRY_ACTIVE_LOW;
	ioapic_write(ioapic, IOAPIC_REG_ENTRY(line), low);
	ioapic_write(ioapic, IOAPIC_REG_ENTRY(line) + 1, apic_id << 24);
	return 0;
}

void ioapic_mask(unsigned gsi, bool masked)
{
	const struct ioapic *ioapic = ioapic_of(gsi);
	if (!ioapic)
		return;
	unsigned reg = IOAPIC_REG_ENTRY(gsi - ioapic->gsi_base);
	uint32_t entry = ioapic_read(ioapic, reg);
	ioapic_write(ioapic, reg, masked ? entry | ENTRY_MASKED : entry & ~(uint32_t)ENTRY_MASKED);
}

void ioapic_isa(unsigned irq, unsigned *gsi, enum irq_trigger *trigger)
{
	const struct acpi_info *acpi = acpi_info();
	*gsi = irq;
	*trigger = IRQ_EDGE_HIGH;
	for (unsigned i = 0; i < acpi->override_count; i++) {
		if (acpi->overrides[i].irq == irq) {
			*gsi = acpi->overrides[i].gsi;
			*trigger = acpi->overrides[i].trigger;
		}
	}
}
