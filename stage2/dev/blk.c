/*
 * The request queue of block devices: checking, merging, waiting for room.
 *
 * Requests go through a device's pending list in the order they came. Neighbours in that list that
 * are adjacent on the device are started as one request; so is every batch given to blk_submit_all,
 * and whatever piles up while the device is full. If a merged request fails, its parts are tried
 * once more, each alone, so that one bad sector does not fail its neighbours.
 *
 * No elevator, no plugging by time: hosts and flash reorder better than a guess here would.
 */
#include "dev/blk.h"

#include "abi/errno.h"
#include "arch/memory_map.h"
#include "arch/mmu.h"
#include "core/clock.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "sched/wait.h"

static struct {
	struct spinlock lock;
	struct list_head devices;      /* [lock] in order of registration */
	struct wait_queue synchronous; /* who waits in blk_read, blk_write, blk_flush */
} blks = {
	.lock = SPINLOCK_INIT("blk", RANK_REFS),
	.devices = LIST_INIT(blks.devices),
	.synchronous = WAIT_QUEUE_INIT(blks.synchronous),
};

/* ---- registry ------------------------------------------------------------------------------- */

void blk_register(struct blk_device *device)
{
	uint64_t flags;

	assert(device->max_segments > 0 && device->max_segment_bytes >= BLK_SECTOR_BYTES);
	spin_init(&device->lock, device->name, RANK_BLK_QUEUE);
	list_init(&device->pending);
	flags = spin_lock_irqsave(&blks.lock);
	list_add_tail(&device->link, &blks.devices);
	spin_unlock_irqrestore(&blks.lock, flags);
}

static struct blk_device *search(const char *name, unsigned index)
{
	struct blk_device *device, *found = NULL;
	uint64_t flags = spin_lock_irqsave(&blks.lock);

	list_for_each(device, &blks.devices, link) {
		if (name ? strcmp(device->name, name) == 0 : index-- == 0) {
			found = device;
			break;
		}
	}
	spin_unlock_irqrestore(&blks.lock, flags);
	return found;
}

struct blk_device *blk_find(const char *name)
{
	return search(name, 0);
}

struct blk_device *blk_at(unsigned index)
{
	return search(NULL, index);
}

/* ---- checking ------------------------------------------------------------------------------- */

static int discard_check(struct blk_req *req)
{
	const struct blk_device *device = req->device;

	if (device->discard_max == 0)
		return -EOPNOTSUPP;
	req->bytes = req->discard_sectors << BLK_SECTOR_SHIFT;
	if (req->segment_count || req->bytes == 0 || req->discard_sectors > device->discard_max)
		return -EINVAL;
	return 0;
}

static int segments_check(struct blk_req *req)
{
	const struct blk_device *device = req->device;

	if (req->segment_count == 0 || req->segment_count > device->max_segments)
		return -EINVAL;
	for (unsigned i = 0; i < req->segment_count; i++) {
		uint32_t bytes = req->segments[i].bytes;

		if (bytes == 0 || bytes % BLK_SECTOR_BYTES || bytes > device->max_segment_bytes)
			return -EINVAL;
		req->bytes += bytes;
	}
	return req->bytes <= device->max_bytes ? 0 : -EINVAL;
}

/* The request, before it enters the queue: 0 or the status it ends with at once. */
static int req_check(struct blk_req *req)
{
	const struct blk_device *device = req->device;
	uint64_t byte = req->sector << BLK_SECTOR_SHIFT;
	int err;

	req->merged = NULL;
	req->bytes = 0;
	req->start_ns = clock_ns();
	req->alone = false;
	if (READ_ONCE(device->gone))
		return -ENODEV;
	if (req->op == BLK_FLUSH)
		return req->segment_count == 0 ? 0 : -EINVAL;
	if (req->op != BLK_READ && device->read_only)
		return -EROFS;
	err = req->op == BLK_DISCARD ? discard_check(req) : segments_check(req);
	if (err)
		return err;
	if (req->sector > device->sectors ||
		req->bytes >> BLK_SECTOR_SHIFT > device->sectors - req->sector)
		return -EINVAL;
	return byte % device->block_bytes || req->bytes % device->block_bytes ? -EINVAL : 0;
}

static void req_end(struct blk_req *req, int status)
{
	req->status = status;
	req->done(req);
}

/* ---- merging and starting ------------------------------------------------------------------- */

/* May `next` be the continuation of a group that ends at `sector`? */
static bool req_continues(const struct blk_req *first, const struct blk_req *next, uint64_t sector,
	unsigned segments, uint64_t bytes)
{
	const struct blk_device *device = first->device;

	return first->op <= BLK_WRITE && next->op == first->op && next->sector == sector &&
	       !first->alone && !next->alone &&
	       segments + next->segment_count <= device->max_segments &&
	       bytes + next->bytes <= device->max_bytes;
}

