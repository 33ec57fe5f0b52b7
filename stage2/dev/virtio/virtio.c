/*
 * The PCI transport of virtio 1.2 (4.1), modern interface only: finding the device's parts through
 * its vendor capabilities, status and features, queues, interrupts.
 *
 * A device has two interrupts where MSI-X gives them: one for changes of configuration, one for all
 * its queues; with one vector, or on the INTx pin, they share. A handler only passes the word to
 * the queues' handlers.
 */
#include "dev/virtio/virtio.h"

#include "abi/errno.h"
#include "core/log.h"
#include "dev/virtio/interrupt.h"
#include "lib/string.h"
#include "mm/slab.h"

/* struct virtio_pci_cap (4.1.4). */
#define CAP_TYPE       3
#define CAP_BAR        4
#define CAP_OFFSET     8
#define CAP_LENGTH     12
#define CAP_MULTIPLIER 16 /* of the notify capability (4.1.4.4) */

#define CAP_TYPE_COMMON 1
#define CAP_TYPE_NOTIFY 2
#define CAP_TYPE_ISR    3
#define CAP_TYPE_CONFIG 4

/* struct virtio_pci_common_cfg (4.1.4.3). */
enum common_field {
	COMMON_DEVICE_FEATURE_SELECT = 0x00,
	COMMON_DEVICE_FEATURE = 0x04,
	COMMON_DRIVER_FEATURE_SELECT = 0x08,
	COMMON_DRIVER_FEATURE = 0x0c,
	COMMON_MSIX_CONFIG = 0x10,
	COMMON_QUEUE_COUNT = 0x12,
	COMMON_STATUS = 0x14,
	COMMON_GENERATION = 0x15,
	COMMON_QUEUE_SELECT = 0x16,
	COMMON_QUEUE_SIZE = 0x18,
	COMMON_QUEUE_MSIX = 0x1a,
	COMMON_QUEUE_ENABLE = 0x1c,
	COMMON_QUEUE_NOTIFY = 0x1e,
	COMMON_QUEUE_DESC = 0x20,
	COMMON_QUEUE_AVAIL = 0x28,
	COMMON_QUEUE_USED = 0x30,
	COMMON_BYTES = 0x38,
};
#define NO_VECTOR 0xffff

/* Device status (2.1). */
#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER      2
#define STATUS_DRIVER_OK   4
#define STATUS_FEATURES_OK 8
#define STATUS_FAILED      128

/* More of a capability than any driver here looks at is not mapped. */
#define PART_BYTES_MAX 0x10000

#define RESET_POLLS 1000000

/* ---- access to the parts -------------------------------------------------------------------- */

static uint8_t common_read8(const struct virtio_device *device, enum common_field field)
{
	return region_read8(device->common, field);
}

static uint16_t common_read16(const struct virtio_device *device, enum common_field field)
{
	return region_read16(device->common, field);
}

static uint32_t common_read32(const struct virtio_device *device, enum common_field field)
{
	return region_read32(device->common, field);
}

static void common_write8(struct virtio_device *device, enum common_field field, uint8_t value)
{
	region_write8(device->common, field, value);
}

static void common_write16(struct virtio_device *device, enum common_field field, uint16_t value)
{
	region_write16(device->common, field, value);
}

static void common_write32(struct virtio_device *device, enum common_field field, uint32_t value)
{
	region_write32(device->common, field, value);
}

/* 64-bit fields are written as two halves (4.1.3.1). */
static void common_write64(struct virtio_device *device, enum common_field field, uint64_t value)
{
	region_write32(device->common, field, (uint32_t)value);
	region_write32(device->common, field + 4, (uint32_t)(value >> 32));
}

static void status_add(struct virtio_device *device, uint8_t bits)
{
	common_write8(device, COMMON_STATUS, common_read8(device, COMMON_STATUS) | bits);
}

static bool config_has(const struct virtio_device *device, uint32_t at, uint32_t bytes)
{
	return device->config && at + bytes <= device->config->bytes;
}

uint8_t virtio_config_read8(const struct virtio_device *device, uint32_t at)
{
	if (!config_has(device, at, 1))
		return 0;
	return region_read8(device->config, at);
}

uint16_t virtio_config_read16(const struct virtio_device *device, uint32_t at)
{
	if (!config_has(device, at, 2))
		return 0;
	return region_read16(device->config, at);
}

uint32_t virtio_config_read32(const struct virtio_device *device, uint32_t at)
{
	if (!config_has(device, at, 4))
		return 0;
	return region_read32(device->config, at);
}

