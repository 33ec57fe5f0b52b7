/*
 * AF_UNIX: records of what was sent to a socket, and the queue of them.
 */
#include "net/unix/queue.h"

#include "abi/errno.h"
#include "abi/poll.h"
#include "mm/frame.h"
#include "mm/slab.h"

/* A packet of at most so many bytes is one piece of memory with its record. */
#define INLINE_BYTES (1024u - sizeof(struct unix_record))

static struct unix_record *record_create(size_t inline_bytes, struct socket_rights *rights)
{
	struct unix_record *record = kmalloc(sizeof(*record) + inline_bytes);

	if (!record)
		return NULL;
	list_init(&record->link);
	record->start = 0;
	record->bytes = 0;
	record->rights = rights;
	record->sender = NULL;
	record->pages = (struct page_queue){ .tail = 0 };
	return record;
}

static int pages_fill(struct unix_record *record, struct iter *iter)
{
	size_t left = record->bytes;
	int err = page_queue_reserve(&record->pages, left);

	while (!err && left > 0) {
		ssize_t n = page_queue_put(&record->pages, iter, left);

		if (n > 0)
			left -= (size_t)n;
		else if (n != -ENOMEM || !frame_reclaim_for(-ENOMEM))
			err = n ? (int)n : -EFAULT;
	}
	return err;
}

int unix_packet_create(
	struct unix_socket *sender, struct socket_message *message, struct unix_record **result)
{
	size_t bytes = message->iter->remaining;
	bool is_inline = bytes <= INLINE_BYTES;
	struct unix_record *record = record_create(is_inline ? bytes : 0, message->rights);
	int err = 0;

	if (!record)
		return -ENOBUFS;
	record->bytes = (uint32_t)bytes;
	record->sender = sender;
	unix_get(sender);
	__atomic_add_fetch(&sender->sent, record->bytes + UNIX_RECORD_CHARGE, __ATOMIC_RELAXED);
	if (!is_inline)
		err = pages_fill(record, message->iter);
	else if (iter_read(message->iter, record->data, bytes) != (ssize_t)bytes)
		err = -EFAULT;
	if (!err) {
		*result = record;
		return 0;
	}
	unix_record_abandon(record);
	return err == -ENOMEM ? -ENOBUFS : err;
}

void unix_record_abandon(struct unix_record *record)
{
	record->rights = NULL;
	unix_record_destroy(record);
}

bool unix_packet_copy(const struct unix_record *record, struct iter *iter, size_t bytes)
{
	ssize_t done;

	if (record->bytes <= INLINE_BYTES)
		done = iter_write(iter, record->data, bytes);
	else
		done = page_queue_copy(&record->pages, 0, iter, bytes);
	return done == (ssize_t)bytes;
}

struct unix_record *unix_mark_create(
	uint64_t start, const struct ucred *creds, struct socket_rights *rights)
{
	struct unix_record *record = record_create(0, rights);

	if (!record)
		return NULL;
	record->start = start;
	record->creds = *creds;
	return record;
}

/* The sender of a packet may send again. */
static void sender_discharge(struct unix_socket *sender, uint32_t charge)
{
	uint32_t left = __atomic_sub_fetch(&sender->sent, charge, __ATOMIC_SEQ_CST);
	uint64_t limit = READ_ONCE(sender->socket.send_bytes);

	if ((uint64_t)left * 4 <= limit && ((uint64_t)left + charge) * 4 > limit)
		socket_wake(&sender->socket, POLLOUT | POLLWRNORM | POLLWRBAND);
}

void unix_record_destroy(struct unix_record *record)
{
	if (record->rights) {
		if (record->rights->in_flight)
			rights_land(record->rights);
		rights_destroy(record->rights);
	}
	if (record->sender) {
		sender_discharge(record->sender, record->bytes + UNIX_RECORD_CHARGE);
		unix_put(record->sender);
	}
	page_queue_destroy(&record->pages);
	kfree(record);
}

void unix_record_add(struct unix_socket *to, struct unix_record *record)
{
	list_add_tail(&record->link, &to->records);
	WRITE_ONCE(to->record_count, to->record_count + 1);
	WRITE_ONCE(to->charge, to->charge + record->bytes + UNIX_RECORD_CHARGE);
}

void unix_record_remove(struct unix_socket *self, struct unix_record *record)
{
	list_del(&record->link);
	WRITE_ONCE(self->record_count, self->record_count - 1);
	WRITE_ONCE(self->charge, self->charge - record->bytes - UNIX_RECORD_CHARGE);
}

void unix_queue_clear(struct unix_socket *self, struct list_head *records)
{
	list_splice_tail(&self->records, records);
	WRITE_ONCE(self->record_count, 0);
	WRITE_ONCE(self->charge, 0);
	page_queue_clear(&self->bytes);
}

void unix_records_destroy(struct list_head *records)
{
	struct unix_record *record, *next;

	list_for_each_safe(record, next, records, link)
		unix_record_destroy(record);
	list_init(records);
}

struct ucred unix_caller_creds(void)
{
	uint32_t pid;
	const struct cred *cred = on_caller_wanted(&pid);

	return (struct ucred){ .pid = (int)pid, .uid = cred->uid, .gid = cred->gid };
}

void unix_take_rights(struct unix_record *record, struct socket_message *message)
{
	if (message->flags & MSG_PEEK) {
		message->rights = rights_copy(record->rights);
		if (!message->rights)
			message->result |= MSG_CTRUNC;
	} else {
		message->rights = record->rights;
		record->rights = NULL;
	}
}

void unix_take_finish(struct socket_message *message)
{
	if (!message->rights)
		return;
	if (message->flags & MSG_PEEK)
		rights_peeked(message->rights);
	else
		rights_land(message->rights);
}
