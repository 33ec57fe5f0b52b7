/*
 * AF_UNIX, SOCK_STREAM: bytes.
 *
 * A write goes into pages of the receiver's queue, behind what is there, so that many small ones
 * take no more room than one large. Where descriptors come along, or the sender is to be known and
 * is another than before, a record marks the place, and a read stops where it must not run on.
 */
#include "abi/errno.h"
#include "abi/poll.h"
#include "mm/frame.h"
#include "net/unix/name.h"
#include "net/unix/queue.h"

#define CHUNK_BYTES 32768u /* copied without a break: all or nothing where memory is not there */

/* ---- sending --------------------------------------------------------------------------------- */

static bool creds_same(const struct ucred *a, const struct ucred *b)
{
	return a->pid == b->pid && a->uid == b->uid && a->gid == b->gid;
}

/* Marks what is about to be put behind the queue's bytes, where it must be told apart from what is
 * before. *record NULL: it need not. -ENOMEM. */
static int mark(const struct unix_socket *self, const struct unix_socket *to,
	const struct socket_message *message, struct unix_record **record)
{
	const struct unix_record *last = list_last(&to->records, struct unix_record, link);
	struct ucred creds = unix_creds(self, to, message);

	*record = NULL;
	if (!message->rights &&
		(last ? !last->rights && creds_same(&last->creds, &creds) : !creds.pid))
		return 0;
	*record = unix_mark_create(to->bytes.tail + to->bytes.used, &creds, message->rights);
	return *record ? 0 : -ENOMEM;
}

/* All of a chunk, or less where memory runs out; nothing where the program's is not there. */
static ssize_t put_chunk(struct page_queue *queue, struct iter *iter, size_t bytes)
{
	ssize_t n = page_queue_put(queue, iter, bytes);
	size_t done = 0;

	if (likely(n == (ssize_t)bytes))
		return n;
	while (n > 0) {
		done += (size_t)n;
		n = page_queue_put(queue, iter, bytes - done);
	}
	if (n != -EFAULT)
		return done ? (ssize_t)done : n;
	page_queue_cut(queue, done);
	return n;
}

/* A chunk, if there is any room. `to` is locked. */
static ssize_t send_locked(
	struct unix_socket *self, struct unix_socket *to, struct socket_message *message)
{
	uint32_t limit = READ_ONCE(self->socket.send_bytes);
	size_t bytes = min((size_t)CHUNK_BYTES, (size_t)limit / 2);
	struct unix_record *record;
	ssize_t done;

	if (unlikely(to->shut & SHUT_RECEIVING))
		return -EPIPE;
	if (unlikely(to->charge >= limit))
		return -EAGAIN;
	bytes = min(bytes, message->iter->remaining);
	if (page_queue_reserve(&to->bytes, bytes) || mark(self, to, message, &record))
		return -ENOBUFS;
	done = put_chunk(&to->bytes, message->iter, bytes);
	if (unlikely(done < 0)) {
		if (record)
			unix_record_abandon(record);
		return done == -ENOMEM ? -ENOBUFS : done;
	}
	if (unlikely(record)) {
		unix_record_add(to, record);
		message->rights = NULL;
	}
	WRITE_ONCE(to->charge, to->charge + (uint32_t)done);
	return done;
}

static ssize_t send_chunk(
	struct unix_socket *self, struct unix_socket *to, struct socket_message *message)
{
	ssize_t done;

	if (unlikely(READ_ONCE(self->shut) & SHUT_SENDING))
		return -EPIPE;
	mutex_lock(&to->lock);
	done = send_locked(self, to, message);
	mutex_unlock(&to->lock);
	if (done > 0)
		socket_wake(&to->socket, POLLIN | POLLRDNORM | POLLRDBAND);
	return done;
}

/* Until all has been sent, or no more can be; bytes, or why there are none. */
static ssize_t send_all(
	struct unix_socket *self, struct unix_socket *to, struct socket_message *message)
{
	uint64_t deadline_ns =
		socket_deadline(READ_ONCE(self->socket.send_wait_ns), message->flags);
	ssize_t total = 0, done = 0;