/* Two halves, read again if the device has changed them meanwhile (2.5.1). */
uint64_t virtio_config_read64(const struct virtio_device *device, uint32_t at)
{
	uint64_t value;
	uint8_t before;
	int tries = 10;

	do {
		before = common_read8(device, COMMON_GENERATION);
		value = virtio_config_read32(device, at);
		value |= (uint64_t)virtio_config_read32(device, at + 4) << 32;
	} while (before != common_read8(device, COMMON_GENERATION) && --tries > 0);
	return value;
}

/* ---- finding the parts ---------------------------------------------------------------------- */

static const struct region **part_of_type(
	struct virtio_device *device, uint8_t type, uint32_t *bytes_min)
{
	switch (type) {
	case CAP_TYPE_COMMON:
		*bytes_min = COMMON_BYTES;
		return &device->common;
	case CAP_TYPE_NOTIFY:
		*bytes_min = 2;
		return &device->notify;
	case CAP_TYPE_ISR:
		*bytes_min = 1;
		return &device->isr;
	case CAP_TYPE_CONFIG:
		*bytes_min = 1;
		return &device->config;
	default:
		return NULL;
	}
}

/* One vendor capability. The first of a type that can be mapped is taken (4.1.4.1). */
static int part_read(struct virtio_device *device, unsigned cap)
{
	struct pci_device *pci = device->pci;
	uint32_t bytes_min, offset, length;
	const struct region **part =
		part_of_type(device, pci_read8(pci, cap + CAP_TYPE), &bytes_min);
	int err;

	if (!part || *part)
		return 0;
	offset = pci_read32(pci, cap + CAP_OFFSET);
	length = pci_read32(pci, cap + CAP_LENGTH);
	if (length < bytes_min)
		return 0;
	length = min(length, (uint32_t)PART_BYTES_MAX);
	if (part == &device->notify)
		device->notify_multiplier = pci_read32(pci, cap + CAP_MULTIPLIER);
	err = pci_map(pci, pci_read8(pci, cap + CAP_BAR), offset, length, part);
	if (err)
		*part = NULL;
	return err == -ENODEV ? 0 : err;
}

static int parts_find(struct virtio_device *device)
{
	unsigned cap = 0;
	int err = 0;

	while (!err && (cap = pci_capability(device->pci, PCI_CAP_VENDOR, cap)) != 0)
		err = part_read(device, cap);
	if (err)
		return err;
	if (!device->common || !device->notify || !device->isr)
		return -ENODEV;
	return 0;
}

/* Reset is done when the status reads as 0 (4.1.4.3.2). */
static int device_reset(struct virtio_device *device)
{
	common_write8(device, COMMON_STATUS, 0);
	for (int i = 0; i < RESET_POLLS; i++) {
		if (common_read8(device, COMMON_STATUS) == 0)
			return 0;
		cpu_relax();
	}
	return -EIO;
}

/* ---- attaching ------------------------------------------------------------------------------ */

