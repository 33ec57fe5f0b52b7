/*
 * Interrupts of PCI functions: MSI-X (6.8.2), and the pin, INTx. Plain MSI is not used.
 */
#include "abi/errno.h"
#include "dev/pci/pci.h"

#define MSIX_CONTROL       2 /* offsets in the capability */
#define MSIX_TABLE         4
#define MSIX_CONTROL_COUNT 0x07ff /* vectors - 1 */
#define MSIX_CONTROL_ON    0x8000
#define MSIX_TABLE_BAR     0x7u

#define ENTRY_BYTES   16 /* 6.8.2.6 */
#define ENTRY_ADDRESS 0
#define ENTRY_DATA    8
#define ENTRY_CONTROL 12
#define ENTRY_MASKED  1u

#define IRQ_LINES 16

static uint64_t entry_at(const struct pci_device *pci, unsigned index)
{
	assert(index < pci->msix_count);
	return (uint64_t)index * ENTRY_BYTES;
}

int pci_msix_enable(struct pci_device *pci, unsigned *count)
{
	unsigned cap = pci_capability(pci, PCI_CAP_MSIX, 0);
	uint16_t control;
	uint32_t table;
	int err;

	if (!cap)
		return -ENODEV;
	control = pci_read16(pci, cap + MSIX_CONTROL);
	table = pci_read32(pci, cap + MSIX_TABLE);
	pci->msix_count = (control & MSIX_CONTROL_COUNT) + 1;
	err = pci_map(pci, table & MSIX_TABLE_BAR, table & ~MSIX_TABLE_BAR,
		pci->msix_count * ENTRY_BYTES, &pci->msix_table);
	if (err)
		return err;
	/* After reset each entry is masked (6.8.2.9). */
	pci->msix_cap = (uint16_t)cap;
	pci_write16(pci, cap + MSIX_CONTROL, control | MSIX_CONTROL_ON);
	*count = pci->msix_count;
	return 0;
}

void pci_msix_set(struct pci_device *pci, unsigned index, const struct msi_message *message)
{
	uint64_t at = entry_at(pci, index);

	region_write32(pci->msix_table, at + ENTRY_ADDRESS, (uint32_t)message->address);
	region_write32(pci->msix_table, at + ENTRY_ADDRESS + 4, (uint32_t)(message->address >> 32));
	region_write32(pci->msix_table, at + ENTRY_DATA, message->data);
	region_write32(pci->msix_table, at + ENTRY_CONTROL, 0);
}

void pci_msix_mask(struct pci_device *pci, unsigned index)
{
	region_write32(pci->msix_table, entry_at(pci, index) + ENTRY_CONTROL, ENTRY_MASKED);
}

int pci_intx_request(struct pci_device *pci, irq_handler *handler, void *data, struct irq **irq)
{
	uint32_t line_and_pin = pci_read32(pci, PCI_IRQ_LINE);
	unsigned line = line_and_pin & 0xff;
	int err;

	if ((line_and_pin >> 8 & 0xff) == 0 || line == 0 || line >= IRQ_LINES)
		return -ENODEV;
	err = irq_request_isa(line, pci->driver, handler, data, irq);
	if (err)
		return err;
	pci_write16(
		pci, PCI_COMMAND, pci_read16(pci, PCI_COMMAND) & (uint16_t)~PCI_COMMAND_INTX_OFF);
	return 0;
}
