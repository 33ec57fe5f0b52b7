/*
 * dev/virtio/virtqueue.h with a device made of a page of C: it takes buffers from the available
 * ring as the specification tells a device to, and gives them back in an order of its own.
 *
 * links: stage2/dev/virtio/virtqueue.c
 */
#include "abi/errno.h"
#include "dev/virtio/virtqueue.h"
#include "host.h"

#include <stdlib.h>

#define SIZE 8

/* ---- the device ----------------------------------------------------------------------------- */

struct device {
	struct virtqueue vq;
	struct vq_slot slots[SIZE];
	uint8_t memory[1024] __aligned(16);
	uint16_t avail_seen;
	uint16_t used_index;
};

static struct device *device_create(bool event_idx)
{
	struct device *device = calloc(1, sizeof(*device));

	assert_true(virtqueue_bytes(SIZE) <= sizeof(device->memory));
	virtqueue_init(&device->vq, SIZE, device->memory, device->slots, event_idx);
	return device;
}

static struct vring_avail *avail_of(struct device *device)
{
	return (void *)(device->memory + virtqueue_avail_offset(SIZE));
}

static struct vring_used *used_of(struct device *device)
{
	return (void *)(device->memory + virtqueue_used_offset(SIZE));
}

static uint16_t *avail_event_of(struct device *device)
{
	return (uint16_t *)&used_of(device)->ring[SIZE];
}

/* The head of the next available buffer, -1 if there is none. */
static int device_take(struct device *device)
{
	struct vring_avail *avail = avail_of(device);

	if (avail->index == device->avail_seen)
		return -1;
	return avail->ring[device->avail_seen++ % SIZE];
}

static void device_use(struct device *device, uint32_t id, uint32_t bytes)
{
	struct vring_used *used = used_of(device);

	used->ring[device->used_index % SIZE] = (struct vring_used_entry){ id, bytes };
	used->index = ++device->used_index;
}

/* Would the device interrupt for what it has just used (2.7.7.2)? */
static bool device_would_interrupt(struct device *device, uint16_t used_before)
{
	uint16_t event = avail_of(device)->ring[SIZE];

	if (!device->vq.event_idx)
		return !(avail_of(device)->flags & 1);
	return (uint16_t)(device->used_index - event - 1) <
	       (uint16_t)(device->used_index - used_before);
}

/* Follow a chain: its descriptors and bytes. */
static unsigned chain_length(struct device *device, unsigned head, uint32_t *bytes)
{
	struct vring_desc *desc = (void *)device->memory;
	unsigned count = 1;

	*bytes = desc[head].bytes;
	while (desc[head].flags & VRING_DESC_NEXT) {
		head = desc[head].next;
		assert_true(head < SIZE && count < SIZE);
		*bytes += desc[head].bytes;
		count++;
	}
	return count;
}

static const struct vq_piece out_in[] = { { 0x1000, 16, false }, { 0x2000, 512, true },
	{ 0x3000, 1, true } };

/* ---- tests ---------------------------------------------------------------------------------- */

static void a_buffer_goes_and_comes_back(void **state)
{
	struct device *device = device_create(false);
	struct vring_desc *desc = (void *)device->memory;
	uint32_t bytes;
	int token, head;

	assert_int_equal(virtqueue_add(&device->vq, out_in, 3, NULL, &token), 0);
	assert_int_equal(device_take(device), -1); /* not yet published */
	assert_true(virtqueue_publish(&device->vq));
	assert_false(virtqueue_publish(&device->vq)); /* nothing new */
	head = device_take(device);
	assert_int_equal(chain_length(device, (unsigned)head, &bytes), 3);
	assert_int_equal(bytes, 529);
	assert_int_equal(desc[head].paddr, 0x1000);
	assert_int_equal(desc[head].flags, VRING_DESC_NEXT);
	assert_int_equal(desc[desc[head].next].flags, VRING_DESC_NEXT | VRING_DESC_WRITE);
	assert_null(virtqueue_take(&device->vq, &bytes));
	device_use(device, (uint32_t)head, 513);
	assert_ptr_equal(virtqueue_take(&device->vq, &bytes), &token);
	assert_int_equal(bytes, 513);
	assert_null(virtqueue_take(&device->vq, &bytes));
	assert_int_equal(device->vq.free_count, SIZE);
	free(device);
}

