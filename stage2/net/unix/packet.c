/*
 * AF_UNIX, SOCK_DGRAM and SOCK_SEQPACKET: messages, each received whole or cut.
 *
 * A message is put together before anything of the receiver is locked, and taken apart after it has
 * left the queue. Two limits hold senders back: a sender's own (SO_SNDBUF), and how many messages
 * may wait at a socket that is not connected with the sender.
 */
#include "abi/errno.h"
#include "abi/poll.h"
#include "io/poll.h"
#include "lib/assert.h"
#include "net/unix/name.h"
#include "net/unix/queue.h"

#define OVERHEAD_BYTES 32u /* a message is smaller than SO_SNDBUF by this, as on Linux */

/* ---- room at the receiver -------------------------------------------------------------------- */

/* Too many wait at `to` for another from self. */
static bool is_full_for(const struct unix_socket *to, const struct unix_socket *self)
{
	return to != self && READ_ONCE(to->peer) != self && unix_is_full(to);
}

bool unix_relay_wake(struct wait_entry *entry, uint32_t events)
{
	struct unix_socket *self = container_of(entry, struct unix_socket, relay);

	list_del(&entry->link);
	wait_wake_all(&self->socket.wait, POLLOUT | POLLWRNORM | POLLWRBAND);
	return false;
}

/* If self's peer is full, who polls self will be woken when it no longer is. False: it is not. */
static bool relay_enter_locked(struct unix_socket *self)
{
	struct unix_socket *peer = self->peer;

	assert(mutex_held(&self->lock));
	if (!is_full_for(peer, self))
		return false;
	wait_add(&peer->room, &self->relay);
	if (!READ_ONCE(peer->dead) && is_full_for(peer, self))
		return true;
	/* Another thread may rely on the entry that is now taken out. */
	wait_remove(&peer->room, &self->relay);
	wait_wake_all(&self->socket.wait, POLLOUT | POLLWRNORM | POLLWRBAND);
	return false;
}

/* The same, where the peer is `peer`, or any where that is NULL; true where it is another. */
static bool relay_enter(struct unix_socket *self, const struct unix_socket *peer)
{
	bool full = peer != NULL;

	mutex_lock(&self->lock);
	if (self->peer && (!peer || self->peer == peer))
		full = relay_enter_locked(self);
	mutex_unlock(&self->lock);
	return full;
}

uint32_t unix_packet_poll(struct socket *socket, struct poll_table *table)
{
	struct unix_socket *self = unix_of(socket);
	uint32_t shut = READ_ONCE(self->shut), events = 0;

	if (READ_ONCE(socket->error))
		events |= POLLERR;
	if (shut == SHUT_BOTH ||
		(socket->type == SOCK_SEQPACKET && READ_ONCE(self->state) == UNIX_IDLE))
		events |= POLLHUP;
	if (shut & SHUT_RECEIVING)
		events |= POLLRDHUP | POLLIN | POLLRDNORM;
	if (READ_ONCE(self->record_count) || READ_ONCE(self->pending_count))
		events |= POLLIN | POLLRDNORM;
	if (unix_is_writable(self) && (socket->type == SOCK_SEQPACKET || !relay_enter(self, NULL)))
		events |= POLLOUT | POLLWRNORM | POLLWRBAND;
	return events;
}

/* ---- sending --------------------------------------------------------------------------------- */

/* The packet into the queue of `to`, whose lock is held. -ESTALE: `to` has gone. */
static int put_locked(struct unix_socket *self, struct unix_socket *to,
	const struct socket_message *message, struct unix_record *record)
{
	if (to->peer && to->peer != self)
		return -EPERM;
	if (to->dead)
		return -ESTALE;
	if (to->shut & SHUT_RECEIVING)
		return -EPIPE;
	if (is_full_for(to, self))
		return -EAGAIN;
	record->creds = unix_creds(self, to, message);
	unix_record_add(to, record);
	return 0;
}

static bool may_put_now(const struct unix_socket *to, const struct unix_socket *self)
{
	return READ_ONCE(to->dead) || (READ_ONCE(to->shut) & SHUT_RECEIVING) ||
	       !is_full_for(to, self);
}

/* Until it is in the queue, or cannot be. */
static int put_until(struct unix_socket *self, struct unix_socket *to,
	const struct socket_message *message, struct unix_record *record, uint64_t deadline_ns)
{
	for (;;) {
		int err;

		mutex_lock(&to->lock);
		err = put_locked(self, to, message, record);
		mutex_unlock(&to->lock);
		if (err != -EAGAIN)
			return err;
		if (!deadline_ns && !relay_enter(self, to))
			continue;
		err = socket_wait(&to->room, deadline_ns, may_put_now(to, self));
		if (err)
			return err;
	}
}

/* The receiver's file went while the message was on its way. */
static int receiver_gone(struct unix_socket *self, struct unix_socket *to)
{
	if (self->socket.type == SOCK_SEQPACKET)
		return -EPIPE;
	unix_peer_lost(self, to);
	return -ECONNREFUSED;
}

static int send_to(struct unix_socket *self, struct unix_socket *to, struct socket_message *message,
	struct unix_record *record, uint64_t deadline_ns)
{
	int err = 0;

	if (unlikely(message->rights))
		err = rights_take_off(message->rights);
	if (err)
		return err;
	err = put_until(self, to, message, record, deadline_ns);
	if (!err) {
		message->rights = NULL;
		socket_wake(&to->socket, POLLIN | POLLRDNORM | POLLRDBAND);
		return 0;
	}
	if (message->rights)
		rights_land(message->rights);
	return err == -ESTALE ? receiver_gone(self, to) : err;
}

