#ifndef NET_MESSAGE_H
#define NET_MESSAGE_H
/*
 * Addresses of sockets, and messages on their way between a program and a socket.
 */
#include <stdbool.h>
#include <stdint.h>

#include "abi/socket.h"
#include "io/file.h"
#include "net/rights.h"
#include "vm/iter.h"

struct vnode;

/* An address of any family, as the program wrote or is to read it. */
struct socket_address {
	uint32_t bytes; /* 0: none */
	union {
		uint16_t family;
		struct sockaddr_un un;
		char data[SOCKADDR_BYTES_MAX + 1]; /* one more, for a NUL */
	};
	/* The node of the path that it names (socket_address_path), which sys has looked up and
	 * keeps meanwhile, to be compared with others; or why there is none. */
	struct vnode *node;
	int node_error;
	/* The same opened with O_PATH, where sys has just made it for bind(2): who keeps a
	 * reference keeps the node. */
	struct file *made;
};

/* One message, in either direction. */
struct socket_message {
	struct iter *iter;              /* its bytes */
	uint32_t flags;                 /* MSG_*; MSG_DONTWAIT also for O_NONBLOCK */
	uint32_t result;                /* received: MSG_TRUNC, MSG_CTRUNC */
	bool has_creds;                 /* received: wanted; sent: given by the program */
	struct ucred creds;             /* who sent it */
	struct socket_address *address; /* where to; where from, bytes 0 at first; NULL: unwanted */
	/* Descriptors; NULL: none. An operation takes over what it has sent, and gives the caller
	 * what it has received, also where it then fails. */
	struct socket_rights *rights;
};

#endif
