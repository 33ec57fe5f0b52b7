/*
 * AF_UNIX: the queue of what was sent to a socket, its records above all.
 */
#include "net/unix/queue.h"

#include "abi/errno.h"
#include "abi/poll.h"
#include "mm/slab.h"

static struct slab_cache record_cache = SLAB_CACHE("unix-record", struct unix_record);

static struct unix_record *record_create(struct socket_rights *rights)
{
	struct unix_record *record = slab_zalloc(&record_cache);

	if (!record)
		return NULL;
	list_init(&record->link);
	record->rights = rights;
	return record;
}

struct unix_record *unix_packet_create(struct unix_socket *sender, struct socket_message *message)
{
	struct unix_record *record = record_create(message->rights);

	if (!record)
		return NULL;
	record->bytes = (uint32_t)message->iter->remaining;
	record->sender = sender;
	unix_get(sender);
	__atomic_add_fetch(&sender->sent, record->bytes + UNIX_RECORD_CHARGE, __ATOMIC_RELAXED);
	return record;
}

struct unix_record *unix_mark_create(
	uint64_t start, const struct ucred *creds, struct socket_rights *rights)
{
	struct unix_record *record = record_create(rights);

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
	slab_free(&record_cache, record);
}

void unix_record_add(struct unix_socket *to, struct unix_record *record)
{
	list_add_tail(&record->link, &to->records);
	WRITE_ONCE(to->record_count, to->record_count + 1);
	WRITE_ONCE(to->charge, to->charge + UNIX_RECORD_CHARGE);
}

void unix_record_remove(struct unix_socket *self, struct unix_record *record)
{
	list_del(&record->link);
	WRITE_ONCE(self->record_count, self->record_count - 1);
	WRITE_ONCE(self->charge, self->charge - UNIX_RECORD_CHARGE);
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
	struct unix_record *record;

	while ((record = list_first(records, struct unix_record, link))) {
		list_del(&record->link);
		unix_record_destroy(record);
	}
}

struct ucred unix_caller_creds(void)
{
	uint32_t pid;
	const struct cred *cred = on_caller_wanted(&pid);

	return (struct ucred){ .pid = (int)pid, .uid = cred->uid, .gid = cred->gid };
}

void unix_take_locked(struct unix_record *record, struct socket_message *message)
{
	if (message->flags & MSG_PEEK) {
		message->rights = rights_copy(record->rights);
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
