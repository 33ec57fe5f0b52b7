/*
 * PCI configuration space through configuration mechanism #1 (3.2.2.3.2): an address port and a
 * data port, under one lock. 256 bytes a function; PCI Express's extended space is not reached this
 * way.
 */
#include "dev/pci/config.h"

#include "abi/errno.h"
#include "core/spinlock.h"
#include "dev/pci/pci.h"

#define CONFIG_PORT    0xcf8
#define CONFIG_ADDRESS 0
#define CONFIG_DATA    4
#define CONFIG_ENABLE  0x80000000u

static struct {
	struct spinlock lock; /* guards the pair of accesses */
	struct region ports;  /* [I] */
} config = { .lock = SPINLOCK_INIT("pci config", RANK_REFS) };

int pci_config_init(void)
{
	uint32_t back;
	int err = region_claim_ports("pci config", CONFIG_PORT, 8, &config.ports);

	if (err)
		return err;
	region_write32(&config.ports, CONFIG_ADDRESS, CONFIG_ENABLE);
	back = region_read32(&config.ports, CONFIG_ADDRESS);
	if (back == CONFIG_ENABLE)
		return 0;
	region_release(&config.ports);
	return -ENODEV;
}

static void config_select(const struct pci_device *pci, unsigned at)
{
	assert(at < 256);
	region_write32(&config.ports, CONFIG_ADDRESS,
		CONFIG_ENABLE | (uint32_t)pci->bus << 16 | (uint32_t)pci->slot << 11 |
			(uint32_t)pci->function << 8 | (at & ~3u));
}

uint32_t pci_read32(const struct pci_device *pci, unsigned at)
{
	uint64_t flags = spin_lock_irqsave(&config.lock);
	uint32_t value;

	config_select(pci, at);
	value = region_read32(&config.ports, CONFIG_DATA);
	spin_unlock_irqrestore(&config.lock, flags);
	return value;
}

uint16_t pci_read16(const struct pci_device *pci, unsigned at)
{
	return (uint16_t)(pci_read32(pci, at) >> (at & 2) * 8);
}

uint8_t pci_read8(const struct pci_device *pci, unsigned at)
{
	return (uint8_t)(pci_read32(pci, at) >> (at & 3) * 8);
}

void pci_write32(const struct pci_device *pci, unsigned at, uint32_t value)
{
	uint64_t flags = spin_lock_irqsave(&config.lock);

	config_select(pci, at);
	region_write32(&config.ports, CONFIG_DATA, value);
	spin_unlock_irqrestore(&config.lock, flags);
}

void pci_write16(const struct pci_device *pci, unsigned at, uint16_t value)
{
	uint64_t flags = spin_lock_irqsave(&config.lock);

	config_select(pci, at);
	region_write16(&config.ports, CONFIG_DATA + (at & 2), value);
	spin_unlock_irqrestore(&config.lock, flags);
}
