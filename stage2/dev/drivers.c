/*
 * The list of all drivers, in the order in which they start. A driver of a PCI device is offered each
 * function that its table names; the others look for their hardware themselves. Nothing registers
 * itself from elsewhere: what is not in this file is not in the kernel.
 */
#include "dev/drivers.h"

#include "abi/errno.h"
#include "core/log.h"
#include "dev/console.h"
#include "dev/region.h"
#include "dev/uart/uart.h"
#include "dev/vga/vga.h"
#include "lib/compiler.h"

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
	bool serial = uart_init_early() == 0;
	bool screen = vga_init() == 0;

	log_debug("serial port: %s, screen: %s", serial ? "COM1" : "none", screen ? "vga" : "none");
}

void drivers_init(void)
{
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(arch_ports); i++)
		if (region_claim_ports(arch_ports[i].name, arch_ports[i].base, arch_ports[i].count,
			    &arch_ports[i].region))
			log_warn("%s: ports not claimed", arch_ports[i].name);
	err = uart_init();
	if (err && err != -ENODEV)
		log_warn("serial port: no interrupt (%d)", err);
	console_init();
}

void drivers_shutdown(void)
{
	uart_shutdown();
}
