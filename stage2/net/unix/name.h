#ifndef NET_UNIX_NAME_H
#define NET_UNIX_NAME_H
/*
 * Names of sockets of AF_UNIX, and the table of all of them.
 */
#include "net/unix/socket.h"

/* A name, shared by a listener and the sockets it has accepted. */
struct unix_name {
	uint32_t refs;                 /* [a] */
	uint64_t hash;                 /* [I] its bucket */
	struct socket_address address; /* [I] made: reference held; NULL: it is no path */
};

void unix_table_add(struct unix_socket *self);
void unix_table_remove(struct unix_socket *self);
void unix_name_get(struct unix_name *name);
void unix_name_put(struct unix_name *name); /* may sleep */

int unix_bind(struct socket *socket, const struct socket_address *address);
/* Give it a name of five hexadecimal digits, if it has none. -ENOMEM, -ENOSPC. */
__must_check int unix_autobind(struct unix_socket *self);
/* The same, if the socket's messages say who sent them. */
__must_check int unix_autobind_passcred(struct unix_socket *self);
/* The socket of that name, with a reference. -EINVAL (no address), -ECONNREFUSED, -EPROTOTYPE, or
 * why the node was not found. */
__must_check int unix_find(const struct unix_socket *self, const struct socket_address *address,
	struct unix_socket **found);
/* Is it an address of this family? -EINVAL. */
__must_check int unix_address_check(const struct socket_address *address);
int unix_name_of(struct socket *socket, bool peer, struct socket_address *address);
/* The name of who has sent something, for recvfrom; to may be NULL. */
void unix_name_copy(const struct unix_socket *from, struct socket_address *to);

#endif
