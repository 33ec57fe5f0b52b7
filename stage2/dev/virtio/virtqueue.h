#ifndef DEV_VIRTQUEUE_H
#define DEV_VIRTQUEUE_H
/*
 * The split virtqueue of virtio 1.2 (2.7): buffers go to the device, and come back used.
 *
 * Pure logic over memory shared with the device: no locks (its owner's), no notification (the
 * functions say when one is due), so the host can test it. All that the device writes is checked: a
 * used entry that was not handed out, or longer than its buffer, makes the queue `broken`, after
 * which it takes and gives nothing. x86 is little-endian, as virtio is.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/assert.h"
#include "lib/compiler.h"
#include "lib/types.h"

#define VIRTQUEUE_SIZE_MAX 256

struct vring_desc { /* 2.7.5 */
	uint64_t paddr;
	uint32_t bytes;
	uint16_t flags;
	uint16_t next;
};
static_assert(sizeof(struct vring_desc) == 16, "virtio 1.2, 2.7.5");

#define VRING_DESC_NEXT     1
#define VRING_DESC_WRITE    2 /* the device writes it */
#define VRING_DESC_INDIRECT 4

struct vring_avail { /* 2.7.6; behind ring[size] lies used_event */
	uint16_t flags;
	uint16_t index;
	uint16_t ring[];
};

struct vring_used_entry { /* 2.7.8 */
	uint32_t id;
	uint32_t bytes;
};

struct vring_used { /* behind ring[size] lies avail_event */
	uint16_t flags;
	uint16_t index;
	struct vring_used_entry ring[];
};
static_assert(offsetof(struct vring_used, ring) == 4, "virtio 1.2, 2.7.8");

/* One piece of a buffer. Pieces that the device reads come before those that it writes. */
struct vq_piece {
	paddr_t paddr;
	uint32_t bytes;
	bool device_writes;
};

/* A table of descriptors for one indirect buffer (2.7.5.3): as many entries as pieces. */
struct vq_table {
	struct vring_desc *desc;
	paddr_t paddr;
};

/* What is ours alone about a descriptor: the device cannot change it. */
struct vq_slot {
	void *token;       /* of the buffer that begins here; NULL: none does */
	uint32_t writable; /* bytes that the device may write */
	uint16_t count;    /* descriptors of that buffer */
	uint16_t next;     /* in the buffer, or in the free list */
};

struct virtqueue {
	uint16_t size;
	bool event_idx; /* VIRTIO_F_EVENT_IDX was negotiated */
	bool broken;
	struct vring_desc *desc;
	struct vring_avail *avail;
	volatile struct vring_used *used;
	struct vq_slot *slots;
	uint16_t free_first, free_count;
	uint16_t avail_next; /* index after the last buffer added */
	uint16_t avail_told; /* index that the device has been told */
	uint16_t used_next;  /* index of the used entry to take next */
};

/* Bytes of shared memory that a queue of `size` (a power of two) takes; 16-byte aligned. */
size_t virtqueue_bytes(uint16_t size);
/* Where its parts lie in that memory. */
size_t virtqueue_avail_offset(uint16_t size);
size_t virtqueue_used_offset(uint16_t size);

/* An empty queue over zeroed shared memory, and `size` slots. */
void virtqueue_init(
	struct virtqueue *vq, uint16_t size, void *memory, struct vq_slot *slots, bool event_idx);

/* Add a buffer of 1 or more pieces; with a table it takes one descriptor. `token` (not NULL) comes
 * back with it. The device sees it after virtqueue_publish. -ENOSPC: no room now; -EIO: broken. */
__must_check int virtqueue_add(struct virtqueue *vq, const struct vq_piece *pieces, unsigned count,
	const struct vq_table *table, void *token);

/* Let the device see what was added. True: it wants to be notified. */
__must_check bool virtqueue_publish(struct virtqueue *vq);

/* Take the next used buffer: its token, and the bytes the device wrote. NULL: none (or broken). */
void *virtqueue_take(struct virtqueue *vq, uint32_t *bytes);
/* Is there one? */
bool virtqueue_has_used(const struct virtqueue *vq);

/* After a reset: take back a buffer that the device had not used. NULL: none is left. */
void *virtqueue_reclaim(struct virtqueue *vq);

/* Ask for no interrupts; a hint: they may come still. */
void virtqueue_quiet(struct virtqueue *vq);
/* Ask for an interrupt with the next used buffer. True: one is there already, take it now. */
__must_check bool virtqueue_listen(struct virtqueue *vq);

#endif
