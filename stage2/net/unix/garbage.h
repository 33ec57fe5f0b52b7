#ifndef NET_UNIX_GARBAGE_H
#define NET_UNIX_GARBAGE_H
/*
 * Descriptors of sockets in messages. All may sleep.
 */
#include "net/unix/socket.h"

/* A message with a descriptor of the socket is about to enter a queue; has left it. The message
 * has its reference to the file in both cases. */
void garbage_take_off(struct unix_socket *socket);
void garbage_land(struct unix_socket *socket);
/* A reference has been copied out of a message that is still in its queue: if garbage is being
 * looked for, until that has ended. */
void garbage_wait(void);

#endif
