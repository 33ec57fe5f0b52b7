/*
 * virtio-blk (virtio 1.2, 5.2): disks vda, vdb, ...
 *
 * A request of the device is a header, the data, and a byte of status. Header, status and, where
 * the device takes indirect descriptors, the table of descriptors lie in a tag of 1 KiB; there are
 * TAGS of them, so so many requests are under way at once. More wait in the block queue
 * (dev/blk.c).
 *
 * One queue. No multiqueue, no write-cache control.
 */
#include "dev/blk.h"
#include "abi/errno.h"
#include "abi/stat.h"
#include "core/log.h"
#include "dev/virtio/virtio.h"
#include "dev/virtio/virtio_drivers.h"
#include "lib/format.h"
#include "mm/slab.h"

/* Feature bits (5.2.3). */
#define BLK_F_SIZE_MAX BIT(1)
#define BLK_F_SEG_MAX  BIT(2)
#define BLK_F_RO       BIT(5)
#define BLK_F_BLK_SIZE BIT(6)
#define BLK_F_FLUSH    BIT(9)
#define BLK_F_DISCARD  BIT(13)

/* Configuration (5.2.4). */
#define CONFIG_CAPACITY 0
#define CONFIG_SIZE_MAX 8
#define CONFIG_SEG_MAX  12
#define CONFIG_BLK_SIZE 20
#define CONFIG_DISCARD  36 /* max_discard_sectors */

struct blk_header { /* 5.2.6 */
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};
static_assert(sizeof(struct blk_header) == 16, "virtio 1.2, 5.2.6");

struct blk_discard { /* 5.2.6: struct virtio_blk_discard_write_zeroes */
	uint64_t sector;
	uint32_t sectors;
	uint32_t flags;
};
static_assert(sizeof(struct blk_discard) == 16, "virtio 1.2, 5.2.6");

#define TYPE_READ          0
#define TYPE_WRITE         1
#define TYPE_FLUSH         4
#define TYPE_DISCARD       11
#define STATUS_OK          0
#define STATUS_UNSUPPORTED 2

#define QUEUE_SIZE   128
#define TAGS         32
#define TAG_ORDER    3 /* 32 KiB of tags */
#define PIECES_MAX   61
#define SEGMENTS_MAX (PIECES_MAX - 2) /* without header and status */

#define BYTES_MAX      (1u << 20)
#define DISKS_MAX      26
#define MAJOR          254 /* what Debian's Linux gives it */
#define PARTITION_BITS 4

/* Shared with the device. */
struct blk_tag {
	struct blk_header header;
	uint8_t status;
	uint8_t unused[15];
	struct blk_discard discard;
	struct vring_desc table[PIECES_MAX];
};
static_assert(sizeof(struct blk_tag) * TAGS == PAGE_SIZE << TAG_ORDER, "tags fill their frames");

struct virtio_blk {
	struct virtio_device device;
	struct virtio_queue queue;
	struct blk_device blk;
	struct frame *tag_frames;           /* [I] */
	struct blk_tag *tags;               /* [I] */
	bool indirect;                      /* [I] */
	struct blk_req *reqs[TAGS];         /* [queue lock] what each tag is used for */
	unsigned free[TAGS];                /* [queue lock] stack of free tags */
	unsigned free_count;                /* [queue lock] */
	struct vq_piece pieces[PIECES_MAX]; /* [queue lock] scratch of blk_start */
};

/* [I] by the thread that probes */
static unsigned disk_count;

/* ---- starting ------------------------------------------------------------------------------- */

static uint32_t header_type(enum blk_op op)
{
	switch (op) {
	case BLK_READ:
		return TYPE_READ;
	case BLK_WRITE:
		return TYPE_WRITE;
	case BLK_DISCARD:
		return TYPE_DISCARD;
	case BLK_FLUSH:
	case BLK_OPS:
		break;
	}
	return TYPE_FLUSH;
}

/* Header, the segments of the whole group, status. Returns how many. */
static unsigned pieces_make_locked(
	struct virtio_blk *disk, const struct blk_req *req, struct blk_tag *tag)
{
	struct vq_piece *piece = disk->pieces;
	bool reading = req->op == BLK_READ;

	*piece++ = (struct vq_piece){ virt_to_phys(&tag->header), sizeof(tag->header), false };
	if (req->op == BLK_DISCARD) {
		tag->discard = (struct blk_discard){ .sector = req->sector,
			.sectors = (uint32_t)req->discard_sectors };
		*piece++ = (struct vq_piece){ virt_to_phys(&tag->discard), sizeof(tag->discard),
			false };
	}
	for (; req; req = req->merged)
		for (unsigned i = 0; i < req->segment_count; i++)
			*piece++ = (struct vq_piece){ req->segments[i].paddr,
				req->segments[i].bytes, reading };
	*piece++ = (struct vq_piece){ virt_to_phys(&tag->status), sizeof(tag->status), true };
	return (unsigned)(piece - disk->pieces);
}

