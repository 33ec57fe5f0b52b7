/*
 * The split virtqueue (virtio 1.2, 2.7). What is read back from shared memory is the used ring
 * alone; chains, tokens and sizes are kept in slots of our own, so that a device that scribbles
 * over the descriptor table confuses only itself.
 */
#include "dev/virtio/virtqueue.h"

#include "abi/errno.h"
#include "arch/cpu.h"

#define AVAIL_NO_INTERRUPT 1 /* 2.7.7 */
#define USED_NO_NOTIFY     1 /* 2.7.10 */

size_t virtqueue_avail_offset(uint16_t size)
{
	return (size_t)size * sizeof(struct vring_desc);
}

size_t virtqueue_used_offset(uint16_t size)
{
	size_t avail_bytes = sizeof(struct vring_avail) + ((size_t)size + 1) * sizeof(uint16_t);

	return ALIGN_UP(virtqueue_avail_offset(size) + avail_bytes, (size_t)4);
}

size_t virtqueue_bytes(uint16_t size)
{
	return virtqueue_used_offset(size) + sizeof(struct vring_used) +
	       size * sizeof(struct vring_used_entry) + sizeof(uint16_t);
}

void virtqueue_init(
	struct virtqueue *vq, uint16_t size, void *memory, struct vq_slot *slots, bool event_idx)
{
	assert(is_power_of_2(size) && size <= VIRTQUEUE_SIZE_MAX);
	*vq = (struct virtqueue){
		.size = size,
		.event_idx = event_idx,
		.desc = memory,
		.avail = (void *)((char *)memory + virtqueue_avail_offset(size)),
		.used = (void *)((char *)memory + virtqueue_used_offset(size)),
		.slots = slots,
		.free_count = size,
	};
	for (uint16_t i = 0; i < size; i++)
		slots[i] = (struct vq_slot){ .next = (uint16_t)(i + 1) };
}

/* The two event indices (2.7.7.1, 2.7.10.1) lie behind the rings. */
static uint16_t *used_event(struct virtqueue *vq)
{
	return &vq->avail->ring[vq->size];
}

static uint16_t avail_event(const struct virtqueue *vq)
{
	return *(const volatile uint16_t *)&vq->used->ring[vq->size];
}

static uint16_t used_index(const struct virtqueue *vq)
{
	return __atomic_load_n(&vq->used->index, __ATOMIC_ACQUIRE);
}

/* ---- adding --------------------------------------------------------------------------------- */

static uint16_t piece_flags(const struct vq_piece *piece)
{
	return piece->device_writes ? VRING_DESC_WRITE : 0;
}

static void table_fill(struct vring_desc *desc, const struct vq_piece *pieces, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		desc[i] = (struct vring_desc){
			.paddr = pieces[i].paddr,
			.bytes = pieces[i].bytes,
			.flags = (uint16_t)(piece_flags(&pieces[i]) |
					    (i + 1 < count ? VRING_DESC_NEXT : 0)),
			.next = (uint16_t)(i + 1 < count ? i + 1 : 0),
		};
}

/* Chain the first `count` free descriptors; they are left chained in the slots as well. Returns the
 * last one. */
static uint16_t chain_fill(struct virtqueue *vq, const struct vq_piece *pieces, unsigned count)
{
	uint16_t at = vq->free_first;

	for (unsigned i = 0;; i++) {
		uint16_t next = vq->slots[at].next;
		bool last = i + 1 == count;

		vq->desc[at] = (struct vring_desc){
			.paddr = pieces[i].paddr,
			.bytes = pieces[i].bytes,
			.flags = (uint16_t)(piece_flags(&pieces[i]) | (last ? 0 : VRING_DESC_NEXT)),
			.next = last ? 0 : next,
		};
		if (last)
			return at;
		at = next;
	}
}