/* Until what self has sent leaves room for another message. */
static int sender_wait(struct unix_socket *self, uint64_t deadline_ns)
{
	struct socket *socket = &self->socket;

	for (;;) {
		int err = socket_take_error(socket);

		if (err)
			return err;
		if (READ_ONCE(self->shut) & SHUT_SENDING)
			return -EPIPE;
		if (READ_ONCE(self->sent) < READ_ONCE(socket->send_bytes))
			return 0;
		err = socket_wait(&socket->wait, deadline_ns,
			unix_is_writable(self) || READ_ONCE(socket->error) ||
				(READ_ONCE(self->shut) & SHUT_SENDING));
		if (err)
			return err;
	}
}

/* To `to`, a reference to which is taken over, or where the address says. */
static ssize_t packet_send(
	struct unix_socket *self, struct unix_socket *to, struct socket_message *message)
{
	uint64_t deadline_ns =
		socket_deadline(READ_ONCE(self->socket.send_wait_ns), message->flags);
	size_t bytes = message->iter->remaining;
	struct unix_record *record;
	int err = unix_autobind_passcred(self);

	if (!err && bytes > READ_ONCE(self->socket.send_bytes) - OVERHEAD_BYTES)
		err = -EMSGSIZE;
	if (!err)
		err = sender_wait(self, deadline_ns);
	if (!err)
		err = unix_packet_create(self, message, &record);
	if (err)
		goto put;
	if (!to)
		err = unix_find(self, message->address, &to);
	if (!err)
		err = send_to(self, to, message, record, deadline_ns);
	if (err)
		unix_record_abandon(record);
put:
	if (to)
		unix_put(to);
	if (err)
		return err == -EPIPE ? -EPIPE_SILENT : err;
	return (ssize_t)bytes;
}

ssize_t unix_datagram_send(struct socket *socket, struct socket_message *message)
{
	struct unix_socket *self = unix_of(socket), *to = NULL;
	int err;

	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (message->address) {
		err = unix_address_check(message->address);
		return err ? err : packet_send(self, NULL, message);
	}
	mutex_lock(&self->lock);
	to = self->peer;
	if (to)
		unix_get(to);
	mutex_unlock(&self->lock);
	return to ? packet_send(self, to, message) : -ENOTCONN;
}

ssize_t unix_seqpacket_send(struct socket *socket, struct socket_message *message)
{
	struct unix_socket *self = unix_of(socket);
	int err = socket_take_error(socket);

	if (err)
		return err;
	if (!unix_is_connected(self))
		return -ENOTCONN;
	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	unix_get(self->peer);
	return packet_send(self, self->peer, message);
}

/* ---- receiving ------------------------------------------------------------------------------- */

/* What is in the packet, for the program; rights by a copy for MSG_PEEK. */
static ssize_t unpack(
	struct unix_socket *self, struct unix_record *record, struct socket_message *message)
{
	size_t room = message->iter->remaining, part = min(room, (size_t)record->bytes);

	if (record->bytes > room)
		message->result |= MSG_TRUNC;
	message->has_creds = unix_switch(self, SOCKET_PASSCRED);
	message->creds = record->creds;
	if (message->address)
		unix_name_copy(record->sender, message->address);
	if (unlikely(record->rights))
		unix_take_rights(record, message);
	if (!unix_packet_copy(record, message->iter, part))
		return -EFAULT;
	return (ssize_t)(message->flags & MSG_TRUNC ? record->bytes : part);
}

/* Look at the first packet, under the lock, as another may take it. -EAGAIN: there is none. */
static ssize_t peek(struct unix_socket *self, struct socket_message *message)
{
	struct unix_record *first;
	ssize_t bytes = -EAGAIN;

	mutex_lock(&self->lock);
	first = list_first(&self->records, struct unix_record, link);
	if (first)
		bytes = unpack(self, first, message);
	mutex_unlock(&self->lock);
	return bytes;
}

static ssize_t take(struct unix_socket *self, struct socket_message *message)
{
	struct unix_record *first;
	ssize_t bytes;

	mutex_lock(&self->lock);
	first = list_first(&self->records, struct unix_record, link);
	if (first)
		unix_record_remove(self, first);
	mutex_unlock(&self->lock);
	if (!first)
		return -EAGAIN;
	if (wait_has_waiters(&self->room))
		wait_wake_all(&self->room, 0);
	bytes = unpack(self, first, message);
	unix_record_destroy(first);
	return bytes;
}

static ssize_t receive_once(struct unix_socket *self, struct socket_message *message)
{
	ssize_t bytes;

	if (READ_ONCE(self->record_count) == 0)
		return -EAGAIN;
	bytes = message->flags & MSG_PEEK ? peek(self, message) : take(self, message);
	if (unlikely(message->rights))
		unix_take_finish(message);
	return bytes;
}

ssize_t unix_packet_receive(struct socket *socket, struct socket_message *message)
{
	struct unix_socket *self = unix_of(socket);
	uint64_t deadline_ns = socket_deadline(READ_ONCE(socket->receive_wait_ns), message->flags);
	bool sequenced = socket->type == SOCK_SEQPACKET;

	if (sequenced && !unix_is_connected(self))
		return -ENOTCONN;
	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	for (;;) {
		/* Before the queue: what is sent comes before the end. */
		bool ended = READ_ONCE(self->shut) & SHUT_RECEIVING;
		ssize_t result = socket_take_error(socket);

		if (!result)
			result = receive_once(self, message);
		if (result != -EAGAIN)
			return result;
		if (ended && (deadline_ns || sequenced))
			return 0;
		result = socket_wait(&socket->wait, deadline_ns,
			READ_ONCE(self->record_count) || READ_ONCE(socket->error) ||
				(READ_ONCE(self->shut) & SHUT_RECEIVING));
		if (result)
			return result;
	}
}
