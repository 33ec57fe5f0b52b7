/*
 * virtio-rng (virtio 1.2, 5.4): the host's random bytes, asked for at boot and every few minutes
 * afterwards. Nobody waits for them: they are mixed in when they come.
 */
#include "abi/errno.h"
#include "core/clock.h"
#include "core/random.h"
#include "dev/virtio/virtio.h"
#include "dev/virtio/virtio_drivers.h"
#include "mm/slab.h"
#include "sched/timer.h"

#define SEED_BYTES 64
#define PERIOD_NS  (300 * NS_PER_SEC)

struct virtio_rng {
	struct virtio_device device;
	struct virtio_queue queue;
	struct timer timer;
	uint8_t *seed; /* [queue lock, while it is not the device's] */
};

static void seed_ask(struct virtio_rng *rng)
{
	struct vq_piece piece = { virt_to_phys(rng->seed), SEED_BYTES, true };
	uint64_t flags = spin_lock_irqsave(&rng->queue.lock);

	if (virtqueue_add(&rng->queue.vq, &piece, 1, NULL, rng) == 0)
		virtio_queue_kick_locked(&rng->queue);
	spin_unlock_irqrestore(&rng->queue.lock, flags);
}

static void seed_timer(struct timer *timer)
{
	seed_ask(container_of(timer, struct virtio_rng, timer));
}

static void seed_used(struct virtio_queue *queue)
{
	struct virtio_rng *rng = queue->driver;
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	uint32_t bytes = 0;
	bool came = virtqueue_take(&queue->vq, &bytes) != NULL;
	bool broken;

	if (came)
		random_add(rng->seed, bytes, bytes * 8);
	broken = !virtqueue_listen(&queue->vq) && queue->vq.broken;
	spin_unlock_irqrestore(&queue->lock, flags);
	if (broken)
		virtio_fail(&rng->device, "bad entry in the used ring");
	else if (came)
		timer_start(&rng->timer, clock_ns() + PERIOD_NS);
}

static int rng_attach(struct virtio_rng *rng, struct pci_device *pci)
{
	int err = virtio_attach(&rng->device, pci, "virtio-rng");

	if (err)
		return err;
	err = virtio_negotiate(&rng->device, VIRTIO_F_EVENT_IDX);
	if (!err)
		err = virtio_queue_init(&rng->device, &rng->queue, 0, 2, seed_used, rng);
	if (err)
		virtio_detach(&rng->device);
	return err;
}

int virtio_rng_probe(struct pci_device *pci)
{
	struct virtio_rng *rng = kzalloc(sizeof(*rng));
	int err = -ENOMEM;

	if (!rng)
		return -ENOMEM;
	rng->seed = kzalloc(SEED_BYTES);
	if (!rng->seed)
		goto free_rng;
	err = rng_attach(rng, pci);
	if (err)
		goto free_seed;
	rng->timer.fn = seed_timer;
	virtio_start(&rng->device);
	seed_ask(rng);
	return 0;

free_seed:
	kfree(rng->seed);
free_rng:
	kfree(rng);
	return err;
}