	while (message->iter->remaining > 0) {
		done = send_chunk(self, to, message);
		if (likely(done > 0)) {
			total += done;
			continue;
		}
		if (done == -EAGAIN)
			done = socket_wait(&self->socket.wait, deadline_ns,
				unix_is_writable(self) || (READ_ONCE(self->shut) & SHUT_SENDING));
		else if (done == -ENOBUFS && frame_reclaim_for(-ENOMEM))
			continue;
		if (done)
			break;
	}
	return total ? total : done;
}

ssize_t unix_stream_send(struct socket *socket, struct socket_message *message)
{
	struct unix_socket *self = unix_of(socket);
	ssize_t done;
	int err;

	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (message->address)
		return unix_is_connected(self) ? -EISCONN : -EOPNOTSUPP;
	if (!unix_is_connected(self))
		return -ENOTCONN;
	if (unlikely(message->rights)) {
		err = rights_take_off(message->rights);
		if (err)
			return err;
	}
	/* Also where there is nothing to send. */
	done = READ_ONCE(self->shut) & SHUT_SENDING ? -EPIPE : send_all(self, self->peer, message);
	if (unlikely(message->rights))
		rights_land(message->rights);
	return done == -EPIPE && (message->flags & MSG_NOSIGNAL) ? -EPIPE_SILENT : done;
}

/* ---- receiving ------------------------------------------------------------------------------- */

struct reading {
	struct unix_socket *self;
	struct socket_message *message;
	size_t copied, target;
	size_t offset;              /* peeked so far */
	struct unix_record *record; /* of what was peeked last */
	bool started;               /* whose bytes these are has been noted */
	bool fault;
};

/* Copies bytes that are all alike, as far as there is room, and removes them unless they are only
 * looked at. False: that is the end of it. */
static bool read_alike(struct reading *reading, size_t bytes)
{
	struct unix_socket *self = reading->self;
	struct socket_message *message = reading->message;

	bytes = min(bytes, message->iter->remaining);
	bytes = min(bytes, (size_t)CHUNK_BYTES);
	if (unlikely(page_queue_copy(&self->bytes, reading->offset, message->iter, bytes) !=
		     (ssize_t)bytes)) {
		reading->fault = true;
		return false;
	}
	reading->copied += bytes;
	if (unlikely(message->flags & MSG_PEEK)) {
		reading->offset += bytes;
	} else {
		page_queue_drop(&self->bytes, bytes);
		WRITE_ONCE(self->charge, self->charge - (uint32_t)bytes);
	}
	return message->iter->remaining > 0;
}

static struct unix_record *record_behind(struct unix_socket *self, struct unix_record *record)
{
	struct list_head *link = record ? record->link.next : self->records.next;

	return link == &self->records ? NULL : list_entry(link, struct unix_record, link);
}

/* Bytes of different senders are not put together where the program asks who they are. */
static bool is_same_sender(struct reading *reading, const struct unix_record *record)
{
	static const struct ucred nobody = { .uid = UNIX_NOBODY, .gid = UNIX_NOBODY };
	struct socket_message *message = reading->message;
	const struct ucred *creds = record ? &record->creds : &nobody;

	if (!reading->started) {
		reading->started = true;
		message->has_creds = unix_switch(reading->self, SOCKET_PASSCRED);
		message->creds = *creds;
		return true;
	}
	return !message->has_creds || creds_same(&message->creds, creds);
}

/* Records that lie before the bytes that are left go. */
static void records_trim(struct unix_socket *self)
{
	struct unix_record *first, *second;

	while ((first = record_behind(self, NULL)) != NULL) {
		second = record_behind(self, first);
		if (self->bytes.used > 0 && (!second || second->start > self->bytes.tail))
			break;
		unix_record_remove(self, first);
		unix_record_destroy(first);
	}
}

