#ifndef DEV_VIRTIO_INTERRUPT_H
#define DEV_VIRTIO_INTERRUPT_H
/*
 * The interrupts of a virtio device, for virtio.c alone.
 */
#include "dev/virtio/virtio.h"
#include "lib/compiler.h"

/* Set up device->vectors, with MSI-X if there is any, else on the pin. Handlers may run from here
 * on. Threads only. -ENODEV: the device has no interrupt; or as irq_request_*. */
__must_check int virtio_interrupts_init(struct virtio_device *device);
/* Give them back; when it returns no handler runs. Threads only. */
void virtio_interrupts_exit(struct virtio_device *device);

#endif
