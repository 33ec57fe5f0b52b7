#ifndef DEV_VIRTIO_CONSOLE_H
#define DEV_VIRTIO_CONSOLE_H
/*
 * What console.c (the device and its control queue) and port.c (the streams) share.
 */
#include "dev/chr.h"
#include "dev/virtio/virtio.h"
#include "sched/work.h"

#define PORTS_MAX 8 /* of a device: ports with higher numbers are not used */

/* Buffers of a port. QEMU fills each with 4 KiB at most, but sends each in one piece: since those
 * to send are longer, a stream costs the host half as much. */
#define PORT_RX_BUFFERS 16
#define PORT_RX_BYTES   PAGE_SIZE
#define PORT_TX_BUFFERS 4
#define PORT_TX_BYTES   (4 * PAGE_SIZE)
#define PORT_ORDER      5
static_assert(PORT_RX_BUFFERS * PORT_RX_BYTES + PORT_TX_BUFFERS * PORT_TX_BYTES ==
		      PAGE_SIZE << PORT_ORDER,
	"a port's buffers fill its frames");

struct virtio_console;

enum port_peer { PEER_AWAITED, PEER_OPEN, PEER_GONE };

/* One stream of bytes each way (5.3.6.2). */
struct console_port {
	struct chr_device chr;
	struct virtio_console *console; /* [I] */
	unsigned number;                /* [I] */
	bool added;                     /* [control work] the device has told of it */
	enum port_peer peer;            /* [a] has the host opened it, and closed it again? */
	struct frame *frames;           /* [I] buffers: those to receive, those to send */
	struct virtio_queue rx, tx;
	uint8_t *rx_at;          /* [rx lock] received bytes not yet read: where, */
	uint32_t rx_left;        /* [rx lock] how many, */
	uint8_t *rx_buffer;      /* [rx lock] in which buffer; NULL: none */
	unsigned rx_unpublished; /* [rx lock] buffers given back, the device not told yet */
	uint8_t *tx_free[PORT_TX_BUFFERS]; /* [tx lock] stack of free buffers */
	unsigned tx_free_count;            /* [tx lock] */
};

struct virtio_console {
	struct virtio_device device;
	unsigned number;              /* [I] of this device among its like */
	unsigned port_count;          /* [I] */
	struct work work;             /* reads the control queue */
	struct frame *control_frames; /* [I] */
	struct virtio_queue control_rx, control_tx;
	struct wait_queue told; /* woken when the device has taken control messages */
	struct list_head link;  /* [I] in console.c's list */
	struct console_port ports[PORTS_MAX];
};

/* Set up the port's queues, before the device starts; -ENOMEM, -ENODEV. */
__must_check int port_init(struct virtio_console *console, unsigned number);
/* The device has told of the port: give it buffers and register its character device. -ENOMEM. */
__must_check int port_add(struct console_port *port);
/* The host has opened or closed its end. Threads only. */
void port_peer_set(struct console_port *port, enum port_peer peer);

/* Send a control message (5.3.6.2): -EIO if the device takes none. Threads only. */
__must_check int control_send(
	struct virtio_console *console, unsigned port, uint16_t event, uint16_t value);

#define CONTROL_DEVICE_READY 0
#define CONTROL_PORT_ADD     1
#define CONTROL_PORT_REMOVE  2
#define CONTROL_PORT_READY   3
#define CONTROL_CONSOLE_PORT 4
#define CONTROL_RESIZE       5
#define CONTROL_PORT_OPEN    6
#define CONTROL_PORT_NAME    7

#endif
