/*
 * The main idea: who must wait is served by whoever makes it possible. A message goes straight to
 * the first receiver in line that wants it; where room is made, messages whose senders wait enter
 * the queue. So nobody who was woken finds that another was faster.
 */
#include "ipc/msg.h"

#include "abi/errno.h"
#include "io/cred.h"
#include "mm/slab.h"

struct msg_queue {
	struct ipc_object object;          /* its lock is [lock] here */
	struct list_head messages;         /* [lock] */
	struct list_head senders;          /* [lock] struct sender */
	struct list_head receivers;        /* [lock] struct receiver */
	uint64_t count, bytes;             /* [lock] of messages in the queue */
	uint64_t bytes_max;                /* [lock] */
	int64_t sent_s, received_s;        /* [lock] */
	uint32_t sender_pid, receiver_pid; /* [lock] the last ones */
};

/* Both on their threads' stacks. */
struct sender {
	struct ipc_sleeper sleeper;
	struct message *message; /* NULL: it has been sent */
	uint32_t pid;
};

struct receiver {
	struct ipc_sleeper sleeper;
	int64_t type;
	uint32_t flags;
	size_t bytes_max;
	struct message *message; /* what it got */
	uint32_t pid;
};

struct msg_limits msg_limits = { .message_bytes = 8192, .queue_bytes = 16384, .queues = 32000 };

static int queue_create(uint64_t size, uint32_t flags, struct ipc_object **object);
static bool queue_suits(const struct ipc_object *object, uint64_t size);
static bool queue_remove(struct ipc_object *object);
static void queue_free(struct ipc_object *object);

static const struct ipc_ops queue_ops = {
	.create = queue_create,
	.suits = queue_suits,
	.remove = queue_remove,
	.free = queue_free,
};

static struct ipc_table queues = IPC_TABLE(queues, &queue_ops, &msg_limits.queues);
static struct slab_cache queue_cache = SLAB_CACHE("message_queue", struct msg_queue);

static struct msg_queue *queue_of(const struct ipc_object *object)
{
	return container_of((struct ipc_object *)object, struct msg_queue, object);
}

/* ---- queues, to the table ------------------------------------------------------------------- */

static int queue_create(uint64_t size, uint32_t flags, struct ipc_object **object)
{
	struct msg_queue *queue = slab_zalloc(&queue_cache);

	if (!queue)
		return -ENOMEM;
	ipc_object_init(&queue->object, &queues);
	list_init(&queue->messages);
	list_init(&queue->senders);
	list_init(&queue->receivers);
	queue->bytes_max = READ_ONCE(msg_limits.queue_bytes);
	*object = &queue->object;
	return 0;
}

static bool queue_suits(const struct ipc_object *object, uint64_t size)
{
	return true;
}

/* All that wait look again, or are told that it has gone. */
static void wake_all(struct list_head *sleepers, int result)
{
	struct ipc_sleeper *sleeper, *next;

	list_for_each_safe(sleeper, next, sleepers, link)
		ipc_wake(sleeper, result);
}

static bool queue_remove(struct ipc_object *object)
{
	struct msg_queue *queue = queue_of(object);

	wake_all(&queue->receivers, -EIDRM);
	wake_all(&queue->senders, -EIDRM);
	return true;
}

static void queue_free(struct ipc_object *object)
{
	struct msg_queue *queue = queue_of(object);
	struct message *message, *next;

	list_for_each_safe(message, next, &queue->messages, link)
		message_free(message);
	slab_free(&queue_cache, queue);
}

int msg_get(int32_t key, uint32_t flags)
{
	return ipc_get(&queues, key, flags, 0);
}

/* ---- which message -------------------------------------------------------------------------- */

static int64_t type_limit(int64_t type)
{
	return type == INT64_MIN ? INT64_MAX : -type;
}

/* type as msgrcv has it. */
static bool is_wanted(const struct message *message, int64_t type, uint32_t flags)
{
	if (type == 0)
		return true;
	if (type < 0)
		return message->type <= type_limit(type);
	return (message->type == type) != ((flags & MSG_EXCEPT) != 0);
}

/* The first one, of a negative type the first of the least type that there is. */
static struct message *find(const struct msg_queue *queue, int64_t type, uint32_t flags)
{
	struct message *message, *found = NULL;

	list_for_each(message, &queue->messages, link) {
		if (!is_wanted(message, type, flags) || (found && message->type >= found->type))
			continue;
		found = message;
		if (type >= 0 || message->type == 1)
			break;
	}
	return found;
}

/* MSG_COPY: by number. */
static struct message *find_number(const struct msg_queue *queue, int64_t number)
{
	struct message *message;

