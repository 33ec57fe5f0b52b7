/*
 * The ports of a virtio-console as character devices: vport0p1 is port 1 of device 0.
 *
 * Receiving: the device always has buffers; a reader copies out of the oldest filled one. Buffers
 * go back in halves of their number, so that telling the device, which costs an exit, is rare.
 * Sending: a writer copies into free buffers and tells the device once for all it has filled.
 *
 * Neither direction interrupts while work goes on: a queue is listened to only by somebody who
 * found nothing to do, in the same critical section in which he found it, so no wake-up is lost.
 * Handlers just wake.
 *
 * The host's end: a reader gets 0 once the host has closed and all bytes have been read; a writer
 * gets -EPIPE. Before the host has opened its end, both wait.
 */
#include "abi/errno.h"
#include "core/log.h"
#include "dev/virtio/console.h"
#include "lib/format.h"
#include "lib/string.h"

#define RX_BATCH (PORT_RX_BUFFERS / 2)

static enum port_peer peer_of(const struct console_port *port)
{
	return __atomic_load_n(&port->peer, __ATOMIC_ACQUIRE);
}

void port_peer_set(struct console_port *port, enum port_peer peer)
{
	__atomic_store_n(&port->peer, peer, __ATOMIC_RELEASE);
	wait_wake_all(port->chr.readers, peer == PEER_GONE ? POLLIN | POLLHUP : 0);
	wait_wake_all(port->chr.writers, peer == PEER_GONE ? POLLERR | POLLHUP : POLLOUT);
}

/* Those to receive come first. */
static uint8_t *rx_buffer(const struct console_port *port, unsigned index)
{
	return (uint8_t *)frame_virt(port->frames) + (size_t)index * PORT_RX_BYTES;
}

static uint8_t *tx_buffer(const struct console_port *port, unsigned index)
{
	return rx_buffer(port, PORT_RX_BUFFERS) + (size_t)index * PORT_TX_BYTES;
}

/* A queue found broken here is dealt with where sleeping is allowed. */
static void queue_check_locked(struct virtio_queue *queue)
{
	struct console_port *port = queue->driver;

	if (queue->vq.broken && !READ_ONCE(queue->device->failed))
		work_queue(&port->console->work);
}

/* ---- receiving ------------------------------------------------------------------------------ */

static void rx_post_locked(struct console_port *port, uint8_t *buffer)
{
	struct vq_piece piece = { virt_to_phys(buffer), PORT_RX_BYTES, true };

	if (virtqueue_add(&port->rx.vq, &piece, 1, NULL, buffer) == 0)
		port->rx_unpublished++;
}

/* Bytes are at rx_at, or there are none and the queue is listened to. */
static bool rx_ready_locked(struct console_port *port)
{
	spin_assert_held(&port->rx.lock);
	while (port->rx_left == 0) {
		if (port->rx_buffer)
			rx_post_locked(port, port->rx_buffer);
		port->rx_buffer = virtqueue_take(&port->rx.vq, &port->rx_left);
		port->rx_at = port->rx_buffer;
		if (port->rx_buffer)
			continue;
		if (!virtqueue_listen(&port->rx.vq))
			break;
	}
	if (port->rx_unpublished >= RX_BATCH) {
		port->rx_unpublished = 0;
		virtio_queue_kick_locked(&port->rx);
	}
	queue_check_locked(&port->rx);
	return port->rx_left > 0;
}

static size_t rx_copy(struct console_port *port, void *buf, size_t bytes)
{
	uint64_t flags = spin_lock_irqsave(&port->rx.lock);
	size_t done = 0;

	while (done < bytes && rx_ready_locked(port)) {
		size_t part = min(bytes - done, (size_t)port->rx_left);

		memcpy((char *)buf + done, port->rx_at, part);
		port->rx_at += part;
		port->rx_left -= (uint32_t)part;
		done += part;
	}
	spin_unlock_irqrestore(&port->rx.lock, flags);
	return done;
}

static bool rx_ready(struct console_port *port)
{
	uint64_t flags = spin_lock_irqsave(&port->rx.lock);
	bool ready = rx_ready_locked(port);

	spin_unlock_irqrestore(&port->rx.lock, flags);
	return ready;
}

