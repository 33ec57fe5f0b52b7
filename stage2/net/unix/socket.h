#ifndef NET_UNIX_SOCKET_H
#define NET_UNIX_SOCKET_H
/*
 * A socket of AF_UNIX, for the files of this folder.
 *
 * What a socket has received lies in its own queue, under its own lock; who sends puts it there.
 * So a socket that sends or receives takes one lock, and each direction of a connection has its
 * own. Who needs two takes them in order of address (unix_lock_two).
 */
#include <stdbool.h>
#include <stdint.h>

#include "io/page_queue.h"
#include "lib/list.h"
#include "net/socket.h"
#include "net/unix/cycles.h"
#include "net/unix/unix.h"
#include "sched/mutex.h"

enum unix_state { UNIX_IDLE, UNIX_LISTENING, UNIX_CONNECTED };

/* What has been shut down. */
#define SHUT_RECEIVING 1u
#define SHUT_SENDING   2u
#define SHUT_BOTH      3u

/* A record of a queue is charged with this beside its bytes: it takes memory too. */
#define UNIX_RECORD_CHARGE 512u

struct unix_name;   /* name.h */
struct unix_record; /* queue.h */

struct unix_socket {
	struct socket socket;        /* first */
	struct list_head table_link; /* [bucket's lock] */
	uint64_t bucket;             /* [bucket's lock] */
	struct mutex lock;           /* RANK_SOCKET; what follows is under it */
	enum unix_state state;       /* [lock; read without] */
	uint32_t shut;               /* [lock; read without] SHUT_RECEIVING | SHUT_SENDING */
	bool dead;                   /* [lock; read without] its file has gone */
	bool embryo;                 /* [lock; read without] not accepted yet: it has no file */
	struct unix_name *name;      /* [lock; read without] reference held; set once; NULL: none */
	/* Reference held. Of a connection it stays as long as this socket has a file; datagram
	 * sockets may change it at any time. */
	struct unix_socket *peer; /* [lock] */
	uint32_t identity_pid;    /* [lock] SO_PEERCRED; 0: nobody yet */
	struct cred *identity;    /* [lock] reference held */

	/* What has been sent to it: packets, which are records (queue.h), or the bytes of a stream
	 * and records of what belongs to them. */
	struct page_queue bytes;  /* [lock] */
	struct list_head records; /* [lock] */
	uint32_t record_count;    /* [lock; read without] */
	uint32_t charge;          /* [lock; read without] bytes, and records' charge */

	struct list_head pending; /* [lock] a listener's: embryos, their first reference */
	struct list_head pending_link;
	uint32_t pending_count;  /* [lock; read without] */
	uint32_t backlog;        /* [lock; read without] more than these: no room */
	struct wait_queue room;  /* who waits for room in `records` or `pending`; rank WAIT_OUTER */
	struct wait_entry relay; /* in the peer's `room`: wakes who waits for this socket */

	uint32_t sent;               /* [a] charge of packets that are in others' queues */
	struct cycle_node in_flight; /* [garbage lock] as a descriptor in messages */
};

static inline struct unix_socket *unix_of(struct socket *socket)
{
	return container_of(socket, struct unix_socket, socket);
}
static inline void unix_get(struct unix_socket *self)
{
	socket_get(&self->socket);
}
static inline void unix_put(struct unix_socket *self)
{
	socket_put(&self->socket);
}
/* The socket of an open file, if it is one of AF_UNIX; else NULL. */
struct unix_socket *unix_of_file(struct file *file);

static inline bool unix_switch(const struct unix_socket *self, enum socket_switch which)
{
	return READ_ONCE(self->socket.switches) & which;
}

/* Without the lock; of a stream or sequenced socket whose file the caller holds `peer` can be used
 * then. */
static inline bool unix_is_connected(const struct unix_socket *self)
{
	return __atomic_load_n(&self->state, __ATOMIC_ACQUIRE) == UNIX_CONNECTED;
}

/* Both locks; the two may be the same. */
void unix_lock_two(struct unix_socket *a, struct unix_socket *b);
void unix_unlock_two(struct unix_socket *a, struct unix_socket *b);

/* A socket without a file, in the table. refs 1. -ESOCKTNOSUPPORT, -ENOMEM. */
__must_check int unix_socket_create(int type, struct unix_socket **self);
/* The file has gone; or, of an embryo, what it was made for. Drops a reference. */
void unix_close(struct socket *socket);
/* Who the running thread is becomes what the peer is told. Lock held. */
void unix_identify_locked(struct unix_socket *self, uint32_t pid, struct cred *cred);

/* More is waiting than there may be. */
static inline bool unix_is_full(const struct unix_socket *self)
{
	uint32_t count = READ_ONCE(self->state) == UNIX_LISTENING ? READ_ONCE(self->pending_count)
	                                                          : READ_ONCE(self->record_count);
	return count > READ_ONCE(self->backlog);
}

/* ---- operations: connect.c, stream.c, packet.c ----------------------------------------------- */

int unix_listen(struct socket *socket, uint32_t backlog);
int unix_accept(struct socket *socket, uint32_t flags, struct socket **accepted);
int unix_pair(struct socket *one, struct socket *other);
int unix_shutdown(struct socket *socket, int how);
int unix_stream_connect(
	struct socket *socket, const struct socket_address *address, uint32_t flags);
int unix_datagram_connect(
	struct socket *socket, const struct socket_address *address, uint32_t flags);
/* The file of a datagram socket's peer has gone: it has no peer any more. */
void unix_peer_lost(struct unix_socket *self, struct unix_socket *peer);

ssize_t unix_stream_send(struct socket *socket, struct socket_message *message);
ssize_t unix_stream_receive(struct socket *socket, struct socket_message *message);
ssize_t unix_datagram_send(struct socket *socket, struct socket_message *message);
ssize_t unix_seqpacket_send(struct socket *socket, struct socket_message *message);
ssize_t unix_packet_receive(struct socket *socket, struct socket_message *message);
uint32_t unix_packet_poll(struct socket *socket, struct poll_table *table);
/* The wake function of `relay`. */
bool unix_relay_wake(struct wait_entry *entry, uint32_t events);

#endif
