/*
 * Reading the root archive. On a disk, pages that begin at a sector are read straight into their
 * frames, in requests as long as the device takes, all under way at once; anything else goes
 * through a buffer.
 */
#include "fs/cpio/archive.h"

#include "abi/errno.h"
#include "arch/memory_map.h"
#include "dev/blk.h"
#include "fs/page_cache.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "sched/wait.h"

static bool range_ok(const struct archive *archive, uint64_t offset, uint64_t bytes)
{
	return offset <= archive->bytes && bytes <= archive->bytes - offset;
}

struct frame *archive_frame(const struct archive *archive, uint64_t offset)
{
	if (archive->disk || !IS_ALIGNED(archive->memory + offset, PAGE_SIZE) ||
		!range_ok(archive, offset, PAGE_SIZE))
		return NULL;
	return frame_at(archive->memory + offset);
}

/* ---- any bytes ----------------------------------------------------------------------------------
 */

/* From the disk through a buffer of whole sectors. */
static int disk_read(const struct archive *archive, uint64_t offset, void *buf, size_t bytes)
{
	uint64_t at = archive->disk_offset + offset;
	uint64_t first = ALIGN_DOWN(at, BLK_SECTOR_BYTES);
	size_t span = (size_t)(ALIGN_UP(at + bytes, BLK_SECTOR_BYTES) - first);
	char *bounce = kmalloc(span);
	int err;

	if (!bounce)
		return -ENOMEM;
	err = blk_read(archive->disk, first >> BLK_SECTOR_SHIFT, bounce, span);
	if (!err)
		memcpy(buf, bounce + (at - first), bytes);
	kfree(bounce);
	return err;
}

int archive_read(const struct archive *archive, uint64_t offset, void *buf, size_t bytes)
{
	if (!range_ok(archive, offset, bytes))
		return -EINVAL;
	if (bytes == 0)
		return 0;
	if (archive->disk)
		return disk_read(archive, offset, buf, bytes);
	memcpy(buf, (char *)phys_to_virt(archive->memory) + offset, bytes);
	return 0;
}

/* ---- pages
 * ---------------------------------------------------------------------------------------- */

/* The requests of one call. `pending` is the last thing that a request's end touches. */
struct batch {
	struct blk_req reqs[PAGE_CACHE_BATCH];
	struct blk_segment segments[PAGE_CACHE_BATCH];
	int status;       /* [a] the first error */
	unsigned pending; /* [a] not yet done */
};

/* Who waits for a batch. Not in it, because it may be freed as soon as pending is 0. */
static struct wait_queue batch_waits = WAIT_QUEUE_INIT(batch_waits);

static void batch_done(struct blk_req *req)
{
	struct batch *batch = req->data;

	if (req->status)
		WRITE_ONCE(batch->status, req->status);
	if (__atomic_sub_fetch(&batch->pending, 1, __ATOMIC_RELEASE) == 0)
		wait_wake_all(&batch_waits, 0);
}

/* One segment a frame, as many in one request as the device takes. */
static void batch_prepare(struct batch *batch, const struct archive *archive, uint64_t sector,
	struct frame **frames, uint64_t bytes, struct list_head *reqs)
{
	unsigned each = (unsigned)min((uint64_t)archive->disk->max_segments,
		max(archive->disk->max_bytes / PAGE_SIZE, (uint64_t)1));
	unsigned count = (unsigned)DIV_ROUND_UP(bytes, PAGE_SIZE);

	for (unsigned i = 0; i < count; i++) {
		uint64_t left = ALIGN_UP(bytes - i * (uint64_t)PAGE_SIZE, BLK_SECTOR_BYTES);

		batch->segments[i] = (struct blk_segment){
			.paddr = frame_paddr(frames[i]),
			.bytes = (uint32_t)min(left, (uint64_t)PAGE_SIZE),
		};
	}
	for (unsigned i = 0; i < count; i += each) {
		struct blk_req *req = &batch->reqs[batch->pending++];

		*req = (struct blk_req){
			.device = archive->disk,
			.op = BLK_READ,
			.sector = sector + i * (uint64_t)(PAGE_SIZE / BLK_SECTOR_BYTES),
			.segments = &batch->segments[i],
			.segment_count = min(each, count - i),
			.done = batch_done,
			.data = batch,
		};
		list_add_tail(&req->link, reqs);
	}
}

static int disk_read_frames(
	const struct archive *archive, uint64_t at, struct frame **frames, uint64_t bytes)
{
	struct batch *batch = kzalloc(sizeof(*batch));
	struct list_head reqs = LIST_INIT(reqs);
	int err;

	if (!batch)
		return -ENOMEM;
	batch_prepare(batch, archive, at >> BLK_SECTOR_SHIFT, frames, bytes, &reqs);
	blk_submit_all(archive->disk, &reqs);
	err = wait_event(&batch_waits, WAIT_UNINTERRUPTIBLE, WAIT_FOREVER,
		__atomic_load_n(&batch->pending, __ATOMIC_ACQUIRE) == 0);
	if (!err)
		err = batch->status;
	kfree(batch);
	return err;
}

/* Page by page, wherever they begin. */
static int copy_frames(
	const struct archive *archive, uint64_t offset, struct frame **frames, uint64_t bytes)
{
	for (unsigned i = 0; i * (uint64_t)PAGE_SIZE < bytes; i++) {
		uint64_t done = i * (uint64_t)PAGE_SIZE;
		int err = archive_read(archive, offset + done, frame_virt(frames[i]),
			min(bytes - done, (uint64_t)PAGE_SIZE));

		if (err)
			return err;
	}
	return 0;
}

int archive_read_frames(const struct archive *archive, uint64_t offset, struct frame **frames,
	unsigned count, uint64_t bytes)
{
	uint64_t at = archive->disk_offset + offset;
	int err = 0;

	assert(count <= PAGE_CACHE_BATCH && bytes <= (uint64_t)count * PAGE_SIZE);
	if (!range_ok(archive, offset, bytes))
		return -EINVAL;
	if (bytes > 0 && archive->disk && IS_ALIGNED(at, BLK_SECTOR_BYTES))
		err = disk_read_frames(archive, at, frames, bytes);
	else
		err = copy_frames(archive, offset, frames, bytes);
	for (unsigned i = 0; !err && i < count; i++) {
		uint64_t start = i * (uint64_t)PAGE_SIZE;
		uint64_t valid = bytes > start ? min(bytes - start, (uint64_t)PAGE_SIZE) : 0;

		memset((char *)frame_virt(frames[i]) + valid, 0, PAGE_SIZE - valid);
	}
	return err;
}
