/*
 * virtio-console with several ports (virtio 1.2, 5.3): the device and its control queue. Ports are
 * told of, opened and closed by messages, which arrive in an interrupt and are read by deferred
 * work. The streams themselves are in port.c.
 *
 * The device throws control messages away when no buffer waits for them, so there are as many
 * buffers as the queue has room for. Emergency write, window sizes and console ports are not used.
 */
#include "dev/virtio/console.h"

#include "abi/errno.h"
#include "core/clock.h"
#include "core/log.h"
#include "dev/virtio/virtio_drivers.h"
#include "lib/string.h"
#include "mm/slab.h"

#define CONSOLE_F_MULTIPORT BIT(1) /* 5.3.3 */
#define CONFIG_MAX_PORTS    4      /* 5.3.4 */

struct control_message { /* 5.3.6.2 */
	uint32_t port;
	uint16_t event;
	uint16_t value;
};
static_assert(sizeof(struct control_message) == 8, "virtio 1.2, 5.3.6.2");

/* Buffers of the control queues, in one frame: those to receive are long enough for a port's name,
 * which is cut. */
#define CONTROL_QUEUE_SIZE 32
#define RX_BYTES           64
#define RX_AREA_BYTES      (CONTROL_QUEUE_SIZE * RX_BYTES)
#define TELL_NS            NS_PER_SEC /* within which the device takes a message */

static struct {
	struct list_head list;
	unsigned count;
} consoles = { .list = LIST_INIT(consoles.list) }; /* [I] by the thread that probes */

/* ---- sending -------------------------------------------------------------------------------- */

/* `count` messages have room, or the queue is listened to. */
static bool control_has_room_locked(struct virtio_console *console, unsigned count)
{
	struct virtqueue *vq = &console->control_tx.vq;
	uint32_t bytes;

	spin_assert_held(&console->control_tx.lock);
	do
		while (virtqueue_take(vq, &bytes))
			continue;
	while (vq->free_count < count && virtqueue_listen(vq));
	return vq->free_count >= count;
}

/* Each descriptor has a place of its own for its message. -ENOSPC: later. */
static int control_try(struct virtio_console *console, const struct control_message *message)
{
	struct virtqueue *vq = &console->control_tx.vq;
	struct control_message *area =
		(void *)((char *)frame_virt(console->control_frames) + RX_AREA_BYTES);
	uint64_t flags = spin_lock_irqsave(&console->control_tx.lock);
	int err = -ENOSPC;

	if (control_has_room_locked(console, 1)) {
		struct control_message *place = &area[vq->free_first];
		struct vq_piece piece = { virt_to_phys(place), sizeof(*place), false };

		*place = *message;
		err = virtqueue_add(vq, &piece, 1, NULL, place);
	}
	if (!err)
		virtio_queue_kick_locked(&console->control_tx);
	spin_unlock_irqrestore(&console->control_tx.lock, flags);
	return err;
}

int control_send(struct virtio_console *console, unsigned port, uint16_t event, uint16_t value)
{
	struct control_message message = { .port = port, .event = event, .value = value };
	int err = -EIO;

	(void)!wait_event(&console->told, WAIT_UNINTERRUPTIBLE, clock_ns() + TELL_NS,
		(err = control_try(console, &message)) != -ENOSPC);
	return err ? -EIO : 0;
}

static void control_told(struct virtio_queue *queue)
{
	struct virtio_console *console = queue->driver;
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	bool used = virtqueue_has_used(&queue->vq);

	if (used)
		virtqueue_quiet(&queue->vq);
	spin_unlock_irqrestore(&queue->lock, flags);
	if (used)
		wait_wake_all(&console->told, 0);
}

/* Has the device taken all that was sent? */
static bool control_is_told(struct virtio_console *console)
{
	struct virtio_queue *queue = &console->control_tx;
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	bool told = control_has_room_locked(console, queue->vq.size) || queue->vq.broken;

	spin_unlock_irqrestore(&queue->lock, flags);
	return told;
}

/* ---- receiving ------------------------------------------------------------------------------ */

static void message_handle(struct virtio_console *console, const struct control_message *message)
{
	struct console_port *port;
	int err = 0;

	if (message->port >= console->port_count) {
		if (message->event == CONTROL_PORT_ADD)
			log_warn("virtio-console: port %u is not used", message->port);
		return;
	}
	port = &console->ports[message->port];
	if (!port->added && message->event != CONTROL_PORT_ADD)
		return;
	switch (message->event) {
	case CONTROL_PORT_ADD:
		err = port->added ? 0 : port_add(port);
		break;
	case CONTROL_PORT_REMOVE:
		port_peer_set(port, PEER_GONE);
		break;
	case CONTROL_PORT_OPEN:
		port_peer_set(port, message->value ? PEER_OPEN : PEER_GONE);
		break;
	default: /* names, sizes and the wish to be a console do not matter here */
		break;
	}
	if (err)
		log_warn("virtio-console: port %u: not used (%d)", message->port, err);
}