static int start_locked(struct virtio_blk *disk, struct blk_req *req)
{
	unsigned number, count;
	struct blk_tag *tag;
	struct vq_table table;
	int err;

	if (disk->free_count == 0)
		return -EAGAIN;
	number = disk->free[disk->free_count - 1];
	tag = &disk->tags[number];
	tag->header = (struct blk_header){ .type = header_type(req->op),
		.sector = req->op <= BLK_WRITE ? req->sector : 0 };
	tag->status = 0xff;
	table = (struct vq_table){ tag->table, virt_to_phys(tag->table) };
	count = pieces_make_locked(disk, req, tag);
	err = virtqueue_add(
		&disk->queue.vq, disk->pieces, count, disk->indirect ? &table : NULL, tag);
	if (err)
		return err == -ENOSPC ? -EAGAIN : -EIO;
	disk->free_count--;
	disk->reqs[number] = req;
	return 0;
}

static int blk_start(struct blk_device *blk, struct blk_req *req, unsigned segments)
{
	struct virtio_blk *disk = blk->driver;
	uint64_t flags;
	int err;

	assert(segments <= SEGMENTS_MAX);
	flags = spin_lock_irqsave(&disk->queue.lock);
	err = start_locked(disk, req);
	spin_unlock_irqrestore(&disk->queue.lock, flags);
	return err;
}

static void blk_kick(struct blk_device *blk)
{
	struct virtio_blk *disk = blk->driver;
	uint64_t flags = spin_lock_irqsave(&disk->queue.lock);

	virtio_queue_kick_locked(&disk->queue);
	spin_unlock_irqrestore(&disk->queue.lock, flags);
}

static const struct blk_ops blk_ops = { .start = blk_start, .kick = blk_kick };

/* ---- completion ----------------------------------------------------------------------------- */

/* A tag is free again; the request that it served. */
static struct blk_req *tag_free_locked(struct virtio_blk *disk, const struct blk_tag *tag)
{
	unsigned number = (unsigned)(tag - disk->tags);
	struct blk_req *req = disk->reqs[number];

	disk->reqs[number] = NULL;
	disk->free[disk->free_count++] = number;
	return req;
}

/* Move what the device has done to `done`, with its status. False: the queue is broken. */
static bool collect(struct virtio_blk *disk, struct list_head *done)
{
	uint64_t flags = spin_lock_irqsave(&disk->queue.lock);
	struct blk_tag *tag;
	uint32_t bytes;
	bool good;

	do {
		while ((tag = virtqueue_take(&disk->queue.vq, &bytes)) != NULL) {
			uint8_t status = READ_ONCE(tag->status);
			struct blk_req *req = tag_free_locked(disk, tag);

			req->status = status == STATUS_OK            ? 0
			              : status == STATUS_UNSUPPORTED ? -EOPNOTSUPP
			                                             : -EIO;
			list_add_tail(&req->link, done);
		}
	} while (virtqueue_listen(&disk->queue.vq));
	good = !disk->queue.vq.broken;
	spin_unlock_irqrestore(&disk->queue.lock, flags);
	return good;
}

static void end_each(struct list_head *done)
{
	struct blk_req *req, *next;

	list_for_each_safe(req, next, done, link) {
		list_del(&req->link);
		blk_done(req, req->status);
	}
}

/* The device is reset: all it had comes back with an error. */
static void disk_fail(struct virtio_blk *disk)
{
	struct list_head lost = LIST_INIT(lost);
	struct blk_tag *tag;
	uint64_t flags;

	virtio_fail(&disk->device, "bad entry in the used ring");
	blk_fail(&disk->blk);
	flags = spin_lock_irqsave(&disk->queue.lock);
	while ((tag = virtqueue_reclaim(&disk->queue.vq)) != NULL) {
		struct blk_req *req = tag_free_locked(disk, tag);

		req->status = -EIO;
		list_add_tail(&req->link, &lost);
	}
	spin_unlock_irqrestore(&disk->queue.lock, flags);
	end_each(&lost);
}

static void blk_used(struct virtio_queue *queue)
{
	struct virtio_blk *disk = queue->driver;
	struct list_head done = LIST_INIT(done);
	bool good = collect(disk, &done);

	if (list_empty(&done) && good)
		return;
	end_each(&done);
	if (good)
		blk_dispatch(&disk->blk);
	else
		disk_fail(disk);
}