	list_for_each(message, &queue->messages, link)
		if (number-- == 0)
			return message;
	return NULL;
}

/* ---- in and out ----------------------------------------------------------------------------- */

static bool fits(const struct msg_queue *queue, const struct message *message)
{
	return message->bytes + queue->bytes <= queue->bytes_max &&
	       queue->count + 1 <= queue->bytes_max;
}

static void received(struct msg_queue *queue, uint32_t pid)
{
	queue->receiver_pid = pid;
	queue->received_s = ipc_now_s();
}

/* To the first receiver that waits for it; one that has too little room is told, and does not get
 * it. False: nobody waits. */
static bool hand_over(struct msg_queue *queue, struct message *message)
{
	struct receiver *receiver, *next;

	list_for_each_safe(receiver, next, &queue->receivers, sleeper.link) {
		if (!is_wanted(message, receiver->type, receiver->flags))
			continue;
		if (message->bytes > receiver->bytes_max && !(receiver->flags & MSG_NOERROR)) {
			ipc_wake(&receiver->sleeper, -E2BIG);
			continue;
		}
		received(queue, receiver->pid);
		receiver->message = message;
		ipc_wake(&receiver->sleeper, 0);
		return true;
	}
	return false;
}

static void put(struct msg_queue *queue, struct message *message, uint32_t pid)
{
	queue->sender_pid = pid;
	queue->sent_s = ipc_now_s();
	if (hand_over(queue, message))
		return;
	list_add_tail(&message->link, &queue->messages);
	queue->bytes += message->bytes;
	queue->count++;
}

/* There is room: messages of those who wait enter, as far as they fit. */
static void admit(struct msg_queue *queue)
{
	struct sender *sender, *next;

	list_for_each_safe(sender, next, &queue->senders, sleeper.link) {
		if (!fits(queue, sender->message))
			continue;
		put(queue, sender->message, sender->pid);
		sender->message = NULL;
		ipc_wake(&sender->sleeper, 0);
	}
}

static void take(struct msg_queue *queue, struct message *message, uint32_t pid)
{
	list_del(&message->link);
	queue->bytes -= message->bytes;
	queue->count--;
	received(queue, pid);
	admit(queue);
}

/* ---- send ----------------------------------------------------------------------------------- */

/* IPC_SET lets all look again: -EAGAIN of a sleep. */
static int send_locked(struct msg_queue *queue, struct sender *sender, uint32_t flags)
{
	int err;

	do {
		if (!ipc_permits(&queue->object, IPC_WRITE))
			return -EACCES;
		if (fits(queue, sender->message)) {
			put(queue, sender->message, sender->pid);
			sender->message = NULL;
			return 0;
		}
		if (flags & IPC_NOWAIT)
			return -EAGAIN;
		err = ipc_sleep(&queue->object, &sender->sleeper, &queue->senders, WAIT_FOREVER);
	} while (err == -EAGAIN);
	return err;
}

int msg_send(int32_t id, struct message *message, uint32_t flags)
{
	struct sender sender = { .message = message, .pid = ipc_caller_pid() };
	struct ipc_object *object;
	int err = ipc_lock(&queues, id, 0, &object);

	if (!err) {
		err = send_locked(queue_of(object), &sender, flags);
		ipc_unlock(object);
	}
	if (sender.message)
		message_free(sender.message);
	return err;
}

/* ---- receive -------------------------------------------------------------------------------- */

/* A message that is there already. -ENOMSG, -E2BIG. */
static int receive_ready(struct msg_queue *queue, struct receiver *receiver)
{
	struct message *message = find(queue, receiver->type, receiver->flags);

	if (!message)
		return -ENOMSG;
	if (message->bytes > receiver->bytes_max && !(receiver->flags & MSG_NOERROR))
		return -E2BIG;
	take(queue, message, receiver->pid);
	receiver->message = message;
	return 0;
}

static int receive_locked(struct msg_queue *queue, struct receiver *receiver)
{
	int err;

	do {
		if (!ipc_permits(&queue->object, IPC_READ))
			return -EACCES;
		err = receive_ready(queue, receiver);
		if (err != -ENOMSG || (receiver->flags & IPC_NOWAIT))
			return err;
		err = ipc_sleep(
			&queue->object, &receiver->sleeper, &queue->receivers, WAIT_FOREVER);
	} while (err == -EAGAIN);
	return err;
}

