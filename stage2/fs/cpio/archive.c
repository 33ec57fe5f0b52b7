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

/* ---- any bytes --------------------------------------------------------------------------- */

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

/* ---- pages ------------------------------------------------------------------------------- */

#define BATCH_REQS 4 /* more where the device takes less at once, one after another */

static int disk_read_frames(
	const struct archive *archive, uint64_t at, struct frame **frames, uint64_t bytes)
{
	struct blk_batch *batch = blk_batch_create(BATCH_REQS, PAGE_CACHE_BATCH);
	int err;

	if (!batch)
		return -ENOMEM;
	blk_batch_begin(batch, archive->disk, BLK_READ);
	for (; bytes > 0; frames++) {
		uint64_t part = min(bytes, (uint64_t)PAGE_SIZE);

		blk_batch_add(batch, at >> BLK_SECTOR_SHIFT, *frames,
			(uint32_t)ALIGN_UP(part, BLK_SECTOR_BYTES));
		at += part;
		bytes -= part;
	}
	err = blk_batch_end(batch);
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
