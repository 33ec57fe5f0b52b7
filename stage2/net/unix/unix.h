#ifndef NET_UNIX_UNIX_H
#define NET_UNIX_UNIX_H
/*
 * AF_UNIX for the rest of the room, and for /proc.
 */
#include <stdbool.h>
#include <stdint.h>

#include "net/socket.h"

/* Once at boot. */
void unix_init(void);
/* For socket_create. */
__must_check int unix_create(int type, int protocol, struct socket **socket);
/* For socket_address_path. */
const char *unix_address_path(struct socket_address *address);

/* Something has been closed: look some time soon for sockets that only messages refer to, if there
 * may be any. Deferred work. */
void unix_garbage_look(void);

/* A line of /proc/net/unix. */
struct unix_info {
	uint32_t refs;
	bool listens, connected, has_file;
	uint16_t type;
	uint64_t ino;
	const struct socket_address *name; /* bytes 0: none */
};
/* Call fn for each socket, under a spinlock of rank RANK_REFS. */
void unix_for_each(void (*fn)(const struct unix_info *info, void *data), void *data);

#endif
