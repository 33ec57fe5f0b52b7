#ifndef DEV_PCI_H
#define DEV_PCI_H
/*
 * PCI functions: what there is, and the resources of each. Section numbers are those of the PCI
 * Local Bus Specification 3.0.
 *
 * Accesses to configuration space are two port accesses each, which leave an emulator's fast path,
 * and whatever moves a BAR or turns its decoding off makes an emulator build its memory map anew (a
 * millisecond). So the scan reads no more than it needs, BARs are never sized, and a driver claims
 * what it uses of one.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/irq.h"
#include "dev/region.h"
#include "lib/compiler.h"
#include "lib/list.h"

#define PCI_BARS  6
#define PCI_PARTS 8 /* claims of one function */

/* Offsets in configuration space (6.1). */
#define PCI_ID           0x00
#define PCI_COMMAND      0x04
#define PCI_STATUS       0x06
#define PCI_CLASS        0x08 /* with the revision in its low byte */
#define PCI_HEADER_TYPE  0x0e
#define PCI_BAR0         0x10
#define PCI_BRIDGE_BUSES 0x18 /* primary, secondary, subordinate, latency */
#define PCI_CAPABILITIES 0x34
#define PCI_IRQ_LINE     0x3c

#define PCI_COMMAND_IO       0x0001
#define PCI_COMMAND_MEMORY   0x0002
#define PCI_COMMAND_MASTER   0x0004
#define PCI_COMMAND_INTX_OFF 0x0400

#define PCI_CAP_VENDOR 0x09
#define PCI_CAP_MSIX   0x11

struct pci_device {
	struct list_head link;
	uint8_t bus, slot, function;    /* [I] */
	uint16_t vendor, device;        /* [I] */
	uint32_t class_code;            /* [I] 24 bits: class, subclass, interface */
	const char *driver;             /* name of the driver that has it, NULL: none */
	struct region parts[PCI_PARTS]; /* claimed by pci_map; of the driver's thread */
	uint16_t msix_cap;              /* offset of the MSI-X capability while it is in use */
	const struct region *msix_table;
	uint16_t msix_count;
};

/* Find all functions behind the host bridge and its bridges. -ENODEV: no PCI; -ENOMEM. */
__must_check int pci_init(void);
/* The index-th function found; NULL past the end. They stay. */
struct pci_device *pci_at(unsigned index);
/* The list of functions, their drivers and what these have claimed, to the log at level debug. */
void pci_log(void);

uint32_t pci_read32(const struct pci_device *pci, unsigned at);
uint16_t pci_read16(const struct pci_device *pci, unsigned at);
uint8_t pci_read8(const struct pci_device *pci, unsigned at);
void pci_write32(const struct pci_device *pci, unsigned at, uint32_t value);
void pci_write16(const struct pci_device *pci, unsigned at, uint16_t value);

/* The capability `id` behind offset `after` (0: the first one). Its offset, 0 if there is none. */
unsigned pci_capability(const struct pci_device *pci, uint8_t id, unsigned after);

/* Take the function for a driver: memory and ports decoded, bus master on, INTx off. -EBUSY. */
__must_check int pci_acquire(struct pci_device *pci, const char *driver);
/* Give it back: bus master off, interrupts off, all its regions released. The driver has released
 * its irqs before. */
void pci_release(struct pci_device *pci);

/* Claim (and map) `bytes` bytes from offset `at` of BAR `index`. The region belongs to the function
 * and goes with pci_release. -ENODEV: no such BAR; -ENOSPC: too many parts; -EBUSY, -ENOMEM. */
__must_check int pci_map(struct pci_device *pci, unsigned index, uint32_t at, uint32_t bytes,
	const struct region **region);

/* Turn MSI-X on, all vectors masked; *count is how many there are. -ENODEV: none, or as pci_map. */
__must_check int pci_msix_enable(struct pci_device *pci, unsigned *count);
/* Give vector `index` its message, and unmask it; mask it again. */
void pci_msix_set(struct pci_device *pci, unsigned index, const struct msi_message *message);
void pci_msix_mask(struct pci_device *pci, unsigned index);

/* Use the function's interrupt pin, through the line that the BIOS wrote down. -ENODEV: it has
 * none; or as irq_request_isa. */
__must_check int pci_intx_request(
	struct pci_device *pci, irq_handler *handler, void *data, struct irq **irq);

#endif
