/*
 * What others see of PCI.
 */
#include "dev/pci_info.h"

#include "dev/pci/pci.h"

bool pci_info(unsigned index, struct pci_info *info)
{
	const struct pci_device *pci = pci_at(index);

	if (!pci)
		return false;
	*info = (struct pci_info){
		.bus = pci->bus,
		.slot = pci->slot,
		.function = pci->function,
		.vendor = pci->vendor,
		.device = pci->device,
		.class_code = pci->class_code,
		.driver = READ_ONCE(pci->driver),
	};
	return true;
}

uint32_t pci_info_config(unsigned index, unsigned at)
{
	return pci_read32(pci_at(index), at);
}