static void an_indirect_buffer_takes_one_descriptor(void **state)
{
	struct device *device = device_create(false);
	struct vring_desc *desc = (void *)device->memory;
	struct vring_desc table[3];
	struct vq_table where = { table, 0x9000 };
	int token, head;

	assert_int_equal(virtqueue_add(&device->vq, out_in, 3, &where, &token), 0);
	assert_int_equal(device->vq.free_count, SIZE - 1);
	assert_true(virtqueue_publish(&device->vq));
	head = device_take(device);
	assert_int_equal(desc[head].paddr, 0x9000);
	assert_int_equal(desc[head].bytes, 48);
	assert_int_equal(desc[head].flags, VRING_DESC_INDIRECT);
	assert_int_equal(table[0].next, 1);
	assert_int_equal(table[2].flags, VRING_DESC_WRITE);
	free(device);
}

static void a_full_queue_refuses_and_changes_nothing(void **state)
{
	struct device *device = device_create(false);
	int token;

	assert_int_equal(virtqueue_add(&device->vq, out_in, 3, NULL, &token), 0);
	assert_int_equal(virtqueue_add(&device->vq, out_in, 3, NULL, &token), 0);
	assert_int_equal(virtqueue_add(&device->vq, out_in, 3, NULL, &token), -ENOSPC);
	assert_int_equal(virtqueue_add(&device->vq, out_in, 2, NULL, &token), 0);
	assert_int_equal(device->vq.free_count, 0);
	assert_int_equal(virtqueue_add(&device->vq, out_in, 1, NULL, &token), -ENOSPC);
	free(device);
}

/* Random traffic, buffers used out of order, against counts kept here. */
static void random_traffic_loses_nothing(void **state)
{
	host_random_seed(1);
	for (int event_idx = 0; event_idx < 2; event_idx++) {
		struct device *device = device_create(event_idx);
		static int tokens[SIZE];
		bool out[SIZE] = { false };
		int held[SIZE], holding = 0, added = 0, taken = 0;

		for (int step = 0; step < 200000; step++) {
			uint32_t bytes;
			int *token;
			int head, t = (int)host_random_below(SIZE);

			switch (host_random_below(4)) {
			case 0:
				if (!out[t] && virtqueue_add(&device->vq, out_in,
						       1 + (unsigned)host_random_below(3), NULL,
						       &tokens[t]) == 0) {
					out[t] = true;
					added++;
				}
				break;
			case 1:
				(void)!virtqueue_publish(&device->vq);
				head = device_take(device);
				if (head >= 0)
					held[holding++] = head;
				break;
			case 2:
				if (holding == 0)
					break;
				t = (int)host_random_below((uint64_t)holding);
				device_use(device, (uint32_t)held[t], 0);
				held[t] = held[--holding];
				break;
			case 3:
				token = virtqueue_take(&device->vq, &bytes);
				if (!token)
					break;
				assert_true(out[token - tokens]);
				out[token - tokens] = false;
				taken++;
				break;
			}
			assert_false(device->vq.broken);
		}
		assert_true(taken > 10000 && added - taken <= SIZE);
		free(device);
	}
}

static void event_index_says_when_to_notify(void **state)
{
	struct device *device = device_create(true);
	int token;

	*avail_event_of(device) = 0; /* "tell me of the first" */
	assert_int_equal(virtqueue_add(&device->vq, out_in, 1, NULL, &token), 0);
	assert_true(virtqueue_publish(&device->vq));
	assert_int_equal(virtqueue_add(&device->vq, out_in, 1, NULL, &token), 0);
	assert_false(virtqueue_publish(&device->vq)); /* it still works on the first */
	*avail_event_of(device) = 2;
	assert_int_equal(virtqueue_add(&device->vq, out_in, 1, NULL, &token), 0);
	assert_int_equal(virtqueue_add(&device->vq, out_in, 1, NULL, &token), 0);
	assert_true(virtqueue_publish(&device->vq));
	free(device);
}

static void no_notify_flag_is_heeded(void **state)
{
	struct device *device = device_create(false);
	int token;

	used_of(device)->flags = 1;
	assert_int_equal(virtqueue_add(&device->vq, out_in, 1, NULL, &token), 0);
	assert_false(virtqueue_publish(&device->vq));
	assert_true(device_take(device) >= 0);
	free(device);
}

