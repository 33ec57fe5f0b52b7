#ifndef SYS_CONTROL_H
#define SYS_CONTROL_H
/*
 * Control data of messages (cmsg(3)): descriptors and credentials.
 */
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"
#include "net/socket.h"

/* What goes along with a message to be sent: message->rights and creds. -EFAULT, -ENOBUFS (too
 * much, or no memory), -EINVAL, -EBADF, -EPERM, -ESRCH; then there are no rights. */
__must_check int sys_control_fetch(uptr_t control, uint64_t bytes, struct socket_message *message);

/* What came along with a message that was received, as far as there is room; MSG_CTRUNC in its
 * result where there was more. Descriptors get numbers. Returns the bytes written. */
uint64_t sys_control_store(uptr_t control, uint64_t bytes, struct socket_message *message);

#endif