/* Take the first pending request and all that continue it off the list, chained by `merged`. */
static struct blk_req *group_take_locked(struct blk_device *device, unsigned *segments)
{
	struct blk_req *first = list_first(&device->pending, struct blk_req, link);
	struct blk_req *last = first, *next;
	uint64_t bytes = first->bytes;

	list_del(&first->link);
	*segments = first->segment_count;
	while ((next = list_first(&device->pending, struct blk_req, link)) != NULL &&
		req_continues(first, next, first->sector + (bytes >> BLK_SECTOR_SHIFT), *segments,
			bytes)) {
		list_del(&next->link);
		last->merged = next;
		last = next;
		*segments += next->segment_count;
		bytes += next->bytes;
	}
	return first;
}

/* Put a group back, in order, to the head of the list. */
static void group_return_locked(struct blk_device *device, struct blk_req *first)
{
	struct list_head *behind = &device->pending;

	while (first) {
		struct blk_req *next = first->merged;

		first->merged = NULL;
		list_add(&first->link, behind);
		behind = &first->link;
		first = next;
	}
}

/* ---- figures -------------------------------------------------------------------------------- */

/* Requests have come. */
static void count_come_locked(struct blk_device *device, unsigned count)
{
	if (device->in_flight == 0 && count > 0)
		device->busy_since_ns = clock_ns();
	device->in_flight += count;
}

static void count_merges_locked(struct blk_device *device, const struct blk_req *req)
{
	while ((req = req->merged) != NULL)
		device->stats[req->op].merges++;
}

/* One has ended. What went with another one is not a request of the device of its own. */
static void count_ended_locked(struct blk_req *req, bool own)
{
	struct blk_device *device = req->device;
	struct blk_stats *stats = &device->stats[req->op];
	uint64_t now = clock_ns();

	stats->requests += own;
	stats->sectors += req->bytes >> BLK_SECTOR_SHIFT;
	stats->ns += now - req->start_ns;
	if (--device->in_flight == 0)
		device->busy_ns += now - device->busy_since_ns;
}

void blk_figures(struct blk_device *device, struct blk_figures *figures)
{
	uint64_t flags = spin_lock_irqsave(&device->lock);

	memcpy(figures->stats, device->stats, sizeof(figures->stats));
	figures->in_flight = device->in_flight;
	figures->busy_ns = device->busy_ns;
	if (device->in_flight)
		figures->busy_ns += clock_ns() - device->busy_since_ns;
	spin_unlock_irqrestore(&device->lock, flags);
}

/* ---- starting ------------------------------------------------------------------------------- */

/* Start what can be started. Requests that fail at once go to `failed`, with their status. */
static void dispatch_locked(struct blk_device *device, struct list_head *failed)
{
	bool started = false;

	spin_assert_held(&device->lock);
	while (!list_empty(&device->pending)) {
		unsigned segments;
		struct blk_req *req = group_take_locked(device, &segments);
		int err = device->ops->start(device, req, segments);

		if (err == -EAGAIN) {
			group_return_locked(device, req);
			break;
		}
		if (!err) {
			count_merges_locked(device, req);
			started = true;
		}
		for (; err && req; req = req->merged) {
			req->status = err;
			count_ended_locked(req, true);
			list_add_tail(&req->link, failed);
		}
	}
	if (started)
		device->ops->kick(device);
}

static void end_all(struct list_head *reqs)
{
	struct blk_req *req, *next;

	list_for_each_safe(req, next, reqs, link) {
		list_del(&req->link);
		req->done(req);
	}
}

/* ---- for users ------------------------------------------------------------------------------ */

void blk_submit_all(struct blk_device *device, struct list_head *reqs)
{
	struct list_head failed = LIST_INIT(failed);
	struct blk_req *req, *next;
	unsigned count = 0;
	uint64_t flags;

	list_for_each_safe(req, next, reqs, link) {
		assert(req->device == device && req->done);
		req->status = req_check(req);
		if (req->status) {
			list_del(&req->link);
			list_add_tail(&req->link, &failed);
		} else {
			count++;
		}
	}
	flags = spin_lock_irqsave(&device->lock);
	count_come_locked(device, count);
	list_splice_tail(reqs, &device->pending);
	dispatch_locked(device, &failed);
	spin_unlock_irqrestore(&device->lock, flags);
	end_all(&failed);
}

void blk_submit(struct blk_req *req)
{
	struct list_head one = LIST_INIT(one);

	list_add_tail(&req->link, &one);
	blk_submit_all(req->device, &one);
}