/* The same as read_alike, where there are records: of bytes up to the next one. */
static bool read_marked(struct reading *reading)
{
	struct unix_socket *self = reading->self;
	struct unix_record *record = reading->record, *next = record_behind(self, record);
	uint64_t at = self->bytes.tail + reading->offset;
	bool more;

	while (next && next->start <= at) {
		record = next;
		next = record_behind(self, record);
	}
	if (!is_same_sender(reading, record))
		return false;
	more = read_alike(reading, next ? next->start - at : self->bytes.used - reading->offset);
	if (record && record->rights && !reading->fault) {
		unix_take_rights(record, reading->message);
		more = false;
	}
	if (reading->message->flags & MSG_PEEK)
		reading->record = record;
	else
		records_trim(self);
	return more;
}

/* Copies what is there. True: the call has what it can have. The lock is held. */
static bool read_locked(struct reading *reading)
{
	struct unix_socket *self = reading->self;
	bool more = true;

	reading->record = NULL;
	while (more && reading->offset < self->bytes.used) {
		if (likely(list_empty(&self->records) && !unix_switch(self, SOCKET_PASSCRED)))
			more = read_alike(reading, self->bytes.used - reading->offset);
		else
			more = read_marked(reading);
	}
	return !more || reading->copied >= reading->target ||
	       (reading->copied > 0 && (reading->message->flags & MSG_PEEK));
}

/* 0: done; -EAGAIN: there is more to wait for; or an error. */
static int read_once(struct reading *reading)
{
	struct unix_socket *self = reading->self;
	int err;

	if (read_locked(reading))
		return reading->fault ? -EFAULT : 0;
	err = socket_take_error(&self->socket);
	if (!err && !(self->shut & SHUT_RECEIVING))
		err = -EAGAIN;
	return err;
}

/* The peer may send again, if it could not before. */
static void wake_sender(struct unix_socket *self, uint64_t before, uint64_t after)
{
	struct unix_socket *peer = self->peer;
	uint64_t limit = READ_ONCE(peer->socket.send_bytes);

	if (before * 4 > limit && after * 4 <= limit)
		socket_wake(&peer->socket, POLLOUT | POLLWRNORM | POLLWRBAND);
}

/* There are bytes, or a reason not to wait for any. */
static bool is_readable(const struct unix_socket *self)
{
	return READ_ONCE(self->bytes.used) || READ_ONCE(self->socket.error) ||
	       (READ_ONCE(self->shut) & SHUT_RECEIVING);
}

/* One attempt: as read_once. */
static int read_attempt(struct reading *reading)
{
	struct unix_socket *self = reading->self;
	uint32_t before, after;
	int err;

	if (!is_readable(self))
		return -EAGAIN;
	mutex_lock(&self->lock);
	before = self->charge;
	err = read_once(reading);
	after = self->charge;
	mutex_unlock(&self->lock);
	wake_sender(self, before, after);
	return err;
}

static int read_until(struct reading *reading)
{
	struct unix_socket *self = reading->self;
	uint64_t deadline_ns =
		socket_deadline(READ_ONCE(self->socket.receive_wait_ns), reading->message->flags);

	for (;;) {
		int err = read_attempt(reading);

		if (err != -EAGAIN)
			return err;
		err = socket_wait(&self->socket.wait, deadline_ns, is_readable(self));
		if (err)
			return err;
	}
}

ssize_t unix_stream_receive(struct socket *socket, struct socket_message *message)
{
	size_t wanted = message->iter->remaining;
	struct reading reading = { .self = unix_of(socket), .message = message };
	int err;

	if ((message->flags & MSG_OOB) || !unix_is_connected(reading.self))
		return -EINVAL;
	if (!(message->flags & MSG_WAITALL))
		wanted = min(wanted, (size_t)READ_ONCE(socket->low_water));
	reading.target = max(wanted, (size_t)1);
	err = read_until(&reading);
	if (unlikely(message->rights))
		unix_take_finish(message);
	if (reading.copied == 0)
		return err;
	if (message->address)
		unix_name_copy(reading.self->peer, message->address);
	return (ssize_t)reading.copied;
}
