/*
 * AF_UNIX: connections, and who talks to whom.
 *
 * connect(2) to a listener makes the other end itself, an "embryo", and leaves it in the listener's
 * list; the connection is there from then on, and may carry bytes before accept(2) has given the
 * embryo a file.
 */
#include "abi/errno.h"
#include "abi/poll.h"
#include "net/unix/name.h"
#include "net/unix/queue.h"

/* Each refers to the other. Both locks held. Who reads without that a socket is connected finds its
 * peer. */
static void link_locked(struct unix_socket *a, struct unix_socket *b)
{
	unix_get(a);
	unix_get(b);
	a->peer = b;
	b->peer = a;
	__atomic_store_n(&a->state, UNIX_CONNECTED, __ATOMIC_RELEASE);
	__atomic_store_n(&b->state, UNIX_CONNECTED, __ATOMIC_RELEASE);
}

int unix_pair(struct socket *one, struct socket *other)
{
	struct unix_socket *a = unix_of(one), *b = unix_of(other);
	uint32_t pid;
	struct cred *cred = on_caller_wanted(&pid);

	unix_lock_two(a, b);
	link_locked(a, b);
	unix_identify_locked(a, pid, cred);
	unix_identify_locked(b, pid, cred);
	unix_unlock_two(a, b);
	return 0;
}

/* ---- listeners ------------------------------------------------------------------------------- */

int unix_listen(struct socket *socket, uint32_t backlog)
{
	struct unix_socket *self = unix_of(socket);
	uint32_t pid;
	struct cred *cred = on_caller_wanted(&pid);
	int err = 0;

	mutex_lock(&self->lock);
	if (!self->name || self->state == UNIX_CONNECTED) {
		err = -EINVAL;
	} else {
		WRITE_ONCE(self->backlog, backlog);
		WRITE_ONCE(self->state, UNIX_LISTENING);
		WRITE_ONCE(socket->listens, true);
		unix_identify_locked(self, pid, cred);
	}
	mutex_unlock(&self->lock);
	wait_wake_all(&self->room, 0);
	return err;
}

/* The embryo becomes the other end of self. Locks of self and the listener held; nobody knows the
 * embryo yet. */
static int connect_locked(
	struct unix_socket *self, struct unix_socket *listener, struct unix_socket *embryo)
{
	uint32_t pid;
	struct cred *cred = on_caller_wanted(&pid);

	if (listener->dead || listener->state != UNIX_LISTENING ||
		(listener->shut & SHUT_RECEIVING))
		return -ECONNREFUSED;
	if (unix_is_full(listener))
		return -EAGAIN;
	if (self->state != UNIX_IDLE)
		return self->state == UNIX_CONNECTED ? -EISCONN : -EINVAL;
	embryo->embryo = true;
	embryo->name = listener->name;
	unix_name_get(embryo->name);
	unix_identify_locked(embryo, pid, cred);
	unix_identify_locked(self, listener->identity_pid, listener->identity);
	link_locked(self, embryo);
	list_add_tail(&embryo->pending_link, &listener->pending);
	WRITE_ONCE(listener->pending_count, listener->pending_count + 1);
	return 0;
}

static bool may_connect_now(const struct unix_socket *listener)
{
	return READ_ONCE(listener->dead) || (READ_ONCE(listener->shut) & SHUT_RECEIVING) ||
	       !unix_is_full(listener);
}

/* Until the connection is there, or cannot be. */
static int connect_until(struct unix_socket *self, struct unix_socket *listener,
	struct unix_socket *embryo, uint64_t deadline_ns)
{
	for (;;) {
		int err;

		unix_lock_two(self, listener);
		err = connect_locked(self, listener, embryo);
		unix_unlock_two(self, listener);
		if (err != -EAGAIN)
			return err;
		err = socket_wait(&listener->room, deadline_ns, may_connect_now(listener));
		if (err)
			return err;
	}
}

int unix_stream_connect(struct socket *socket, const struct socket_address *address, uint32_t flags)
{
	struct unix_socket *self = unix_of(socket), *listener, *embryo;
	uint64_t deadline_ns = socket_deadline(READ_ONCE(socket->send_wait_ns), flags);
	int err = unix_address_check(address);

	if (!err)
		err = unix_autobind_passcred(self);
	if (!err)
		err = unix_find(self, address, &listener);
	if (err)
		return err;
	err = unix_socket_create(socket->type, &embryo);
	if (err)
		goto put_listener;
	err = connect_until(self, listener, embryo, deadline_ns);
	if (err)
		unix_close(&embryo->socket);
	else
		socket_wake(&listener->socket, POLLIN | POLLRDNORM);
put_listener:
	unix_put(listener);
	return err;
}

/* ---- accept(2) ------------------------------------------------------------------------------- */

/* The oldest embryo, which is about to get a file. -EAGAIN. */
static int accept_once(struct unix_socket *self, struct unix_socket **accepted)
{
	struct unix_socket *embryo;
	int err = 0;

	mutex_lock(&self->lock);
	embryo = list_first(&self->pending, struct unix_socket, pending_link);
	if (self->state != UNIX_LISTENING) {
		err = -EINVAL;
	} else if (!embryo) {
		err = -EAGAIN;
	} else {
		list_del(&embryo->pending_link);
		WRITE_ONCE(self->pending_count, self->pending_count - 1);
	}
	mutex_unlock(&self->lock);
	if (err)
		return err;
	if (wait_has_waiters(&self->room))
		wait_wake_all(&self->room, 0);
	__atomic_fetch_or(&embryo->socket.switches,
		READ_ONCE(self->socket.switches) & SOCKET_PASSCRED, __ATOMIC_RELAXED);
	mutex_lock(&embryo->lock);
	WRITE_ONCE(embryo->embryo, false);
	mutex_unlock(&embryo->lock);
	*accepted = embryo;
	return 0;
}

