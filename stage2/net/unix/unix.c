/*
 * AF_UNIX: making and closing sockets, and the tables of operations.
 *
 * The two ends of a connection refer to each other, so neither goes while the other has a file. A
 * stream or sequenced socket keeps its peer until its own file goes; who has the file may use it
 * without a lock.
 */
#include "net/unix/unix.h"

#include "abi/errno.h"
#include "abi/poll.h"
#include "io/poll.h"
#include "mm/slab.h"
#include "net/unix/name.h"
#include "net/unix/queue.h"

#define QUEUE_MAX                                                                                  \
	10 /* packets that may wait, but for those of a peer that is connected with it             \
	    */

static struct slab_cache socket_cache = SLAB_CACHE("unix-socket", struct unix_socket);
static const struct socket_ops stream_ops, datagram_ops, seqpacket_ops;

/* ---- making ---------------------------------------------------------------------------------- */

static const struct socket_ops *ops_of(int type)
{
	switch (type) {
	case SOCK_STREAM:
		return &stream_ops;
	case SOCK_DGRAM:
		return &datagram_ops;
	case SOCK_SEQPACKET:
		return &seqpacket_ops;
	default:
		return NULL;
	}
}

int unix_socket_create(int type, struct unix_socket **result)
{
	struct unix_socket *self;

	if (!ops_of(type))
		return -ESOCKTNOSUPPORT;
	self = slab_zalloc(&socket_cache);
	if (!self)
		return -ENOMEM;
	socket_init(&self->socket, ops_of(type), AF_UNIX, type);
	mutex_init(&self->lock, "unix-socket", RANK_SOCKET);
	list_init(&self->records);
	list_init(&self->pending);
	list_init(&self->pending_link);
	self->backlog = QUEUE_MAX;
	wait_queue_init(&self->room);
	spin_init(&self->room.lock, "unix-room", RANK_WAIT_OUTER);
	list_init(&self->relay.link);
	self->relay.wake = unix_relay_wake;
	list_init(&self->in_flight.link);
	unix_table_add(self);
	*result = self;
	return 0;
}

int unix_create(int type, int protocol, struct socket **socket)
{
	struct unix_socket *self;
	int err;

	if (protocol && protocol != AF_UNIX)
		return -EPROTONOSUPPORT;
	/* BSD had it, and programs ask for it. */
	err = unix_socket_create(type == SOCK_RAW ? SOCK_DGRAM : type, &self);
	if (!err)
		*socket = &self->socket;
	return err;
}

struct unix_socket *unix_of_file(struct file *file)
{
	struct socket *socket = socket_of(file);

	return socket && socket->family == AF_UNIX ? unix_of(socket) : NULL;
}

void unix_lock_two(struct unix_socket *a, struct unix_socket *b)
{
	mutex_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		mutex_lock_second(a < b ? &b->lock : &a->lock);
}

void unix_unlock_two(struct unix_socket *a, struct unix_socket *b)
{
	mutex_unlock(&a->lock);
	if (a != b)
		mutex_unlock(&b->lock);
}

/* ---- closing --------------------------------------------------------------------------------- */

/* The other end of a connection: nothing goes either way any more. */
static void peer_hang_up(struct unix_socket *peer, bool data_lost)
{
	mutex_lock(&peer->lock);
	WRITE_ONCE(peer->shut, SHUT_BOTH);
	if (data_lost)
		WRITE_ONCE(peer->socket.error, ECONNRESET);
	mutex_unlock(&peer->lock);
	socket_wake(&peer->socket, 0);
}

static void pending_close(struct list_head *pending)
{
	struct unix_socket *embryo;

	while ((embryo = list_first(pending, struct unix_socket, pending_link))) {
		list_del(&embryo->pending_link);
		unix_close(&embryo->socket);
	}
}

void unix_close(struct socket *socket)
{
	struct unix_socket *self = unix_of(socket), *peer;
	struct list_head records, pending;
	bool data_lost;

	unix_table_remove(self);
	list_init(&records);
	list_init(&pending);
	mutex_lock(&self->lock);
	WRITE_ONCE(self->dead, true);
	WRITE_ONCE(self->shut, SHUT_BOTH);
	WRITE_ONCE(self->state, UNIX_IDLE);
	data_lost = self->charge > 0 || self->embryo;
	peer = self->peer;
	self->peer = NULL;
	if (peer)
		wait_remove(&peer->room, &self->relay);
	list_splice_tail(&self->pending, &pending);
	WRITE_ONCE(self->pending_count, 0);
	unix_queue_clear(self, &records);
	mutex_unlock(&self->lock);

	if (peer && socket->type != SOCK_DGRAM)
		peer_hang_up(peer, data_lost);
	if (peer)
		unix_put(peer);
	wait_wake_all(&self->room, 0);
	pending_close(&pending);
	unix_records_destroy(&records);
	unix_put(self);
	unix_garbage_look();
}