/* The host sends its bytes before the message that it has closed: whoever sees that message first
 * and then no bytes, is at the end. */
static bool rx_is_ended(struct console_port *port)
{
	return peer_of(port) == PEER_GONE && !rx_ready(port);
}

static ssize_t port_read(struct chr_device *chr, void *buf, size_t bytes, bool nonblock)
{
	struct console_port *port = chr->driver;

	for (;;) {
		bool gone = peer_of(port) == PEER_GONE;
		size_t done = rx_copy(port, buf, bytes);
		int err;

		if (done > 0 || bytes == 0 || gone)
			return (ssize_t)done;
		if (nonblock)
			return -EAGAIN;
		err = wait_event(chr->readers, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
			rx_ready(port) || peer_of(port) == PEER_GONE);
		if (err)
			return err;
	}
}

static void rx_used(struct virtio_queue *queue)
{
	struct console_port *port = queue->driver;
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	bool used = port->added && virtqueue_has_used(&queue->vq);

	if (used)
		virtqueue_quiet(&queue->vq);
	spin_unlock_irqrestore(&queue->lock, flags);
	if (used)
		wait_wake_all(port->chr.readers, POLLIN);
}

/* ---- sending -------------------------------------------------------------------------------- */

static void tx_collect_locked(struct console_port *port)
{
	uint8_t *buffer;
	uint32_t bytes;

	while ((buffer = virtqueue_take(&port->tx.vq, &bytes)) != NULL)
		port->tx_free[port->tx_free_count++] = buffer;
	queue_check_locked(&port->tx);
}

/* At least `wanted` buffers are free, or the queue is listened to. */
static bool tx_ready(struct console_port *port, unsigned wanted)
{
	uint64_t flags = spin_lock_irqsave(&port->tx.lock);
	bool ready;

	do {
		tx_collect_locked(port);
		ready = port->tx_free_count >= wanted;
	} while (!ready && virtqueue_listen(&port->tx.vq));
	spin_unlock_irqrestore(&port->tx.lock, flags);
	return ready;
}

/* Fill free buffers and send them; returns the bytes taken. */
static size_t tx_copy(struct console_port *port, const void *buf, size_t bytes)
{
	uint64_t flags = spin_lock_irqsave(&port->tx.lock);
	size_t done = 0;

	virtqueue_quiet(&port->tx.vq);
	tx_collect_locked(port);
	while (done < bytes && port->tx_free_count > 0) {
		uint8_t *buffer = port->tx_free[port->tx_free_count - 1];
		size_t part = min(bytes - done, (size_t)PORT_TX_BYTES);
		struct vq_piece piece = { virt_to_phys(buffer), (uint32_t)part, false };

		memcpy(buffer, (const char *)buf + done, part);
		if (virtqueue_add(&port->tx.vq, &piece, 1, NULL, buffer))
			break;
		port->tx_free_count--;
		done += part;
	}
	virtio_queue_kick_locked(&port->tx);
	spin_unlock_irqrestore(&port->tx.lock, flags);
	return done;
}

/* 0: the peer is there; -EAGAIN: not yet; -EPIPE: no more. */
static int tx_peer_error(const struct console_port *port)
{
	switch (peer_of(port)) {
	case PEER_AWAITED:
		return -EAGAIN;
	case PEER_OPEN:
		return READ_ONCE(port->console->device.failed) ? -EIO : 0;
	case PEER_GONE:
		break;
	}
	return -EPIPE;
}

/* Something can be sent, or never will be. */
static bool tx_is_decided(struct console_port *port)
{
	int err = tx_peer_error(port);

	return err == 0 ? tx_ready(port, 1) : err != -EAGAIN;
}

static ssize_t port_write(struct chr_device *chr, const void *buf, size_t bytes, bool nonblock)
{
	struct console_port *port = chr->driver;
	size_t done = 0;
	int err = 0;

	while (done < bytes) {
		err = tx_peer_error(port);
		if (!err)
			done += tx_copy(port, (const char *)buf + done, bytes - done);
		else if (err != -EAGAIN)
			break;
		if (done == bytes)
			break;
		err = -EAGAIN;
		if (nonblock)
			break;
		err = wait_event(
			chr->writers, WAIT_INTERRUPTIBLE, WAIT_FOREVER, tx_is_decided(port));
		if (err)
			break;
	}
	return done > 0 || bytes == 0 ? (ssize_t)done : err;
}

