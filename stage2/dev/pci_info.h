#ifndef DEV_PCI_INFO_H
#define DEV_PCI_INFO_H
/*
 * What there is on the PCI buses, for whoever shows it.
 */
#include <stdbool.h>
#include <stdint.h>

struct pci_info {
	uint8_t bus, slot, function;
	uint16_t vendor, device;
	uint32_t class_code; /* class, subclass, interface */
	const char *driver;  /* NULL: none has it */
};

/* The index-th function; false past the end. */
bool pci_info(unsigned index, struct pci_info *info);
/* A word of its configuration space, of which there are 256 bytes. */
uint32_t pci_info_config(unsigned index, unsigned at);

#endif
