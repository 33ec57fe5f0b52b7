/*
 * dev/blk.h with a device made here, which holds up to DEPTH requests and has a sector that cannot
 * be read: what is merged, what waits, what each request ends with, and what is counted.
 *
 * links: stage2/dev/blk.c stage2/dev/blk_batch.c
 */
#include "abi/errno.h"
#include "dev/blk.h"
#include "host.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "sched/wait.h"

#include <stdlib.h>

#define SECTORS    1000
#define BAD_SECTOR 500
#define DEPTH      4
#define REQS       16

/* ---- what lower rooms do, for one thread ---------------------------------------------------- */

static void fake_end_all(void);
static uint64_t now;

void wait_add(struct wait_queue *queue, struct wait_entry *entry)
{
}
void wait_remove(struct wait_queue *queue, struct wait_entry *entry)
{
}
/* While somebody waits the device works. */
int wait_sleep(enum sleep_mode mode, uint64_t deadline_ns)
{
	fake_end_all();
	return 0;
}
void wait_queue_wake_all(struct wait_queue *queue, uint32_t events)
{
}
uint64_t clock_ns(void)
{
	return now;
}
void *kmalloc(size_t bytes)
{
	return malloc(bytes);
}

/* ---- the device ----------------------------------------------------------------------------- */

static struct {
	struct blk_req *held[DEPTH];
	unsigned count;
	unsigned kicks;
} fake;

static int fake_start(struct blk_device *device, struct blk_req *req, unsigned segments)
{
	unsigned count = 0;

	assert_true(device->lock.held);
	if (fake.count == DEPTH)
		return -EAGAIN;
	for (struct blk_req *part = req; part; part = part->merged) {
		count += part->segment_count;
		if (part->merged)
			assert_int_equal(part->merged->sector, part->sector + (part->bytes >> 9));
	}
	assert_int_equal(count, segments);
	assert_true(segments <= device->max_segments);
	fake.held[fake.count++] = req;
	return 0;
}

static void fake_kick(struct blk_device *device)
{
	fake.kicks++;
}

static const struct blk_ops fake_ops = { .start = fake_start, .kick = fake_kick };

static struct blk_device disk;

static bool group_touches(const struct blk_req *req, uint64_t sector)
{
	for (; req; req = req->merged)
		if (req->op == BLK_READ && sector >= req->sector &&
			sector < req->sector + (req->bytes >> 9))
			return true;
	return false;
}

/* End the index-th request that the device holds, and let it go on. */
static void fake_end(unsigned index)
{
	struct blk_req *req = fake.held[index];

	fake.held[index] = fake.held[--fake.count];
	blk_done(req, group_touches(req, BAD_SECTOR) ? -EIO : 0);
	blk_dispatch(&disk);
}

static void fake_end_all(void)
{
	while (fake.count)
		fake_end(0);
}

/* ---- requests ------------------------------------------------------------------------------- */

static struct blk_req reqs[REQS];
static struct blk_segment segments[REQS];
static unsigned ended;

static void req_ended(struct blk_req *req)
{
	assert_false(disk.lock.held);
	ended++;
}

static struct blk_req *req_make(unsigned i, enum blk_op op, uint64_t sector, uint32_t bytes)
{
	segments[i] = (struct blk_segment){ 0x10000 * i, bytes };
	reqs[i] = (struct blk_req){ .device = &disk,
		.op = op,
		.sector = sector,
		.segments = op == BLK_FLUSH ? NULL : &segments[i],
		.segment_count = op == BLK_FLUSH ? 0 : 1,
		.done = req_ended,
		.status = 1 };
	return &reqs[i];
}

static int setup(void **state)
{
	memset(&fake, 0, sizeof(fake));
	ended = 0;
	now = 0;
	disk = (struct blk_device){ .name = "fake",
		.ops = &fake_ops,
		.sectors = SECTORS,
		.block_bytes = 512,
		.max_segments = 6,
		.max_segment_bytes = 65536,
		.max_bytes = 65536,
		.discard_max = 100,
		.cached = true };
	blk_register(&disk);
	return 0;
}

/* Devices stay registered; each test takes its own out again, for they share one. */
static int teardown(void **state)
{
	list_del(&disk.link);
	return 0;
}

static void submit(unsigned first, unsigned count)
{
	struct list_head list = LIST_INIT(list);

	for (unsigned i = first; i < first + count; i++)
		list_add_tail(&reqs[i].link, &list);
	blk_submit_all(&disk, &list);
	assert_true(list_empty(&list));
}

