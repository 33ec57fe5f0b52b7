#ifndef NET_UNIX_QUEUE_H
#define NET_UNIX_QUEUE_H
/*
 * What was sent to a socket of AF_UNIX and waits there: records beside the bytes.
 */
#include "net/unix/socket.h"

/* The ids of a sender that nobody knows. */
#define UNIX_NOBODY 65534u

/*
 * What belongs to some bytes. In a stream a record begins where something changes; the bytes, in
 * the socket's queue, before the first have nothing to be told of them. A packet is a record, and
 * has its bytes itself.
 */
struct unix_record {
	struct list_head link;
	uint64_t start;               /* of a stream's: number of its first byte */
	struct ucred creds;           /* who sent it */
	struct socket_rights *rights; /* NULL: none */
	/* Of a packet; else 0. */
	struct unix_socket *sender; /* reference held, and charged */
	uint32_t bytes;
	struct page_queue pages; /* a large one's bytes */
	char data[];             /* a small one's */
};

/* A packet of all that is in the message, whose sender is charged. -ENOBUFS, -EFAULT. */
__must_check int unix_packet_create(
	struct unix_socket *sender, struct socket_message *message, struct unix_record **record);
/* One that was not sent: its rights are still the message's. */
void unix_record_abandon(struct unix_record *record);
/* The first `bytes` into the iter. False: the program's memory is not there. */
bool unix_packet_copy(const struct unix_record *record, struct iter *iter, size_t bytes);
/* A place in a stream. NULL: no memory. */
__must_check struct unix_record *unix_mark_create(
	uint64_t start, const struct ucred *creds, struct socket_rights *rights);
/* One that has left its queue, or never was in it: its rights, its sender's charge. May sleep. */
void unix_record_destroy(struct unix_record *record);
/* Into the queue, out of it. Lock held. */
void unix_record_add(struct unix_socket *to, struct unix_record *record);
void unix_record_remove(struct unix_socket *self, struct unix_record *record);
/* All that is in the queue goes; the records to *records, to be destroyed without the lock. */
void unix_queue_clear(struct unix_socket *self, struct list_head *records);
void unix_records_destroy(struct list_head *records);
/* Who has sent a message to `to`: what the program says, or what the running thread is where
 * somebody wants to know, or nobody. */
struct ucred unix_caller_creds(void);
static inline struct ucred unix_creds(const struct unix_socket *self, const struct unix_socket *to,
	const struct socket_message *message)
{
	if (unlikely(message->has_creds))
		return message->creds;
	if (unlikely(unix_switch(self, SOCKET_PASSCRED) || unix_switch(to, SOCKET_PASSCRED) ||
		     READ_ONCE(to->embryo)))
		return unix_caller_creds();
	return (struct ucred){ .uid = UNIX_NOBODY, .gid = UNIX_NOBODY };
}
/* A record's rights become the message's, by a copy for MSG_PEEK: while nobody else can take them.
 * unix_take_finish without any lock. */
void unix_take_rights(struct unix_record *record, struct socket_message *message);
void unix_take_finish(struct socket_message *message);

/* What it has sent and nobody has received; may more be sent without waiting long? */
uint32_t unix_out(const struct unix_socket *self);
bool unix_is_writable(const struct unix_socket *self);

#endif