static void interrupts_come_only_to_listeners(void **state)
{
	for (int event_idx = 0; event_idx < 2; event_idx++) {
		struct device *device = device_create(event_idx);
		uint32_t bytes;
		int token;

		for (int i = 0; i < 70000; i++) { /* indices wrap */
			bool listens = i % 3 == 0;

			if (listens)
				assert_false(virtqueue_listen(&device->vq));
			else
				virtqueue_quiet(&device->vq);
			assert_int_equal(virtqueue_add(&device->vq, out_in, 1, NULL, &token), 0);
			(void)!virtqueue_publish(&device->vq);
			device_use(device, (uint32_t)device_take(device), 0);
			assert_int_equal(
				device_would_interrupt(device, (uint16_t)(device->used_index - 1)),
				listens);
			assert_true(virtqueue_listen(&device->vq)); /* it is there already */
			assert_ptr_equal(virtqueue_take(&device->vq, &bytes), &token);
		}
		free(device);
	}
}

/* A device that lies: the queue is broken, and stays so. */
static void lie(uint32_t id, uint32_t bytes)
{
	struct device *device = device_create(false);
	uint32_t got;
	int token;

	assert_int_equal(virtqueue_add(&device->vq, out_in, 3, NULL, &token), 0);
	assert_true(virtqueue_publish(&device->vq));
	device_use(device, id, bytes);
	assert_null(virtqueue_take(&device->vq, &got));
	assert_true(device->vq.broken);
	assert_false(virtqueue_has_used(&device->vq));
	assert_int_equal(virtqueue_add(&device->vq, out_in, 1, NULL, &token), -EIO);
	assert_false(virtqueue_publish(&device->vq));
	assert_ptr_equal(virtqueue_reclaim(&device->vq), &token);
	assert_null(virtqueue_reclaim(&device->vq));
	free(device);
}

static void a_lying_device_breaks_the_queue(void **state)
{
	lie(SIZE, 0); /* no such descriptor */
	lie(0xffffffff, 0);
	lie(5, 0);   /* not handed out */
	lie(1, 0);   /* the middle of a chain */
	lie(0, 514); /* more than it may write */
	lie(0, 0xffffffff);
}

static void a_scribbled_table_changes_nothing(void **state)
{
	struct device *device = device_create(false);
	uint32_t bytes;
	int token;

	assert_int_equal(virtqueue_add(&device->vq, out_in, 3, NULL, &token), 0);
	assert_true(virtqueue_publish(&device->vq));
	memset(device->memory, 0xff, virtqueue_avail_offset(SIZE));
	device_use(device, (uint32_t)device_take(device), 1);
	assert_ptr_equal(virtqueue_take(&device->vq, &bytes), &token);
	assert_int_equal(device->vq.free_count, SIZE);
	free(device);
}

static void used_twice_is_a_lie(void **state)
{
	struct device *device = device_create(false);
	uint32_t bytes;
	int token, head;

	assert_int_equal(virtqueue_add(&device->vq, out_in, 1, NULL, &token), 0);
	assert_true(virtqueue_publish(&device->vq));
	head = device_take(device);
	device_use(device, (uint32_t)head, 0);
	device_use(device, (uint32_t)head, 0);
	assert_ptr_equal(virtqueue_take(&device->vq, &bytes), &token);
	assert_null(virtqueue_take(&device->vq, &bytes));
	assert_true(device->vq.broken);
	free(device);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_buffer_goes_and_comes_back),
		cmocka_unit_test(an_indirect_buffer_takes_one_descriptor),
		cmocka_unit_test(a_full_queue_refuses_and_changes_nothing),
		cmocka_unit_test(random_traffic_loses_nothing),
		cmocka_unit_test(event_index_says_when_to_notify),
		cmocka_unit_test(no_notify_flag_is_heeded),
		cmocka_unit_test(interrupts_come_only_to_listeners),
		cmocka_unit_test(a_lying_device_breaks_the_queue),
		cmocka_unit_test(a_scribbled_table_changes_nothing),
		cmocka_unit_test(used_twice_is_a_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
