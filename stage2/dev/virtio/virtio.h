#ifndef DEV_VIRTIO_H
#define DEV_VIRTIO_H
/*
 * A virtio 1.2 device behind PCI (4.1), and its queues: what all virtio drivers share.
 *
 * A driver: virtio_attach, virtio_negotiate, virtio_queue_init for each queue, virtio_start. On a
 * failure before that, virtio_detach takes all back. A device that breaks its promises is stopped
 * with virtio_fail and stays silent; it is never a panic.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/irq.h"
#include "core/spinlock.h"
#include "dev/pci/pci.h"
#include "dev/virtio/virtqueue.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "mm/frame.h"

#define VIRTIO_VENDOR            0x1af4
#define VIRTIO_TRANSITIONAL(pci) (0x1000 + (pci))
#define VIRTIO_MODERN(type)      (0x1040 + (type))

/* Device types (5). */
#define VIRTIO_TYPE_BLK     2
#define VIRTIO_TYPE_CONSOLE 3
#define VIRTIO_TYPE_RNG     4

/* Feature bits of every device (6). */
#define VIRTIO_F_INDIRECT_DESC BIT(28)
#define VIRTIO_F_EVENT_IDX     BIT(29)
#define VIRTIO_F_VERSION_1     BIT(32)

#define VIRTIO_VECTORS 2 /* changes of configuration; queues */

struct virtio_device;

struct virtio_queue {
	struct virtio_device *device; /* [I] */
	uint16_t index;               /* [I] */
	uint64_t notify_at;           /* [I] in device->notify */
	struct frame *memory;         /* [I] rings */
	struct vq_slot *slots;        /* [I] */
	struct spinlock lock;
	struct virtqueue vq; /* [lock] */
	/* [I] Used buffers are there, or the device was asked for something else on this vector.
	 * Runs in an interrupt, no lock held. */
	void (*handler)(struct virtio_queue *queue);
	void *driver;          /* [I] */
	struct list_head link; /* [I] after virtio_start */
};

/* An interrupt of the device. */
struct virtio_vector {
	struct virtio_device *device;
	struct irq *irq;
	bool config; /* changes of configuration come here */
	bool queues; /* used buffers come here */
};

struct virtio_device {
	const char *name;       /* [I] the driver's */
	struct pci_device *pci; /* [I] */
	/* [I] What the capabilities of 4.1.4 name; config may be NULL. */
	const struct region *common, *notify, *isr, *config;
	uint32_t notify_multiplier; /* [I] */
	uint64_t features;          /* [I] negotiated */
	struct virtio_vector vectors[VIRTIO_VECTORS];
	unsigned vector_count;   /* [I] */
	bool msix;               /* [I] */
	struct list_head queues; /* [I] after virtio_start */
	bool failed;             /* [a] */
	/* [I] The configuration has changed; in an interrupt. NULL: of no interest. */
	void (*config_changed)(struct virtio_device *device);
	void *driver; /* [I] */
};

/* Take the PCI function, find its parts, reset it, set up its interrupts. config_changed and driver
 * may be set before. Threads only. -ENODEV: not a modern device; or as pci_map, irq_request_*. */
__must_check int virtio_attach(
	struct virtio_device *device, struct pci_device *pci, const char *name);
/* Undo everything: the device is reset, its irqs, queues and regions are given back. */
void virtio_detach(struct virtio_device *device);

/* Accept those of `wanted` that the device offers; VERSION_1 is always wanted, and needed. -ENODEV.
 */
__must_check int virtio_negotiate(struct virtio_device *device, uint64_t wanted);
static inline bool virtio_has(const struct virtio_device *device, uint64_t feature)
{
	return device->features & feature;
}

/* Set up queue `index` with at most size_max entries. The handler may be NULL (the queue is looked
 * at otherwise). -ENODEV: no such queue; -ENOMEM. */
__must_check int virtio_queue_init(struct virtio_device *device, struct virtio_queue *queue,
	uint16_t index, uint16_t size_max, void (*handler)(struct virtio_queue *), void *driver);

/* DRIVER_OK: from here on queues run. */
void virtio_start(struct virtio_device *device);

/* Publish what was added and notify the device if it wants that. The queue's lock is held. */
void virtio_queue_kick_locked(struct virtio_queue *queue);

/* The device has broken a promise, or a driver gives it up: say so, reset it; it does nothing any
 * more. Buffers are the caller's to reclaim. Any context, no queue lock held. */
void virtio_fail(struct virtio_device *device, const char *why);

/* Device configuration (4.1.4.6); reads past its end give 0. */
uint8_t virtio_config_read8(const struct virtio_device *device, uint32_t at);
uint16_t virtio_config_read16(const struct virtio_device *device, uint32_t at);
uint32_t virtio_config_read32(const struct virtio_device *device, uint32_t at);
uint64_t virtio_config_read64(const struct virtio_device *device, uint32_t at);

#endif
