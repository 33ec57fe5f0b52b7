#ifndef DEV_PCI_CONFIG_H
#define DEV_PCI_CONFIG_H
/*
 * The start of configuration access, for pci.c alone; the accesses themselves are in pci.h.
 */
#include "lib/compiler.h"

/* Claim the ports. -ENODEV: no PCI host bridge answers; -EBUSY. */
__must_check int pci_config_init(void);

#endif