int virtio_attach(struct virtio_device *device, struct pci_device *pci, const char *name)
{
	int err;

	device->name = name;
	device->pci = pci;
	list_init(&device->queues);
	err = pci_acquire(pci, name);
	if (err)
		return err;
	err = parts_find(device);
	if (err)
		goto release_pci;
	err = device_reset(device);
	if (err)
		goto release_pci;
	status_add(device, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
	err = virtio_interrupts_init(device);
	if (err)
		goto release_pci;
	return 0;

release_pci:
	pci_release(pci);
	return err;
}

void virtio_detach(struct virtio_device *device)
{
	struct virtio_queue *queue, *next;

	(void)!device_reset(device);
	virtio_interrupts_exit(device);
	list_for_each_safe(queue, next, &device->queues, link) {
		list_del(&queue->link);
		kfree(queue->slots);
		frame_put(queue->memory);
	}
	pci_release(device->pci);
}

int virtio_negotiate(struct virtio_device *device, uint64_t wanted)
{
	uint64_t offered;

	common_write32(device, COMMON_DEVICE_FEATURE_SELECT, 0);
	offered = common_read32(device, COMMON_DEVICE_FEATURE);
	common_write32(device, COMMON_DEVICE_FEATURE_SELECT, 1);
	offered |= (uint64_t)common_read32(device, COMMON_DEVICE_FEATURE) << 32;
	if (!(offered & VIRTIO_F_VERSION_1))
		return -ENODEV;
	device->features = offered & (wanted | VIRTIO_F_VERSION_1);
	common_write32(device, COMMON_DRIVER_FEATURE_SELECT, 0);
	common_write32(device, COMMON_DRIVER_FEATURE, (uint32_t)device->features);
	common_write32(device, COMMON_DRIVER_FEATURE_SELECT, 1);
	common_write32(device, COMMON_DRIVER_FEATURE, (uint32_t)(device->features >> 32));
	status_add(device, STATUS_FEATURES_OK);
	if (!(common_read8(device, COMMON_STATUS) & STATUS_FEATURES_OK))
		return -ENODEV;
	if (device->msix)
		common_write16(device, COMMON_MSIX_CONFIG, 0);
	return 0;
}

/* ---- queues --------------------------------------------------------------------------------- */

/* Rings in frames of their own, slots on the heap. */
static int queue_memory_alloc(struct virtio_queue *queue, uint16_t size)
{
	size_t bytes = virtqueue_bytes(size);
	unsigned order = 0;
	int err;

	while (((size_t)PAGE_SIZE << order) < bytes)
		order++;
	queue->slots = kmalloc(size * sizeof(*queue->slots));
	if (!queue->slots)
		return -ENOMEM;
	err = frame_alloc(order, FRAME_DMA, &queue->memory);
	if (err) {
		kfree(queue->slots);
		return err;
	}
	memset(frame_virt(queue->memory), 0, bytes);
	return 0;
}

/* Tell the device where the selected queue's rings are (4.1.5.1.3). */
static int queue_tell(struct virtio_queue *queue, uint16_t size)
{
	struct virtio_device *device = queue->device;
	paddr_t paddr = frame_paddr(queue->memory);

	queue->notify_at =
		(uint64_t)device->notify_multiplier * common_read16(device, COMMON_QUEUE_NOTIFY);
	if (queue->notify_at + 2 > device->notify->bytes)
		return -ENODEV;
	common_write16(device, COMMON_QUEUE_SIZE, size);
	common_write64(device, COMMON_QUEUE_DESC, paddr);
	common_write64(device, COMMON_QUEUE_AVAIL, paddr + virtqueue_avail_offset(size));
	common_write64(device, COMMON_QUEUE_USED, paddr + virtqueue_used_offset(size));
	if (device->msix) {
		uint16_t vector = (uint16_t)(device->vector_count - 1);

		common_write16(device, COMMON_QUEUE_MSIX, vector);
		if (common_read16(device, COMMON_QUEUE_MSIX) == NO_VECTOR)
			return -ENODEV;
	}
	common_write16(device, COMMON_QUEUE_ENABLE, 1);
	return 0;
}

int virtio_queue_init(struct virtio_device *device, struct virtio_queue *queue, uint16_t index,
	uint16_t size_max, void (*handler)(struct virtio_queue *), void *driver)
{
	uint16_t size;
	int err;

	*queue = (struct virtio_queue){
		.device = device, .index = index, .handler = handler, .driver = driver
	};
	spin_init(&queue->lock, "virtqueue", RANK_VIRTQUEUE);
	common_write16(device, COMMON_QUEUE_SELECT, index);
	size = common_read16(device, COMMON_QUEUE_SIZE);
	size = min(size, size_max);
	if (!is_power_of_2(size) || size > VIRTQUEUE_SIZE_MAX)
		return -ENODEV;
	err = queue_memory_alloc(queue, size);
	if (err)
		return err;
	virtqueue_init(&queue->vq, size, frame_virt(queue->memory), queue->slots,
		virtio_has(device, VIRTIO_F_EVENT_IDX));
	err = queue_tell(queue, size);
	if (err) {
		kfree(queue->slots);
		frame_put(queue->memory);
		return err;
	}
	list_add_tail(&queue->link, &device->queues);
	return 0;
}

void virtio_start(struct virtio_device *device)
{
	status_add(device, STATUS_DRIVER_OK);
}

void virtio_queue_kick_locked(struct virtio_queue *queue)
{
	spin_assert_held(&queue->lock);
	if (virtqueue_publish(&queue->vq) && !READ_ONCE(queue->device->failed))
		region_write16(queue->device->notify, queue->notify_at, queue->index);
}

void virtio_fail(struct virtio_device *device, const char *why)
{
	struct virtio_queue *queue;

	if (__atomic_exchange_n(&device->failed, true, __ATOMIC_ACQ_REL))
		return;
	log_error("%s: %s: device given up", device->name, why);
	status_add(device, STATUS_FAILED);
	if (device_reset(device))
		log_error("%s: it does not even reset", device->name);
	list_for_each(queue, &device->queues, link) {
		uint64_t flags = spin_lock_irqsave(&queue->lock);

		queue->vq.broken = true;
		spin_unlock_irqrestore(&queue->lock, flags);
	}
}