static void unix_destroy(struct socket *socket)
{
	struct unix_socket *self = unix_of(socket);

	page_queue_destroy(&self->bytes);
	if (self->name)
		unix_name_put(self->name);
	if (self->identity)
		cred_put(self->identity);
	slab_free(&socket_cache, self);
}

/* ---- who is at the other end ----------------------------------------------------------------- */

void unix_identify_locked(struct unix_socket *self, uint32_t pid, struct cred *cred)
{
	struct cred *old = self->identity;

	cred_get(cred);
	self->identity = cred;
	self->identity_pid = pid;
	if (old)
		cred_put(old);
}

static void unix_identity(struct socket *socket, uint32_t *pid, struct cred **cred)
{
	struct unix_socket *self = unix_of(socket);

	mutex_lock(&self->lock);
	*pid = self->identity_pid;
	*cred = self->identity;
	if (*cred)
		cred_get(*cred);
	mutex_unlock(&self->lock);
}

/* ---- asking ---------------------------------------------------------------------------------- */

uint32_t unix_out(const struct unix_socket *self)
{
	const struct unix_socket *peer = READ_ONCE(self->peer);

	if (self->socket.type != SOCK_STREAM)
		return READ_ONCE(self->sent);
	return peer ? READ_ONCE(peer->charge) : 0;
}

bool unix_is_writable(const struct unix_socket *self)
{
	return READ_ONCE(self->state) != UNIX_LISTENING &&
	       (uint64_t)unix_out(self) * 4 <= READ_ONCE(self->socket.send_bytes);
}

static uint32_t stream_poll(struct socket *socket, struct poll_table *table)
{
	const struct unix_socket *self = unix_of(socket);
	uint32_t shut = READ_ONCE(self->shut), events = 0;

	if (READ_ONCE(socket->error))
		events |= POLLERR;
	if (shut == SHUT_BOTH || READ_ONCE(self->state) == UNIX_IDLE)
		events |= POLLHUP;
	if (shut & SHUT_RECEIVING)
		events |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (READ_ONCE(self->charge) || READ_ONCE(self->pending_count))
		events |= POLLIN | POLLRDNORM;
	if (unix_is_writable(self))
		events |= POLLOUT | POLLWRNORM | POLLWRBAND;
	return events;
}

static long unix_bytes_in(struct socket *socket)
{
	struct unix_socket *self = unix_of(socket);
	const struct unix_record *first;
	long bytes;

	mutex_lock(&self->lock);
	first = list_first(&self->records, struct unix_record, link);
	if (self->state == UNIX_LISTENING)
		bytes = -EINVAL;
	else if (socket->type == SOCK_DGRAM)
		bytes = first ? first->bytes : 0;
	else
		bytes = (long)(self->charge - self->record_count * UNIX_RECORD_CHARGE);
	mutex_unlock(&self->lock);
	return bytes;
}

static long unix_bytes_out(struct socket *socket)
{
	return unix_out(unix_of(socket));
}

/* ---- operations ------------------------------------------------------------------------------ */

static const struct socket_ops stream_ops = {
	.bind = unix_bind,
	.listen = unix_listen,
	.connect = unix_stream_connect,
	.accept = unix_accept,
	.pair = unix_pair,
	.name = unix_name_of,
	.send = unix_stream_send,
	.receive = unix_stream_receive,
	.shutdown = unix_shutdown,
	.poll = stream_poll,
	.bytes_in = unix_bytes_in,
	.bytes_out = unix_bytes_out,
	.identity = unix_identity,
	.close = unix_close,
	.destroy = unix_destroy,
};

static const struct socket_ops datagram_ops = {
	.bind = unix_bind,
	.connect = unix_datagram_connect,
	.pair = unix_pair,
	.name = unix_name_of,
	.send = unix_datagram_send,
	.receive = unix_packet_receive,
	.shutdown = unix_shutdown,
	.poll = unix_packet_poll,
	.bytes_in = unix_bytes_in,
	.bytes_out = unix_bytes_out,
	.identity = unix_identity,
	.close = unix_close,
	.destroy = unix_destroy,
};

static const struct socket_ops seqpacket_ops = {
	.bind = unix_bind,
	.listen = unix_listen,
	.connect = unix_stream_connect,
	.accept = unix_accept,
	.pair = unix_pair,
	.name = unix_name_of,
	.send = unix_seqpacket_send,
	.receive = unix_packet_receive,
	.shutdown = unix_shutdown,
	.poll = unix_packet_poll,
	.bytes_in = unix_bytes_in,
	.bytes_out = unix_bytes_out,
	.identity = unix_identity,
	.close = unix_close,
	.destroy = unix_destroy,
};
