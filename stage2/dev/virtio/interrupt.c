/*
 * Interrupts of a virtio device (virtio 1.2, 4.1.5.1.2, 4.1.5.3). Where MSI-X gives them it has
 * two: one for changes of configuration, one for all its queues; with one vector, or on the INTx
 * pin, they share. A handler only passes the word on to the queues' handlers.
 */
#include "dev/virtio/interrupt.h"

#include "abi/errno.h"

#define ISR_QUEUE  1 /* 4.1.4.5 */
#define ISR_CONFIG 2

static void queues_run(struct virtio_device *device)
{
	struct virtio_queue *queue;

	list_for_each(queue, &device->queues, link)
		if (queue->handler)
			queue->handler(queue);
}

static bool vector_interrupt(void *data)
{
	struct virtio_vector *vector = data;
	struct virtio_device *device = vector->device;

	if (vector->config && device->config_changed)
		device->config_changed(device);
	if (vector->queues)
		queues_run(device);
	return true;
}

/* The pin is shared; reading the ISR status lowers it (4.1.5.3). */
static bool intx_interrupt(void *data)
{
	struct virtio_vector *vector = data;
	struct virtio_device *device = vector->device;
	uint8_t isr = region_read8(device->isr, 0);

	if ((isr & ISR_CONFIG) && device->config_changed)
		device->config_changed(device);
	if (isr & ISR_QUEUE)
		queues_run(device);
	return isr != 0;
}

static int vector_init_msi(struct virtio_device *device, unsigned index)
{
	struct virtio_vector *vector = &device->vectors[index];
	struct msi_message message;
	int err = irq_request_msi(device->name, vector_interrupt, vector, &message, &vector->irq);

	if (err)
		return err;
	pci_msix_set(device->pci, index, &message);
	return 0;
}

void virtio_interrupts_exit(struct virtio_device *device)
{
	for (unsigned i = 0; i < VIRTIO_VECTORS; i++) {
		if (device->vectors[i].irq)
			irq_release(device->vectors[i].irq);
		device->vectors[i].irq = NULL;
	}
}

static int interrupts_init_msix(struct virtio_device *device)
{
	unsigned count;
	int err = pci_msix_enable(device->pci, &count);

	if (err)
		return err;
	device->msix = true;
	device->vector_count = min(count, (unsigned)VIRTIO_VECTORS);
	for (unsigned i = 0; !err && i < device->vector_count; i++)
		err = vector_init_msi(device, i);
	if (err)
		virtio_interrupts_exit(device);
	return err;
}

int virtio_interrupts_init(struct virtio_device *device)
{
	int err;

	for (unsigned i = 0; i < VIRTIO_VECTORS; i++)
		device->vectors[i].device = device;
	err = interrupts_init_msix(device);
	if (err == -ENODEV) {
		device->vector_count = 1;
		err = pci_intx_request(
			device->pci, intx_interrupt, &device->vectors[0], &device->vectors[0].irq);
	}
	device->vectors[0].config = true;
	device->vectors[device->vector_count - 1].queues = true;
	return err;
}
