#ifndef SYS_SOCKETS_H
#define SYS_SOCKETS_H
/*
 * What the system calls for sockets share.
 */
#include "io/fdtable.h"
#include "lib/compiler.h"
#include "lib/types.h"
#include "net/socket.h"

/* The socket of a descriptor, whose file is borrowed. -EBADF, -ENOTSOCK; on success fd_return is
 * due. */
__must_check int sys_socket_borrow(int fd, struct fd_ref *ref, struct socket **socket);

/* An address out of the program's memory, in any case ready for sys_address_put. -EINVAL, -EFAULT.
 */
__must_check int sys_address_get(struct socket_address *address, uptr_t from, int bytes);
/* Looks up the node that it names, if it does. */
void sys_address_find(const struct socket *socket, struct socket_address *address);
void sys_address_put(struct socket_address *address);
/* As much of it as the program has room for (an int at `to_bytes`), and how long it is. -EFAULT,
 * -EINVAL. */
__must_check int sys_address_store(
	const struct socket_address *address, uptr_t to, uptr_t to_bytes);

#endif
