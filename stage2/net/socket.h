#ifndef NET_SOCKET_H
#define NET_SOCKET_H
/*
 * Sockets. A socket is an open file; what it does is its family's business: struct socket_ops. The
 * system calls check what is common to all families and call the operations.
 *
 * A socket may live longer than its file (others send to it), and before it (nobody has accepted it
 * yet), so it is counted by itself.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/socket.h"
#include "core/clock.h"
#include "io/file.h"
#include "io/kept.h"
#include "lib/compiler.h"
#include "net/message.h"
#include "sched/wait.h"

struct socket;

/*
 * A family's operations; a missing one is -EOPNOTSUPP. All may sleep; none is called with a lock
 * held. Addresses have at most SOCKADDR_BYTES_MAX bytes; nothing else of them has been checked.
 */
struct socket_ops {
	int (*bind)(struct socket *socket, const struct socket_address *address);
	int (*listen)(struct socket *socket, uint32_t backlog);
	/* flags: MSG_DONTWAIT. */
	int (*connect)(struct socket *socket, const struct socket_address *address, uint32_t flags);
	/* *accepted: without a file, its reference the caller's. */
	int (*accept)(struct socket *socket, uint32_t flags, struct socket **accepted);
	/* Connect two new ones with each other. */
	int (*pair)(struct socket *one, struct socket *other);
	/* Its own address, or its peer's. */
	int (*name)(struct socket *socket, bool peer, struct socket_address *address);
	ssize_t (*send)(struct socket *socket, struct socket_message *message);
	ssize_t (*receive)(struct socket *socket, struct socket_message *message);
	int (*shutdown)(struct socket *socket, int how);
	uint32_t (*poll)(struct socket *socket, struct poll_table *table);
	/* Bytes that wait to be read, that were sent and not yet received: FIONREAD, TIOCOUTQ. */
	long (*bytes_in)(struct socket *socket);
	long (*bytes_out)(struct socket *socket);
	/* SO_PEERCRED: the process's number (0: there is none) and credentials (NULL, or a
	 * reference). */
	void (*identity)(struct socket *socket, uint32_t *pid, struct cred **cred);
	/* The file has gone: ends connections; drops the file's reference. */
	void (*close)(struct socket *socket);
	/* The last reference has gone. */
	void (*destroy)(struct socket *socket);
};

/* Options that are on or off. Without a mark: kept, and given back, for families to come. */
enum socket_switch {
	SOCKET_DEBUG = 1 << 0,
	SOCKET_REUSEADDR = 1 << 1,
	SOCKET_DONTROUTE = 1 << 2,
	SOCKET_BROADCAST = 1 << 3,
	SOCKET_KEEPALIVE = 1 << 4,
	SOCKET_OOBINLINE = 1 << 5,
	SOCKET_REUSEPORT = 1 << 6,
	SOCKET_PASSCRED = 1 << 7, /* receives who sent a message */
};

struct socket {
	const struct socket_ops *ops;           /* [I] */
	uint16_t family, type;                  /* [I] AF_*, SOCK_* */
	int32_t protocol;                       /* [I] */
	uint32_t refs;                          /* [a] its file's, and the family's */
	uint32_t error;                         /* [a] errno that the next call reports; 0: none */
	uint64_t ino;                           /* [I] */
	struct file *file;                      /* [I] no reference; NULL: it has none yet */
	struct wait_queue wait;                 /* who reads, writes, polls it */
	uint32_t switches;                      /* [a] enum socket_switch */
	uint32_t send_bytes, receive_bytes;     /* [a] SO_SNDBUF, SO_RCVBUF */
	uint32_t low_water;                     /* [a] SO_RCVLOWAT */
	struct linger linger;                   /* [a] */
	uint64_t send_wait_ns, receive_wait_ns; /* [a] SO_SNDTIMEO, SO_RCVTIMEO; or WAIT_FOREVER */
	bool listens;                           /* [family's lock; read without] */
	struct kept_attributes kept;            /* not those of the node that it is bound to */
};

/* -EAFNOSUPPORT, -EPROTONOSUPPORT, -ESOCKTNOSUPPORT, -EINVAL, -ENOMEM. refs 1. */
__must_check int socket_create(int family, int type, int protocol, struct socket **socket);
/* For families: what is common to all, of a zeroed one. refs 1. */
void socket_init(struct socket *socket, const struct socket_ops *ops, int family, int type);
void socket_get(struct socket *socket);
void socket_put(struct socket *socket);
/* An open file of it, which takes over a reference, on success. flags: O_NONBLOCK. -ENOMEM. */
__must_check int socket_open(
	struct socket *socket, uint32_t flags, struct cred *cred, struct file **file);
/* NULL: the file is no socket. */
struct socket *socket_of(struct file *file);
/* MSG_DONTWAIT, for a file with O_NONBLOCK. */
static inline uint32_t socket_file_flags(const struct file *file)
{
	return READ_ONCE(file->flags) & O_NONBLOCK ? MSG_DONTWAIT : 0;
}

/* The path in an address of the socket's family, NUL-terminated now, for sys to look up; NULL:
 * there is none. */
const char *socket_address_path(const struct socket *socket, struct socket_address *address);

/* getsockopt(2), setsockopt(2), on the program's memory. admin: the caller has CAP_NET_ADMIN. */
int socket_get_option(struct socket *socket, int level, int name, uptr_t value, uptr_t value_bytes);
int socket_set_option(
	struct socket *socket, int level, int name, uptr_t value, uint32_t value_bytes, bool admin);

/* ---- for families --------------------------------------------------------------------------- */

/* The pending error, which is none afterwards: 0 or -errno. */
static inline int socket_take_error(struct socket *socket)
{
	if (likely(READ_ONCE(socket->error) == 0))
		return 0;
	return -(int)__atomic_exchange_n(&socket->error, 0, __ATOMIC_RELAXED);
}

/* Wake who waits for the socket. The caller has changed what they wait for under a mutex that it
 * has left, or another full barrier. events: POLLIN ...; 0: whatever. */
static inline void socket_wake(struct socket *socket, uint32_t events)
{
	if (wait_has_waiters(&socket->wait))
		wait_wake_all(&socket->wait, events);
}

/* When to stop waiting: 0 where a call does not wait at all. */
static inline uint64_t socket_deadline(uint64_t wait_ns, uint32_t flags)
{
	if ((flags & MSG_DONTWAIT) || wait_ns == 0)
		return 0;
	return likely(wait_ns == WAIT_FOREVER) ? WAIT_FOREVER : clock_ns() + wait_ns;
}

/* wait_event of a call whose deadline that is: 0, -EAGAIN, -EINTR or -EINTR_FINAL. */
#define socket_wait(queue_, deadline_ns_, condition_)                                              \
	__extension__({                                                                            \
		uint64_t deadline_ = (deadline_ns_);                                               \
		int result_ = -ETIMEDOUT;                                                          \
		if (deadline_)                                                                     \
			result_ =                                                                  \
				wait_event((queue_), WAIT_INTERRUPTIBLE, deadline_, (condition_)); \
		socket_wait_result(result_, deadline_);                                            \
	})
int socket_wait_result(int err, uint64_t deadline_ns);

#endif
