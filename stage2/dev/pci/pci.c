/*
 * Finding PCI functions, and giving them to drivers with what they claim of their BARs.
 *
 * The BIOS has numbered the buses and placed the BARs; both are taken as they are. Buses are walked
 * from 0 through the bridges. Nothing is hot-plugged.
 */
#include "dev/pci/pci.h"

#include "abi/errno.h"
#include "core/log.h"
#include "dev/pci/config.h"
#include "lib/bitmap.h"
#include "lib/format.h"
#include "mm/slab.h"

#define SLOTS     32
#define FUNCTIONS 8

#define HEADER_TYPE_MULTI  0x80
#define HEADER_TYPE_MASK   0x7f
#define HEADER_TYPE_BRIDGE 0x01

#define STATUS_CAPABILITIES 0x0010
#define CAPABILITIES_MAX    48 /* 192 bytes of them, 4 bytes each at least: ends any loop */

#define BAR_IO          0x1u /* 6.2.5.1 */
#define BAR_TYPE_MASK   0x6u
#define BAR_TYPE_64     0x4u
#define BAR_IO_MASK     0xfffffffcu
#define BAR_MEMORY_MASK 0xfffffff0u

/* [I] after pci_init */
static struct list_head functions = LIST_INIT(functions);

/* ---- finding -------------------------------------------------------------------------------- */

/* Look at one function; -ENODEV if it is not there. *header gets its header type. */
static int function_add(struct pci_device place, uint8_t *header)
{
	uint32_t id = pci_read32(&place, PCI_ID);
	struct pci_device *pci;

	if ((id & 0xffff) == 0xffff || (id & 0xffff) == 0)
		return -ENODEV;
	pci = kzalloc(sizeof(*pci));
	if (!pci)
		return -ENOMEM;
	*pci = place;
	pci->vendor = (uint16_t)id;
	pci->device = (uint16_t)(id >> 16);
	pci->class_code = pci_read32(pci, PCI_CLASS) >> 8;
	*header = pci_read8(pci, PCI_HEADER_TYPE);
	list_add_tail(&pci->link, &functions);
	return 0;
}

/* Buses that are known but not yet walked, and those that were: a loop of bridges ends. */
struct bus_walk {
	uint64_t todo[BITMAP_WORDS(256)];
	uint64_t done[BITMAP_WORDS(256)];
};

static int function_walk(struct bus_walk *walk, struct pci_device place, bool *multi)
{
	uint8_t header;
	int err = function_add(place, &header);

	if (err)
		return err;
	*multi = header & HEADER_TYPE_MULTI;
	if ((header & HEADER_TYPE_MASK) == HEADER_TYPE_BRIDGE)
		bitmap_set(walk->todo, pci_read32(&place, PCI_BRIDGE_BUSES) >> 8 & 0xff);
	return 0;
}

static int slot_walk(struct bus_walk *walk, uint8_t bus, uint8_t slot)
{
	struct pci_device place = { .bus = bus, .slot = slot };
	bool multi = false, ignored;
	int err = function_walk(walk, place, &multi);

	for (place.function = 1; !err && multi && place.function < FUNCTIONS; place.function++) {
		err = function_walk(walk, place, &ignored);
		if (err == -ENODEV)
			err = 0;
	}
	return err == -ENODEV ? 0 : err;
}

int pci_init(void)
{
	struct bus_walk walk = {};
	size_t bus = 0;
	int err = pci_config_init();

	bitmap_set(walk.todo, 0);
	while (!err && (bus = bitmap_find_set(walk.todo, 256, 0)) < 256) {
		bitmap_clear(walk.todo, bus);
		if (bitmap_test(walk.done, bus))
			continue;
		bitmap_set(walk.done, bus);
		for (uint8_t slot = 0; !err && slot < SLOTS; slot++)
			err = slot_walk(&walk, (uint8_t)bus, slot);
	}
	return err;
}

struct pci_device *pci_at(unsigned index)
{
	struct pci_device *pci;

	list_for_each(pci, &functions, link) {
		if (index-- == 0)
			return pci;
	}
	return NULL;
}

