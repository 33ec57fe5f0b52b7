/*
 * Message queues of System V: msgget(2), msgop(2), msgctl(2). What programs send and get is a type
 * of 8 bytes, and the text behind it.
 */
#include "ipc/msg.h"
#include "sys/sys.h"

static long interrupted(long result)
{
	return result == -EINTR ? -ERESTARTNOHAND : result;
}

long sys_msgget(int key, uint32_t flags)
{
	return msg_get(key, flags);
}

long sys_msgsnd(int id, uptr_t from, size_t bytes, uint32_t flags)
{
	struct message *message;
	struct iter text;
	int64_t type;
	int err;

	if (get_user(&type, from))
		return -EFAULT;
	if (bytes > READ_ONCE(msg_limits.message_bytes) || id < 0 || type < 1)
		return -EINVAL;
	if (!user_range_ok(from + sizeof(type), bytes))
		return -EFAULT;
	iter_user(&text, from + sizeof(type), bytes);
	err = message_create(type, &text, &message);
	return err ? err : interrupted(msg_send(id, message, flags));
}

static long put_message(const struct message *message, uptr_t to, size_t bytes)
{
	size_t text_bytes = min(bytes, message->bytes);
	struct iter text;

	if (put_user(to, &message->type) || !user_range_ok(to + sizeof(message->type), text_bytes))
		return -EFAULT;
	iter_user(&text, to + sizeof(message->type), text_bytes);
	return message_copy(message, &text);
}

long sys_msgrcv(int id, uptr_t to, size_t bytes, int64_t type, uint32_t flags)
{
	struct message *message;
	long result;

	if (id < 0 || bytes > INT64_MAX)
		return -EINVAL;
	result = msg_receive(id, type, bytes, flags, &message);
	if (result)
		return interrupted(result);
	result = put_message(message, to, bytes);
	message_free(message);
	return result;
}

/* ---- msgctl --------------------------------------------------------------------------------- */

static long put_info(uptr_t buf, bool usage)
{
	struct msginfo info;
	int highest = msg_info(&info, usage);

	return put_user(buf, &info) ? -EFAULT : highest;
}

static long put_stat(int id, enum ipc_stat how, uptr_t buf)
{
	struct msqid_ds stat;
	int result = msg_stat(id, how, &stat);

	if (result < 0)
		return result;
	return put_user(buf, &stat) ? -EFAULT : result;
}

static long set(int id, uptr_t buf)
{
	struct msqid_ds stat;

	if (get_user(&stat, buf))
		return -EFAULT;
	return msg_set(id, &stat.msg_perm, stat.msg_qbytes);
}

long sys_msgctl(int id, int command, uptr_t buf)
{
	if (id < 0 || command < 0)
		return -EINVAL;
	switch (command) {
	case IPC_INFO:
	case MSG_INFO:
		return put_info(buf, command == MSG_INFO);
	case IPC_STAT:
		return put_stat(id, IPC_STAT_ID, buf);
	case MSG_STAT:
		return put_stat(id, IPC_STAT_INDEX, buf);
	case MSG_STAT_ANY:
		return put_stat(id, IPC_STAT_ANY, buf);
	case IPC_SET:
		return set(id, buf);
	case IPC_RMID:
		return msg_remove(id);
	default:
		return -EINVAL;
	}
}