/* ---- attaching ------------------------------------------------------------------------------ */

static void limits_read(struct virtio_blk *disk)
{
	const struct virtio_device *device = &disk->device;
	struct blk_device *blk = &disk->blk;
	uint32_t seg_max = SEGMENTS_MAX, size_max = BYTES_MAX, block_bytes = BLK_SECTOR_BYTES;

	if (virtio_has(device, BLK_F_SEG_MAX))
		seg_max = virtio_config_read32(device, CONFIG_SEG_MAX);
	if (virtio_has(device, BLK_F_SIZE_MAX))
		size_max = virtio_config_read32(device, CONFIG_SIZE_MAX);
	if (virtio_has(device, BLK_F_BLK_SIZE))
		block_bytes = virtio_config_read32(device, CONFIG_BLK_SIZE);
	if (!is_power_of_2(block_bytes) || block_bytes < BLK_SECTOR_BYTES ||
		block_bytes > PAGE_SIZE)
		block_bytes = BLK_SECTOR_BYTES;
	seg_max = min(seg_max, (uint32_t)SEGMENTS_MAX);
	size_max = ALIGN_DOWN(min(size_max, (uint32_t)BYTES_MAX), block_bytes);
	blk->sectors = virtio_config_read64(device, CONFIG_CAPACITY);
	blk->block_bytes = block_bytes;
	blk->max_segments = max(seg_max, 1u);
	blk->max_segment_bytes = max(size_max, block_bytes);
	blk->max_bytes = BYTES_MAX;
	blk->read_only = virtio_has(device, BLK_F_RO);
	blk->cached = virtio_has(device, BLK_F_FLUSH);
	if (virtio_has(device, BLK_F_DISCARD))
		blk->discard_max = ALIGN_DOWN(virtio_config_read32(device, CONFIG_DISCARD),
			block_bytes >> BLK_SECTOR_SHIFT);
}

static int tags_alloc(struct virtio_blk *disk)
{
	int err = frame_alloc(TAG_ORDER, FRAME_DMA, &disk->tag_frames);

	if (err)
		return err;
	disk->tags = frame_virt(disk->tag_frames);
	for (unsigned i = 0; i < TAGS; i++)
		disk->free[i] = TAGS - 1 - i;
	disk->free_count = TAGS;
	return 0;
}

static int disk_attach(struct virtio_blk *disk, struct pci_device *pci)
{
	int err = virtio_attach(&disk->device, pci, "virtio-blk");

	if (err)
		return err;
	err = virtio_negotiate(&disk->device, BLK_F_SIZE_MAX | BLK_F_SEG_MAX | BLK_F_RO |
						      BLK_F_BLK_SIZE | BLK_F_FLUSH | BLK_F_DISCARD |
						      VIRTIO_F_INDIRECT_DESC | VIRTIO_F_EVENT_IDX);
	if (err)
		goto detach;
	err = virtio_queue_init(&disk->device, &disk->queue, 0, QUEUE_SIZE, blk_used, disk);
	if (err)
		goto detach;
	err = tags_alloc(disk);
	if (err)
		goto detach;
	return 0;

detach:
	virtio_detach(&disk->device);
	return err;
}

int virtio_blk_probe(struct pci_device *pci)
{
	struct virtio_blk *disk;
	int err;

	if (disk_count == DISKS_MAX)
		return -ENOSPC;
	disk = kzalloc(sizeof(*disk));
	if (!disk)
		return -ENOMEM;
	err = disk_attach(disk, pci);
	if (err) {
		kfree(disk);
		return err;
	}
	limits_read(disk);
	disk->indirect = virtio_has(&disk->device, VIRTIO_F_INDIRECT_DESC);
	if (!disk->indirect)
		disk->blk.max_segments =
			min(disk->blk.max_segments, (uint32_t)disk->queue.vq.size - 2);
	disk->blk.ops = &blk_ops;
	disk->blk.driver_name = "virtblk";
	disk->blk.driver = disk;
	snprintf(disk->blk.name, sizeof(disk->blk.name), "vd%c", 'a' + disk_count);
	disk->blk.rdev = rdev_make(MAJOR, disk_count++ << PARTITION_BITS);
	disk->blk.partitions_max = (1 << PARTITION_BITS) - 1;
	virtio_start(&disk->device);
	blk_register(&disk->blk);
	log_info("%s: %lu MiB%s%s", disk->blk.name, (unsigned long)(disk->blk.sectors >> 11),
		disk->blk.read_only ? ", read-only" : "", disk->blk.cached ? "" : ", no cache");
	return 0;
}