/* " mem fe000000+1000 io c000+40": the claims of a function. */
static void parts_format(const struct pci_device *pci, char *text, size_t bytes)
{
	size_t at = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < PCI_PARTS; i++) {
		const struct region *part = &pci->parts[i];

		if (part->bytes)
			at += scnprintf(text + at, bytes - at, " %s %lx+%lx",
				part->kind == REGION_PORTS ? "io" : "mem",
				(unsigned long)part->base, (unsigned long)part->bytes);
	}
}

void pci_log(void)
{
	struct pci_device *pci;

	list_for_each(pci, &functions, link) {
		char parts[160];

		parts_format(pci, parts, sizeof(parts));
		log_debug("pci %02x:%02x.%u %04x:%04x class %06x %s%s", pci->bus, pci->slot,
			pci->function, pci->vendor, pci->device, pci->class_code,
			pci->driver ? pci->driver : "-", parts);
	}
}

/* A pointer to a capability, made safe: in the device's part, aligned (6.7). */
static unsigned capability_at(uint32_t pointer)
{
	pointer &= 0xfc;
	return pointer >= 0x40 ? pointer : 0;
}

unsigned pci_capability(const struct pci_device *pci, uint8_t id, unsigned after)
{
	unsigned at = 0;

	if (after)
		at = capability_at(pci_read32(pci, after) >> 8);
	else if (pci_read16(pci, PCI_STATUS) & STATUS_CAPABILITIES)
		at = capability_at(pci_read32(pci, PCI_CAPABILITIES));
	for (int i = 0; at && i < CAPABILITIES_MAX; i++) {
		uint32_t header = pci_read32(pci, at); /* id, next, and what is its own */

		if ((header & 0xff) == id)
			return at;
		at = capability_at(header >> 8);
	}
	return 0;
}

/* ---- giving it to a driver ------------------------------------------------------------------ */

static void command_change(struct pci_device *pci, uint16_t clear, uint16_t set)
{
	uint16_t command = pci_read16(pci, PCI_COMMAND);

	pci_write16(pci, PCI_COMMAND, (uint16_t)((command & ~clear) | set));
}

int pci_acquire(struct pci_device *pci, const char *driver)
{
	if (pci->driver)
		return -EBUSY;
	pci->driver = driver;
	command_change(pci, 0,
		PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_OFF);
	return 0;
}

void pci_release(struct pci_device *pci)
{
	if (pci->msix_cap)
		pci_write16(pci, pci->msix_cap + 2, 0);
	pci->msix_cap = 0;
	command_change(pci, PCI_COMMAND_MASTER, PCI_COMMAND_INTX_OFF);
	for (unsigned i = 0; i < PCI_PARTS; i++)
		region_release(&pci->parts[i]);
	pci->driver = NULL;
}

/* Where BAR `index` begins, and of which kind it is. -ENODEV: nowhere. */
static int bar_read(
	const struct pci_device *pci, unsigned index, enum region_kind *kind, uint64_t *base)
{
	uint32_t low;

	if (index >= PCI_BARS)
		return -ENODEV;
	low = pci_read32(pci, PCI_BAR0 + index * 4);
	*kind = low & BAR_IO ? REGION_PORTS : REGION_MMIO;
	*base = low & (low & BAR_IO ? BAR_IO_MASK : BAR_MEMORY_MASK);
	if (!(low & BAR_IO) && (low & BAR_TYPE_MASK) == BAR_TYPE_64 && index + 1 < PCI_BARS)
		*base |= (uint64_t)pci_read32(pci, PCI_BAR0 + (index + 1) * 4) << 32;
	return *base ? 0 : -ENODEV;
}

static struct region *part_free(struct pci_device *pci)
{
	for (unsigned i = 0; i < PCI_PARTS; i++)
		if (pci->parts[i].bytes == 0)
			return &pci->parts[i];
	return NULL;
}

int pci_map(struct pci_device *pci, unsigned index, uint32_t at, uint32_t bytes,
	const struct region **region)
{
	struct region *part = part_free(pci);
	enum region_kind kind;
	uint64_t base;
	int err = bar_read(pci, index, &kind, &base);

	if (err)
		return err;
	if (!part)
		return -ENOSPC;
	base += at;
	if (kind == REGION_MMIO)
		err = region_claim_mmio(pci->driver, base, bytes, part);
	else if (bytes > 0 && base + bytes <= 0x10000)
		err = region_claim_ports(pci->driver, (uint16_t)base, bytes, part);
	else
		err = -ENODEV;
	*region = part;
	return err;
}
