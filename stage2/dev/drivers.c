/*
 * The list of all drivers, in the order in which they start. A driver of a PCI device is offered
 * each function that its table names; the others look for their hardware themselves. Nothing
 * registers itself from elsewhere: what is not in this file is not in the kernel.
 */
#include "dev/drivers.h"

#include "abi/errno.h"
#include "core/log.h"
#include "dev/pci/pci.h"
#include "dev/ps2/ps2.h"
#include "dev/region.h"
#include "dev/uart/uart.h"
#include "dev/vga/vga.h"
#include "dev/virtio/virtio.h"
#include "dev/virtio/virtio_drivers.h"
#include "lib/compiler.h"

static const struct driver {
	const char *name;
	int (*probe)(struct pci_device *pci);
	struct {
		uint16_t vendor, device;
	} ids[2];
} drivers[] = {
	{ "virtio-rng", virtio_rng_probe,
		{ { VIRTIO_VENDOR, VIRTIO_TRANSITIONAL(5) },
			{ VIRTIO_VENDOR, VIRTIO_MODERN(VIRTIO_TYPE_RNG) } } },
	{ "virtio-blk", virtio_blk_probe,
		{ { VIRTIO_VENDOR, VIRTIO_TRANSITIONAL(1) },
			{ VIRTIO_VENDOR, VIRTIO_MODERN(VIRTIO_TYPE_BLK) } } },
	{ "virtio-console", virtio_console_probe,
		{ { VIRTIO_VENDOR, VIRTIO_TRANSITIONAL(3) },
			{ VIRTIO_VENDOR, VIRTIO_MODERN(VIRTIO_TYPE_CONSOLE) } } },
};

/* Ports that arch/ works with directly: claimed so that nobody else gets them. */
static struct {
	const char *name;
	uint16_t base;
	uint8_t count;
	struct region region;
} arch_ports[] = {
	{ "pic 1", 0x20, 2, {} },
	{ "pit", 0x40, 4, {} },
	{ "rtc", 0x70, 2, {} },
	{ "pic 2", 0xa0, 2, {} },
};

void drivers_init_early(void)
{
	if (uart_init_early())
		log_debug("serial port: none");
}

static bool driver_matches(const struct driver *driver, const struct pci_device *pci)
{
	for (size_t i = 0; i < ARRAY_SIZE(driver->ids); i++)
		if (driver->ids[i].vendor == pci->vendor && driver->ids[i].device == pci->device)
			return true;
	return false;
}

static void driver_offer(const struct driver *driver)
{
	struct pci_device *pci;

	for (unsigned i = 0; (pci = pci_at(i)) != NULL; i++) {
		int err;

		if (!driver_matches(driver, pci))
			continue;
		err = driver->probe(pci);
		if (err)
			log_warn("%s at %02x:%02x.%u: not used (%d)", driver->name, pci->bus,
				pci->slot, pci->function, err);
	}
}

static void pci_drivers_init(void)
{
	int err = pci_init();

	if (err) {
		log_warn("pci: none (%d)", err);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		driver_offer(&drivers[i]);
	pci_log();
}

/* The keyboard types at the screen: without one, nobody looks for it. */
static void screen_init(void)
{
	if (vga_init())
		log_debug("screen: none");
	else if (ps2_init())
		log_debug("keyboard: none");
}

void drivers_init(void)
{
	int err;

	/* The console keeps the pace of the first line. */
	err = uart_init();
	if (err && err != -ENODEV)
		log_warn("serial port: no interrupt (%d)", err);
	screen_init();
	for (size_t i = 0; i < ARRAY_SIZE(arch_ports); i++)
		if (region_claim_ports(arch_ports[i].name, arch_ports[i].base, arch_ports[i].count,
			    &arch_ports[i].region))
			log_warn("%s: ports not claimed", arch_ports[i].name);
	pci_drivers_init();
}

void drivers_settle(void)
{
	virtio_console_settle();
}

void drivers_shutdown(void)
{
	uart_shutdown();
}