/* The waiter's stack may go as soon as `ended` is set, so the queue is not there: all synchronous
 * requests share one. */
static void sync_done(struct blk_req *req)
{
	bool *ended = req->data;

	__atomic_store_n(ended, true, __ATOMIC_RELEASE);
	wait_wake_all(&blks.synchronous, 0);
}

static int sync_run(struct blk_req *req)
{
	bool ended = false;

	req->data = &ended;
	req->done = sync_done;
	blk_submit(req);
	(void)!wait_event(&blks.synchronous, WAIT_UNINTERRUPTIBLE, WAIT_FOREVER,
		__atomic_load_n(&ended, __ATOMIC_ACQUIRE));
	return req->status;
}

static int sync_rw(
	struct blk_device *device, enum blk_op op, uint64_t sector, void *buf, size_t bytes)
{
	uint64_t chunk_max = min((uint64_t)device->max_segment_bytes, device->max_bytes);
	char *at = buf;

	assert((uint64_t)buf >= DIRECT_MAP_BASE &&
		(uint64_t)buf - DIRECT_MAP_BASE < DIRECT_MAP_BYTES);
	chunk_max = ALIGN_DOWN(chunk_max, (uint64_t)device->block_bytes);
	while (bytes > 0) {
		struct blk_segment segment = { virt_to_phys(at),
			(uint32_t)min((uint64_t)bytes, chunk_max) };
		struct blk_req req = {
			.device = device,
			.op = op,
			.sector = sector,
			.segments = &segment,
			.segment_count = 1,
		};
		int err = sync_run(&req);

		if (err)
			return err;
		at += segment.bytes;
		bytes -= segment.bytes;
		sector += segment.bytes >> BLK_SECTOR_SHIFT;
	}
	return 0;
}

int blk_read(struct blk_device *device, uint64_t sector, void *buf, size_t bytes)
{
	return sync_rw(device, BLK_READ, sector, buf, bytes);
}

int blk_write(struct blk_device *device, uint64_t sector, const void *buf, size_t bytes)
{
	return sync_rw(device, BLK_WRITE, sector, (void *)buf, bytes);
}

int blk_flush(struct blk_device *device)
{
	struct blk_req req = { .device = device, .op = BLK_FLUSH };

	return device->cached ? sync_run(&req) : 0;
}

int blk_discard(struct blk_device *device, uint64_t sector, uint64_t sectors)
{
	while (sectors > 0) {
		struct blk_req req = {
			.device = device,
			.op = BLK_DISCARD,
			.sector = sector,
			.discard_sectors = sectors,
		};
		int err;

		if (device->discard_max)
			req.discard_sectors = min(sectors, device->discard_max);
		err = sync_run(&req);
		if (err)
			return err;
		sector += req.discard_sectors;
		sectors -= req.discard_sectors;
	}
	return 0;
}

/* ---- for drivers ---------------------------------------------------------------------------- */

void blk_dispatch(struct blk_device *device)
{
	struct list_head failed = LIST_INIT(failed);
	uint64_t flags = spin_lock_irqsave(&device->lock);

	dispatch_locked(device, &failed);
	spin_unlock_irqrestore(&device->lock, flags);
	end_all(&failed);
}

/* Try each part of a failed group again, alone. */
static void group_retry(struct blk_req *req)
{
	struct blk_device *device = req->device;
	uint64_t flags = spin_lock_irqsave(&device->lock);

	for (struct blk_req *part = req; part; part = part->merged)
		part->alone = true;
	group_return_locked(device, req);
	spin_unlock_irqrestore(&device->lock, flags);
}

static void count_group_ended(struct blk_req *req)
{
	struct blk_device *device = req->device;
	uint64_t flags = spin_lock_irqsave(&device->lock);

	for (struct blk_req *part = req; part; part = part->merged)
		count_ended_locked(part, part == req);
	spin_unlock_irqrestore(&device->lock, flags);
}

void blk_done(struct blk_req *req, int status)
{
	if (status && req->merged && !READ_ONCE(req->device->gone)) {
		group_retry(req);
		return;
	}
	count_group_ended(req);
	while (req) {
		struct blk_req *next = req->merged;

		req_end(req, status);
		req = next;
	}
}

void blk_fail(struct blk_device *device)
{
	struct list_head pending = LIST_INIT(pending);
	struct blk_req *req;
	uint64_t flags = spin_lock_irqsave(&device->lock);

	WRITE_ONCE(device->gone, true);
	list_splice_tail(&device->pending, &pending);
	list_for_each(req, &pending, link) {
		req->status = -ENODEV;
		count_ended_locked(req, true);
	}
	spin_unlock_irqrestore(&device->lock, flags);
	end_all(&pending);
}