int virtqueue_add(struct virtqueue *vq, const struct vq_piece *pieces, unsigned count,
	const struct vq_table *table, void *token)
{
	unsigned needed = table ? 1 : count;
	uint16_t first = vq->free_first, last = first;
	uint32_t writable = 0;

	assert(count > 0 && token);
	if (vq->broken)
		return -EIO;
	if (needed > vq->free_count)
		return -ENOSPC;
	for (unsigned i = 0; i < count; i++)
		writable += pieces[i].device_writes ? pieces[i].bytes : 0;
	if (table) {
		table_fill(table->desc, pieces, count);
		vq->desc[first] = (struct vring_desc){
			.paddr = table->paddr,
			.bytes = count * (uint32_t)sizeof(struct vring_desc),
			.flags = VRING_DESC_INDIRECT,
		};
	} else {
		last = chain_fill(vq, pieces, count);
	}
	vq->free_first = vq->slots[last].next;
	vq->free_count = (uint16_t)(vq->free_count - needed);
	vq->slots[first].token = token;
	vq->slots[first].writable = writable;
	vq->slots[first].count = (uint16_t)needed;
	vq->avail->ring[vq->avail_next % vq->size] = first;
	vq->avail_next++;
	return 0;
}

bool virtqueue_publish(struct virtqueue *vq)
{
	uint16_t told = vq->avail_told;

	if (told == vq->avail_next || vq->broken)
		return false;
	__atomic_store_n(&vq->avail->index, vq->avail_next, __ATOMIC_RELEASE);
	vq->avail_told = vq->avail_next;
	/* The index must be visible before the device's wish is read (2.7.13.4.1). */
	device_fence();
	if (!vq->event_idx)
		return !(vq->used->flags & USED_NO_NOTIFY);
	return (uint16_t)(vq->avail_next - avail_event(vq) - 1) < (uint16_t)(vq->avail_next - told);
}

/* ---- taking back ---------------------------------------------------------------------------- */

/* Give the buffer that begins at `first` back to the free list; returns its token. */
static void *slot_release(struct virtqueue *vq, uint16_t first)
{
	struct vq_slot *slot = &vq->slots[first];
	void *token = slot->token;
	uint16_t last = first;

	for (uint16_t i = 1; i < slot->count; i++)
		last = vq->slots[last].next;
	vq->slots[last].next = vq->free_first;
	vq->free_first = first;
	vq->free_count = (uint16_t)(vq->free_count + slot->count);
	slot->token = NULL;
	return token;
}

bool virtqueue_has_used(const struct virtqueue *vq)
{
	return !vq->broken && used_index(vq) != vq->used_next;
}

void *virtqueue_take(struct virtqueue *vq, uint32_t *bytes)
{
	uint32_t id;

	if (!virtqueue_has_used(vq))
		return NULL;
	id = vq->used->ring[vq->used_next % vq->size].id;
	*bytes = vq->used->ring[vq->used_next % vq->size].bytes;
	if (id >= vq->size || !vq->slots[id].token || *bytes > vq->slots[id].writable) {
		vq->broken = true;
		return NULL;
	}
	vq->used_next++;
	return slot_release(vq, (uint16_t)id);
}

void *virtqueue_reclaim(struct virtqueue *vq)
{
	for (uint16_t i = 0; i < vq->size; i++)
		if (vq->slots[i].token)
			return slot_release(vq, i);
	return NULL;
}

/* ---- interrupts ----------------------------------------------------------------------------- */

void virtqueue_quiet(struct virtqueue *vq)
{
	if (vq->event_idx)
		/* An index just passed: the farthest away. */
		WRITE_ONCE(*used_event(vq), (uint16_t)(vq->used_next - 1));
	else
		WRITE_ONCE(vq->avail->flags, AVAIL_NO_INTERRUPT);
}

bool virtqueue_listen(struct virtqueue *vq)
{
	if (vq->event_idx)
		WRITE_ONCE(*used_event(vq), vq->used_next);
	else
		WRITE_ONCE(vq->avail->flags, 0);
	/* The wish must be visible before the index is looked at again. */
	device_fence();
	return virtqueue_has_used(vq);
}