/* MSG_COPY: it stays where it is. Parts are not copied, as on Linux. */
static int copy_locked(const struct msg_queue *queue, struct receiver *receiver)
{
	const struct message *message = find_number(queue, receiver->type);

	if (!ipc_permits(&queue->object, IPC_READ))
		return -EACCES;
	if (!message)
		return -ENOMSG;
	if (message->bytes > receiver->bytes_max)
		return receiver->flags & MSG_NOERROR ? -EINVAL : -E2BIG;
	return message_clone(message, &receiver->message);
}

int msg_receive(int32_t id, int64_t type, size_t bytes, uint32_t flags, struct message **message)
{
	struct receiver receiver = {
		.type = type,
		.flags = flags,
		.bytes_max = bytes,
		.pid = ipc_caller_pid(),
	};
	bool copies = flags & MSG_COPY;
	struct ipc_object *object;
	int err;

	if (copies && ((flags & MSG_EXCEPT) || !(flags & IPC_NOWAIT)))
		return -EINVAL;
	err = ipc_lock(&queues, id, 0, &object);
	if (err)
		return err;
	err = copies ? copy_locked(queue_of(object), &receiver)
	             : receive_locked(queue_of(object), &receiver);
	ipc_unlock(object);
	*message = receiver.message;
	return err;
}

/* ---- msgctl --------------------------------------------------------------------------------- */

static void describe(const struct msg_queue *queue, struct msqid_ds *stat)
{
	*stat = (struct msqid_ds){
		.msg_perm = queue->object.perm,
		.msg_stime = queue->sent_s,
		.msg_rtime = queue->received_s,
		.msg_ctime = queue->object.changed_s,
		.msg_cbytes = queue->bytes,
		.msg_qnum = queue->count,
		.msg_qbytes = queue->bytes_max,
		.msg_lspid = (int32_t)queue->sender_pid,
		.msg_lrpid = (int32_t)queue->receiver_pid,
	};
}

int msg_stat(int32_t id, enum ipc_stat how, struct msqid_ds *stat)
{
	struct ipc_object *object;
	int result = ipc_lock_stat(&queues, id, how, &object);

	if (result)
		return result;
	describe(queue_of(object), stat);
	result = how == IPC_STAT_ID ? 0 : object->id;
	ipc_unlock(object);
	return result;
}

bool msg_next(uint32_t *index, struct msqid_ds *stat)
{
	struct ipc_object *object;

	if (!ipc_lock_next(&queues, index, &object))
		return false;
	describe(queue_of(object), stat);
	ipc_unlock(object);
	return true;
}

/* Rights may have gone, and room may have come. */
static int set_locked(struct msg_queue *queue, const struct ipc_perm *perm, uint64_t queue_bytes)
{
	int err;

	if (queue_bytes > READ_ONCE(msg_limits.queue_bytes) &&
		!cred_may(on_caller_wanted(NULL), CAP_SYS_RESOURCE))
		return -EPERM;
	err = ipc_set_perm(&queue->object, perm);
	if (err)
		return err;
	queue->bytes_max = queue_bytes;
	wake_all(&queue->receivers, -EAGAIN);
	wake_all(&queue->senders, -EAGAIN);
	return 0;
}

int msg_set(int32_t id, const struct ipc_perm *perm, uint64_t queue_bytes)
{
	struct ipc_object *object;
	int err = ipc_lock_owned(&queues, id, &object);

	if (err)
		return err;
	err = set_locked(queue_of(object), perm, queue_bytes);
	ipc_unlock(object);
	return err;
}

int msg_remove(int32_t id)
{
	return ipc_remove(&queues, id);
}

static void add_usage_locked(struct msginfo *info)
{
	struct ipc_object *object;
	uint64_t index = 0;

	info->msgpool = (int32_t)queues.count;
	info->msgmap = 0;
	info->msgtql = 0;
	for (; (object = page_tree_next(&queues.objects, PAGE_TREE_PRESENT, &index)); index++) {
		info->msgmap += (int32_t)READ_ONCE(queue_of(object)->count);
		info->msgtql += (int32_t)READ_ONCE(queue_of(object)->bytes);
	}
}

int msg_info(struct msginfo *info, bool usage)
{
	int highest;

	*info = (struct msginfo){
		.msgpool = 32000 * 16384 / 1024,
		.msgmap = 16384,
		.msgmax = (int32_t)msg_limits.message_bytes,
		.msgmnb = (int32_t)msg_limits.queue_bytes,
		.msgmni = (int32_t)msg_limits.queues,
		.msgssz = 16,
		.msgtql = 16384,
		.msgseg = 0xffff,
	};
	mutex_lock(&queues.lock);
	if (usage)
		add_usage_locked(info);
	highest = ipc_highest_locked(&queues);
	mutex_unlock(&queues.lock);
	return highest;
}