int unix_accept(struct socket *socket, uint32_t flags, struct socket **result)
{
	struct unix_socket *self = unix_of(socket), *accepted;
	uint64_t deadline_ns = socket_deadline(READ_ONCE(socket->receive_wait_ns), flags);

	for (;;) {
		int err = accept_once(self, &accepted);

		if (!err) {
			*result = &accepted->socket;
			return 0;
		}
		if (err != -EAGAIN)
			return err;
		err = socket_wait(&socket->wait, deadline_ns,
			READ_ONCE(self->pending_count) || (READ_ONCE(self->shut) & SHUT_RECEIVING));
		if (err)
			return err;
		if (READ_ONCE(self->shut) & SHUT_RECEIVING && !READ_ONCE(self->pending_count))
			return -EINVAL;
	}
}

/* ---- datagrams: a peer is only where messages go ----------------------------------------- */

/* self has left a peer: what was received goes with it; a peer that sends here is told. */
static void disconnected(struct unix_socket *self, struct unix_socket *old_peer)
{
	struct list_head records;
	bool lost;

	list_init(&records);
	mutex_lock(&self->lock);
	lost = self->record_count > 0;
	unix_queue_clear(self, &records);
	mutex_unlock(&self->lock);
	if (!lost)
		return;
	wait_wake_all(&self->room, 0);
	unix_records_destroy(&records);
	mutex_lock(&old_peer->lock);
	lost = !old_peer->dead && old_peer->peer == self;
	if (lost)
		WRITE_ONCE(old_peer->socket.error, ECONNRESET);
	mutex_unlock(&old_peer->lock);
	if (lost)
		socket_wake(&old_peer->socket, POLLERR);
}

/* The old peer, if there was one: its reference is the caller's. self's lock held, and peer's. */
static struct unix_socket *peer_change_locked(struct unix_socket *self, struct unix_socket *peer)
{
	struct unix_socket *old_peer = self->peer;

	if (old_peer)
		wait_remove(&old_peer->room, &self->relay);
	if (peer)
		unix_get(peer);
	self->peer = peer;
	WRITE_ONCE(self->state, peer ? UNIX_CONNECTED : UNIX_IDLE);
	return old_peer;
}

static void peer_left(struct unix_socket *self, struct unix_socket *old_peer, bool other)
{
	socket_wake(&self->socket, POLLOUT | POLLWRNORM | POLLWRBAND);
	if (other)
		disconnected(self, old_peer);
	unix_put(old_peer);
}

void unix_peer_lost(struct unix_socket *self, struct unix_socket *peer)
{
	struct unix_socket *old_peer = NULL;

	mutex_lock(&self->lock);
	if (self->peer == peer)
		old_peer = peer_change_locked(self, NULL);
	mutex_unlock(&self->lock);
	if (old_peer)
		peer_left(self, old_peer, true);
}

/* self's messages go to `peer` from now on; NULL: nowhere. */
static int peer_set(struct unix_socket *self, struct unix_socket *peer)
{
	struct unix_socket *second = peer ? peer : self, *old_peer = NULL;
	int err = 0;

	unix_lock_two(self, second);
	if (peer && peer->dead)
		err = -ECONNREFUSED;
	else if (peer && peer->peer && peer->peer != self)
		err = -EPERM;
	else
		old_peer = peer_change_locked(self, peer);
	unix_unlock_two(self, second);
	if (old_peer)
		peer_left(self, old_peer, old_peer != peer);
	return err;
}

int unix_datagram_connect(
	struct socket *socket, const struct socket_address *address, uint32_t flags)
{
	struct unix_socket *self = unix_of(socket), *peer;
	int err;

	if (address->bytes < sizeof(address->family))
		return -EINVAL;
	if (address->family == AF_UNSPEC)
		return peer_set(self, NULL);
	err = unix_address_check(address);
	if (!err)
		err = unix_autobind_passcred(self);
	if (!err)
		err = unix_find(self, address, &peer);
	if (err)
		return err;
	err = peer_set(self, peer);
	unix_put(peer);
	return err;
}

/* ---- shutdown(2) ----------------------------------------------------------------------------- */

static void shut(struct unix_socket *self, uint32_t what)
{
	mutex_lock(&self->lock);
	WRITE_ONCE(self->shut, self->shut | what);
	mutex_unlock(&self->lock);
	socket_wake(&self->socket, 0);
	if (wait_has_waiters(&self->room))
		wait_wake_all(&self->room, 0);
}

int unix_shutdown(struct socket *socket, int how)
{
	struct unix_socket *self = unix_of(socket);
	uint32_t what = (uint32_t)how + 1; /* SHUT_RD, SHUT_WR, SHUT_RDWR */

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	shut(self, what);
	/* What one end does not receive the other cannot send, and the other way round. */
	if (socket->type != SOCK_DGRAM && READ_ONCE(self->peer))
		shut(self->peer, (what >> 1 | what << 1) & SHUT_BOTH);
	return 0;
}
