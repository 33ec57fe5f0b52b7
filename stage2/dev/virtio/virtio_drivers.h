#ifndef DEV_VIRTIO_DRIVERS_H
#define DEV_VIRTIO_DRIVERS_H
/*
 * The virtio drivers, for the list in dev/drivers.c. Each takes over one PCI function; 0 or why
 * not, and then nothing of it is left. Threads only.
 */
#include "dev/pci/pci.h"
#include "lib/compiler.h"

/* A disk: registers a block device vda, vdb, ... (5.2). */
__must_check int virtio_blk_probe(struct pci_device *pci);
/* Serial ports: registers character devices vport0p1, ... as the device tells of them (5.3). */
__must_check int virtio_console_probe(struct pci_device *pci);
/* Wait until the ports that were there from the start are registered. Threads only. */
void virtio_console_settle(void);
/* A source of random bytes: feeds core/random.h now and then (5.4). */
__must_check int virtio_rng_probe(struct pci_device *pci);

#endif
