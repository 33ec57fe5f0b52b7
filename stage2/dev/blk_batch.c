/*
 * Batches: whole frames between memory and a block device. All requests of a batch are under way at
 * once, and who asked sleeps until the last has ended.
 *
 * `pending` is the last thing of a batch that the end of a request touches, so the batch may be
 * freed as soon as it is 0; hence who waits does not wait in it.
 */
#include "dev/blk.h"

#include "abi/errno.h"
#include "arch/memory_map.h"
#include "lib/assert.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "sched/wait.h"

static struct wait_queue waits = WAIT_QUEUE_INIT(waits);

struct blk_batch *blk_batch_create(unsigned req_max, unsigned segment_max)
{
	struct blk_batch *batch = kmalloc(sizeof(*batch) + req_max * sizeof(struct blk_req) +
					  segment_max * sizeof(struct blk_segment));

	if (!batch)
		return NULL;
	batch->reqs = (struct blk_req *)(batch + 1);
	batch->req_max = req_max;
	batch->segments = (struct blk_segment *)(batch->reqs + req_max);
	batch->segment_max = segment_max;
	return batch;
}

void blk_batch_begin(struct blk_batch *batch, struct blk_device *device, enum blk_op op)
{
	batch->device = device;
	batch->op = op;
	batch->req_count = batch->segment_count = 0;
	batch->status = 0;
	batch->pending = 0;
}

static void batch_done(struct blk_req *req)
{
	struct blk_batch *batch = req->data;

	if (req->status && batch->status == 0)
		WRITE_ONCE(batch->status, req->status);
	if (__atomic_sub_fetch(&batch->pending, 1, __ATOMIC_RELEASE) == 0)
		wait_wake_all(&waits, 0);
}

static void batch_run(struct blk_batch *batch)
{
	struct list_head reqs = LIST_INIT(reqs);

	if (batch->req_count == 0)
		return;
	for (unsigned i = 0; i < batch->req_count; i++)
		list_add_tail(&batch->reqs[i].link, &reqs);
	batch->pending = batch->req_count;
	blk_submit_all(batch->device, &reqs);
	(void)!wait_event(&waits, WAIT_UNINTERRUPTIBLE, WAIT_FOREVER,
		__atomic_load_n(&batch->pending, __ATOMIC_ACQUIRE) == 0);
	batch->req_count = batch->segment_count = 0;
}

/* The last request, if the frame can go with it. Its bytes are summed up in `bytes`. */
static struct blk_req *req_to_extend(struct blk_batch *batch, uint64_t sector, uint32_t bytes)
{
	const struct blk_device *device = batch->device;
	struct blk_req *req;

	if (batch->req_count == 0)
		return NULL;
	req = &batch->reqs[batch->req_count - 1];
	if (req->sector + (req->bytes >> BLK_SECTOR_SHIFT) != sector ||
		req->bytes % PAGE_SIZE != 0 || req->bytes + bytes > device->max_bytes ||
		req->segment_count == device->max_segments)
		return NULL;
	return req;
}

void blk_batch_add(
	struct blk_batch *batch, uint64_t sector, const struct frame *frame, uint32_t bytes)
{
	struct blk_req *req;

	assert(bytes > 0 && bytes <= PAGE_SIZE);
	if (batch->segment_count == batch->segment_max)
		batch_run(batch);
	req = req_to_extend(batch, sector, bytes);
	if (!req && batch->req_count == batch->req_max)
		batch_run(batch);
	if (!req) {
		req = &batch->reqs[batch->req_count++];
		*req = (struct blk_req){
			.device = batch->device,
			.op = batch->op,
			.sector = sector,
			.segments = &batch->segments[batch->segment_count],
			.done = batch_done,
			.data = batch,
		};
	}
	batch->segments[batch->segment_count++] =
		(struct blk_segment){ .paddr = frame_paddr(frame), .bytes = bytes };
	req->segment_count++;
	req->bytes += bytes;
}

int blk_batch_end(struct blk_batch *batch)
{
	batch_run(batch);
	return batch->status;
}