/* Post the buffer at `at` again, or for the first time. */
static void rx_post_locked(struct virtio_console *console, uint8_t *at)
{
	struct vq_piece piece = { virt_to_phys(at), RX_BYTES, true };

	(void)!virtqueue_add(&console->control_rx.vq, &piece, 1, NULL, at);
}

/* Take one message; its buffer goes back to the device. False: there is none. */
static bool message_take(struct virtio_console *console, struct control_message *message)
{
	struct virtio_queue *queue = &console->control_rx;
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	uint32_t bytes = 0;
	uint8_t *at;

	do
		at = virtqueue_take(&queue->vq, &bytes);
	while (!at && virtqueue_listen(&queue->vq));
	if (at) {
		/* Too short: an event that nobody handles. */
		*message = (struct control_message){ .event = UINT16_MAX };
		if (bytes >= sizeof(*message))
			memcpy(message, at, sizeof(*message));
		rx_post_locked(console, at);
		virtio_queue_kick_locked(queue);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return at != NULL;
}

static bool console_is_broken(const struct virtio_console *console)
{
	for (unsigned i = 0; i < console->port_count; i++)
		if (READ_ONCE(console->ports[i].rx.vq.broken) ||
			READ_ONCE(console->ports[i].tx.vq.broken))
			return true;
	return READ_ONCE(console->control_rx.vq.broken) || READ_ONCE(console->control_tx.vq.broken);
}

static void control_work(struct work *work)
{
	struct virtio_console *console = container_of(work, struct virtio_console, work);
	struct control_message message;

	while (message_take(console, &message))
		message_handle(console, &message);
	if (!console_is_broken(console))
		return;
	virtio_fail(&console->device, "bad entry in a used ring");
	for (unsigned i = 0; i < console->port_count; i++)
		if (console->ports[i].added)
			port_peer_set(&console->ports[i], PEER_GONE);
}

static void control_used(struct virtio_queue *queue)
{
	struct virtio_console *console = queue->driver;

	if (virtqueue_has_used(&queue->vq) || console_is_broken(console))
		work_queue(&console->work);
}

/* ---- attaching ------------------------------------------------------------------------------ */

static int control_init(struct virtio_console *console)
{
	struct virtio_device *device = &console->device;
	int err = virtio_queue_init(
		device, &console->control_rx, 2, CONTROL_QUEUE_SIZE, control_used, console);

	if (!err)
		err = virtio_queue_init(
			device, &console->control_tx, 3, CONTROL_QUEUE_SIZE, control_told, console);
	if (err)
		return err;
	virtqueue_quiet(&console->control_tx.vq);
	return frame_alloc(0, FRAME_DMA, &console->control_frames);
}

static int console_attach(struct virtio_console *console, struct pci_device *pci)
{
	struct virtio_device *device = &console->device;
	int err = virtio_attach(device, pci, "virtio-console");

	if (err)
		return err;
	err = virtio_negotiate(device, CONSOLE_F_MULTIPORT | VIRTIO_F_EVENT_IDX);
	if (!err && !virtio_has(device, CONSOLE_F_MULTIPORT))
		err = -ENODEV;
	if (err)
		goto detach;
	console->port_count =
		min(virtio_config_read32(device, CONFIG_MAX_PORTS), (uint32_t)PORTS_MAX);
	err = control_init(console);
	for (unsigned i = 0; !err && i < console->port_count; i++)
		err = port_init(console, i);
	if (err)
		goto detach;
	return 0;

detach:
	virtio_detach(device);
	return err;
}

static void control_start(struct virtio_console *console)
{
	uint8_t *area = frame_virt(console->control_frames);
	uint64_t flags = spin_lock_irqsave(&console->control_rx.lock);

	for (unsigned i = 0; i < console->control_rx.vq.size; i++)
		rx_post_locked(console, area + i * RX_BYTES);
	virtio_queue_kick_locked(&console->control_rx);
	spin_unlock_irqrestore(&console->control_rx.lock, flags);
}

int virtio_console_probe(struct pci_device *pci)
{
	struct virtio_console *console = kzalloc(sizeof(*console));
	int err;

	if (!console)
		return -ENOMEM;
	err = console_attach(console, pci);
	if (err) {
		if (console->control_frames)
			frame_put(console->control_frames);
		kfree(console);
		return err;
	}
	console->work = (struct work)WORK_INIT(control_work);
	console->number = consoles.count++;
	wait_queue_init(&console->told);
	list_add_tail(&console->link, &consoles.list);
	virtio_start(&console->device);
	control_start(console);
	err = control_send(console, 0, CONTROL_DEVICE_READY, 1);
	if (err)
		virtio_fail(&console->device, "takes no control messages");
	return 0;
}

/* QEMU names all ports before it gives back the message that asked for them. A device that names
 * them later is not waited for. */
void virtio_console_settle(void)
{
	struct virtio_console *console;

	list_for_each(console, &consoles.list, link)
		if (wait_event(&console->told, WAIT_UNINTERRUPTIBLE, clock_ns() + TELL_NS,
			    control_is_told(console)))
			log_warn("virtio-console: does not answer");
	work_flush();
}