static void tx_used(struct virtio_queue *queue)
{
	struct console_port *port = queue->driver;
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	bool used = port->added && virtqueue_has_used(&queue->vq);

	if (used)
		virtqueue_quiet(&queue->vq);
	spin_unlock_irqrestore(&queue->lock, flags);
	if (used)
		wait_wake_all(port->chr.writers, POLLOUT);
}

static bool tx_is_drained(struct console_port *port)
{
	return tx_ready(port, PORT_TX_BUFFERS) || tx_peer_error(port);
}

static int port_drain(struct chr_device *chr)
{
	struct console_port *port = chr->driver;
	int err = wait_event(chr->writers, WAIT_INTERRUPTIBLE, WAIT_FOREVER, tx_is_drained(port));

	if (err)
		return err;
	return tx_ready(port, PORT_TX_BUFFERS) ? 0 : -EPIPE;
}

/* ---- the character device ------------------------------------------------------------------- */

static uint32_t port_poll(struct chr_device *chr)
{
	struct console_port *port = chr->driver;
	uint32_t events = 0;

	if (rx_ready(port))
		events |= POLLIN;
	if (rx_is_ended(port))
		events |= POLLIN | POLLHUP;
	if (tx_peer_error(port) == 0 && tx_ready(port, 1))
		events |= POLLOUT;
	if (peer_of(port) == PEER_GONE)
		events |= POLLOUT | POLLERR;
	return events;
}

static int port_open(struct chr_device *chr)
{
	struct console_port *port = chr->driver;

	return control_send(port->console, port->number, CONTROL_PORT_OPEN, 1);
}

static void port_close(struct chr_device *chr)
{
	struct console_port *port = chr->driver;

	if (control_send(port->console, port->number, CONTROL_PORT_OPEN, 0))
		log_warn("%s: close not told", chr->name);
}

static const struct chr_ops port_ops = {
	.open = port_open,
	.close = port_close,
	.read = port_read,
	.write = port_write,
	.poll = port_poll,
	.drain = port_drain,
};

/* ---- start ---------------------------------------------------------------------------------- */

int port_init(struct virtio_console *console, unsigned number)
{
	struct console_port *port = &console->ports[number];
	uint16_t rx_index = (uint16_t)(number == 0 ? 0 : 2 + 2 * number); /* 5.3.2 */
	int err;

	port->console = console;
	port->number = number;
	err = virtio_queue_init(
		&console->device, &port->rx, rx_index, PORT_RX_BUFFERS, rx_used, port);
	if (!err)
		err = virtio_queue_init(&console->device, &port->tx, (uint16_t)(rx_index + 1),
			PORT_TX_BUFFERS, tx_used, port);
	return err;
}

int port_add(struct console_port *port)
{
	struct virtio_console *console = port->console;
	uint64_t flags;
	int err = frame_alloc(PORT_ORDER, FRAME_DMA, &port->frames);

	if (err)
		return err;
	snprintf(port->chr.name, sizeof(port->chr.name), "vport%up%u", console->number,
		port->number);
	port->chr.rdev = CHR_RDEV(CHR_MAJOR_VPORT, console->number * PORTS_MAX + port->number);
	port->chr.ops = &port_ops;
	port->chr.driver = port;
	for (unsigned i = 0; i < PORT_TX_BUFFERS; i++)
		port->tx_free[i] = tx_buffer(port, i);
	port->tx_free_count = PORT_TX_BUFFERS;
	chr_register(&port->chr);

	flags = spin_lock_irqsave(&port->rx.lock);
	port->added = true;
	for (unsigned i = 0; i < PORT_RX_BUFFERS; i++)
		rx_post_locked(port, rx_buffer(port, i));
	port->rx_unpublished = 0;
	virtio_queue_kick_locked(&port->rx);
	spin_unlock_irqrestore(&port->rx.lock, flags);
	return control_send(console, port->number, CONTROL_PORT_READY, 1);
}
