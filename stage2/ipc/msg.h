#ifndef IPC_MSG_H
#define IPC_MSG_H
/*
 * Message queues of System V.
 *
 * Identifiers: -EINVAL, -EIDRM, -EACCES as everywhere in ipc.
 */
#include <stddef.h>

#include "ipc/message.h"
#include "ipc/object.h"

/* /proc/sys/kernel/msgmax, msgmnb, msgmni: bytes of a message, of a new queue; queues. */
extern struct msg_limits {
	uint32_t message_bytes, queue_bytes, queues;
} msg_limits;

/* msgget. -ENOSPC, -ENOMEM, -ENOENT, -EEXIST. */
int msg_get(int32_t key, uint32_t flags);
/* msgsnd: takes over the message in any case. -EAGAIN, -EINTR. */
int msg_send(int32_t id, struct message *message, uint32_t flags);
/* msgrcv: the first message of the type, as msgrcv has it; it is the caller's. bytes: the most that
 * it may have, unless MSG_NOERROR. -EINVAL, -E2BIG, -ENOMSG, -EINTR, -ENOMEM. */
__must_check int msg_receive(
	int32_t id, int64_t type, size_t bytes, uint32_t flags, struct message **message);

/* msgctl. */
int msg_stat(int32_t id, enum ipc_stat how, struct msqid_ds *stat); /* the identifier, or 0 */
int msg_set(int32_t id, const struct ipc_perm *perm, uint64_t queue_bytes);
int msg_remove(int32_t id);
int msg_info(struct msginfo *info, bool usage); /* the highest index */
bool msg_next(uint32_t *index, struct msqid_ds *stat);

#endif