static void neighbours_become_one(void **state)
{
	for (unsigned i = 0; i < 4; i++)
		req_make(i, BLK_READ, 8 * i, 4096);
	submit(0, 4);
	assert_int_equal(fake.count, 1);
	assert_int_equal(fake.kicks, 1);
	assert_int_equal(disk.stats[BLK_READ].merges, 3);
	fake_end_all();
	assert_int_equal(ended, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(reqs[i].status, 0);
}

static void what_does_not_fit_together_stays_apart(void **state)
{
	req_make(0, BLK_READ, 0, 4096);
	req_make(1, BLK_WRITE, 8, 4096);  /* another operation */
	req_make(2, BLK_WRITE, 24, 4096); /* a gap */
	req_make(3, BLK_FLUSH, 0, 0);
	submit(0, 4);
	assert_int_equal(fake.count, 4);
	assert_int_equal(disk.stats[BLK_WRITE].merges, 0);
	fake_end_all();
	assert_int_equal(ended, 4);
}

static void limits_of_the_device_hold(void **state)
{
	for (unsigned i = 0; i < 8; i++)
		req_make(i, BLK_WRITE, i, 512);
	submit(0, 8); /* six segments, then two */
	assert_int_equal(fake.count, 2);
	fake_end_all();
	req_make(0, BLK_READ, 0, 40960);
	req_make(1, BLK_READ, 80, 40960); /* together more than max_bytes */
	submit(0, 2);
	assert_int_equal(fake.count, 2);
	fake_end_all();
	assert_int_equal(ended, 10);
}

static void a_full_device_lets_requests_wait_and_grow(void **state)
{
	for (unsigned i = 0; i < DEPTH; i++)
		req_make(i, BLK_READ, 100 * i, 512);
	submit(0, DEPTH);
	for (unsigned i = DEPTH; i < DEPTH + 3; i++) {
		req_make(i, BLK_READ, 600 + i, 512);
		blk_submit(&reqs[i]);
	}
	assert_int_equal(fake.count, DEPTH);
	assert_int_equal(ended, 0);
	fake_end(2);
	assert_int_equal(fake.count, DEPTH); /* the three came in as one */
	assert_int_equal(disk.stats[BLK_READ].merges, 2);
	fake_end_all();
	assert_int_equal(ended, DEPTH + 3);
}

static void one_bad_sector_fails_only_its_own(void **state)
{
	for (unsigned i = 0; i < 5; i++)
		req_make(i, BLK_READ, BAD_SECTOR - 2 + i, 512);
	submit(0, 5);
	assert_int_equal(fake.count, 1);
	fake_end_all();
	assert_int_equal(ended, 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(reqs[i].status, i == 2 ? -EIO : 0);
}

static int status_of(struct blk_req *req)
{
	unsigned before = ended;

	blk_submit(req);
	fake_end_all();
	assert_int_equal(ended, before + 1);
	return req->status;
}

static void bad_requests_end_at_once(void **state)
{
	assert_int_equal(status_of(req_make(0, BLK_READ, SECTORS - 1, 512)), 0);
	assert_int_equal(status_of(req_make(0, BLK_READ, SECTORS, 512)), -EINVAL);
	assert_int_equal(status_of(req_make(0, BLK_READ, SECTORS - 1, 1024)), -EINVAL);
	assert_int_equal(status_of(req_make(0, BLK_READ, UINT64_MAX, 512)), -EINVAL);
	assert_int_equal(status_of(req_make(0, BLK_READ, UINT64_MAX >> 9, 512)), -EINVAL);
	assert_int_equal(status_of(req_make(0, BLK_READ, 0, 100)), -EINVAL);
	assert_int_equal(status_of(req_make(0, BLK_READ, 0, 0)), -EINVAL);
	assert_int_equal(status_of(req_make(0, BLK_READ, 0, 131072)), -EINVAL);
	disk.read_only = true;
	assert_int_equal(status_of(req_make(0, BLK_WRITE, 0, 512)), -EROFS);
}

static void blocks_larger_than_a_sector(void **state)
{
	disk.block_bytes = 4096;
	assert_int_equal(status_of(req_make(0, BLK_READ, 8, 4096)), 0);
	assert_int_equal(status_of(req_make(0, BLK_READ, 4, 4096)), -EINVAL);
	assert_int_equal(status_of(req_make(0, BLK_READ, 8, 512)), -EINVAL);
}

static void a_device_that_is_gone_ends_everything(void **state)
{
	for (unsigned i = 0; i < DEPTH + 2; i++)
		req_make(i, BLK_READ, 10 * i, 512);
	submit(0, DEPTH + 2);
	blk_fail(&disk);
	assert_int_equal(ended, 2);
	assert_int_equal(reqs[DEPTH].status, -ENODEV);
	while (fake.count) {
		struct blk_req *req = fake.held[--fake.count];

		blk_done(req, -EIO);
	}
	assert_int_equal(ended, DEPTH + 2);
	assert_int_equal(status_of(req_make(0, BLK_READ, 0, 512)), -ENODEV);
}

static void discards_and_flushes(void **state)
{
	req_make(0, BLK_FLUSH, 0, 0);
	reqs[0].op = BLK_DISCARD;
	reqs[0].discard_sectors = 100;
	assert_int_equal(status_of(&reqs[0]), 0);
	reqs[0].discard_sectors = 101;
	assert_int_equal(status_of(&reqs[0]), -EINVAL);
	reqs[0].discard_sectors = 0;
	assert_int_equal(status_of(&reqs[0]), -EINVAL);
	reqs[0].discard_sectors = 2;
	reqs[0].sector = SECTORS - 1;
	assert_int_equal(status_of(&reqs[0]), -EINVAL);
	disk.stats[BLK_DISCARD].requests = 0;
	assert_int_equal(blk_discard(&disk, 0, 250), 0); /* three of them */
	assert_int_equal(disk.stats[BLK_DISCARD].requests, 3);
	disk.discard_max = 0;
	assert_int_equal(blk_discard(&disk, 0, 250), -EOPNOTSUPP);
	assert_int_equal(blk_flush(&disk), 0);
	assert_int_equal(disk.stats[BLK_FLUSH].requests, 1);
	disk.cached = false;
	assert_int_equal(blk_flush(&disk), 0);
	assert_int_equal(disk.stats[BLK_FLUSH].requests, 1);
}

static void everything_is_counted(void **state)
{
	struct blk_figures figures;

	for (unsigned i = 0; i < 3; i++)
		req_make(i, BLK_WRITE, 8 * i, 4096);
	submit(0, 3);
	req_make(3, BLK_READ, 0, 512);
	now = 10;
	blk_submit(&reqs[3]);
	blk_figures(&disk, &figures);
	assert_int_equal(figures.in_flight, 4);
	now = 30;
	fake_end_all();
	now = 50;
	blk_figures(&disk, &figures);
	assert_int_equal(figures.in_flight, 0);
	assert_int_equal(figures.busy_ns, 30);
	assert_int_equal(figures.stats[BLK_WRITE].requests, 1);
	assert_int_equal(figures.stats[BLK_WRITE].merges, 2);
	assert_int_equal(figures.stats[BLK_WRITE].sectors, 24);
	assert_int_equal(figures.stats[BLK_WRITE].ns, 90);
	assert_int_equal(figures.stats[BLK_READ].requests, 1);
	assert_int_equal(figures.stats[BLK_READ].ns, 20);
}

/* Frames 1, 2, ... at sectors 8 * i, but for a gap; the device takes six segments at once. */
static int batch_move(enum blk_op op, unsigned req_max, unsigned segment_max, unsigned count)
{
	struct blk_batch *batch = blk_batch_create(req_max, segment_max);
	int status;

	blk_batch_begin(batch, &disk, op);
	for (unsigned i = 0; i < count; i++)
		blk_batch_add(batch, 8 * i + (i >= 4 ? 100 : 0),
			frame_at((i + 1) * (paddr_t)PAGE_SIZE), i == count - 1 ? 512 : PAGE_SIZE);
	status = blk_batch_end(batch);
	free(batch);
	return status;
}

static void batches_share_requests(void **state)
{
	assert_int_equal(batch_move(BLK_WRITE, 4, 32, 12), 0);
	/* Four frames before the gap, then six and two. */
	assert_int_equal(disk.stats[BLK_WRITE].requests, 3);
	assert_int_equal(disk.stats[BLK_WRITE].sectors, 11 * 8 + 1);
}

static void batches_with_little_room(void **state)
{
	assert_int_equal(batch_move(BLK_WRITE, 1, 32, 12), 0);
	assert_int_equal(disk.stats[BLK_WRITE].requests, 3);
	assert_int_equal(batch_move(BLK_WRITE, 4, 2, 12), 0);
	assert_int_equal(disk.stats[BLK_WRITE].requests, 3 + 6);
	assert_int_equal(disk.stats[BLK_WRITE].sectors, 2 * (11 * 8 + 1));
	assert_int_equal(batch_move(BLK_READ, 4, 32, 0), 0);
}

static void batches_tell_of_errors(void **state)
{
	assert_int_equal(batch_move(BLK_READ, 4, 32, 60), -EIO);
	disk.read_only = true;
	assert_int_equal(batch_move(BLK_WRITE, 4, 32, 3), -EROFS);
}

static void devices_are_found(void **state)
{
	assert_ptr_equal(blk_find("fake"), &disk);
	assert_null(blk_find("fak"));
	assert_ptr_equal(blk_at(0), &disk);
	assert_null(blk_at(1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(neighbours_become_one),
		TEST(what_does_not_fit_together_stays_apart),
		TEST(limits_of_the_device_hold),
		TEST(a_full_device_lets_requests_wait_and_grow),
		TEST(one_bad_sector_fails_only_its_own),
		TEST(bad_requests_end_at_once),
		TEST(blocks_larger_than_a_sector),
		TEST(a_device_that_is_gone_ends_everything),
		TEST(discards_and_flushes),
		TEST(everything_is_counted),
		TEST(batches_share_requests),
		TEST(batches_with_little_room),
		TEST(batches_tell_of_errors),
		TEST(devices_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
