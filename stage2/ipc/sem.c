/*
 * The main idea: a call is tried as a whole; where it cannot go on it is put into one of the set's
 * two lists, and whoever changes values tries those in the lists, in its caller's stead: first all
 * that wait for zeros, which change nothing, then the others in their order, from the beginning
 * again after each that goes on.
 */
#include "abi/errno.h"
#include "ipc/sem_set.h"
#include "mm/slab.h"

/* A call, on its thread's stack. */
struct sem_call {
	struct ipc_sleeper sleeper;
	const struct sembuf *ops, *end;
	const struct sembuf *blocks; /* the first that cannot be done */
	struct sem_undo *undo;       /* NULL: no operation wants it */
	uint32_t pid;
	bool changes; /* some operation is not a wait for 0 */
};

struct sem_limits sem_limits = {
	.per_set = 32000,
	.total = 1024000000,
	.per_call = 500,
	.sets = 32000,
};

static int set_create(uint64_t size, uint32_t flags, struct ipc_object **object);
static bool set_suits(const struct ipc_object *object, uint64_t size);
static bool set_remove(struct ipc_object *object);
static void set_free(struct ipc_object *object);

static const struct ipc_ops set_ops = {
	.create = set_create,
	.suits = set_suits,
	.remove = set_remove,
	.free = set_free,
};

struct ipc_table sem_table = IPC_TABLE(sem_table, &set_ops, &sem_limits.sets);
static uint64_t total; /* [table's lock] semaphores */

/* ---- operations ----------------------------------------------------------------------------- */

/* 0, IPC_ASLEEP, -EAGAIN, -ERANGE. undo: NULL where no operation wants it. */
static int apply(struct sem_set *set, struct sem_undo *undo, const struct sembuf *op)
{
	struct sem *sem = &set->sems[op->sem_num];
	int value = sem->value + op->sem_op, by;

	if (value < 0 || (op->sem_op == 0 && value != 0))
		return op->sem_flg & IPC_NOWAIT ? -EAGAIN : IPC_ASLEEP;
	if (value > SEMVMX)
		return -ERANGE;
	if (undo && op->sem_flg & SEM_UNDO) {
		by = undo->by[op->sem_num] - op->sem_op;
		if (by < -SEMVMX - 1 || by > SEMVMX)
			return -ERANGE;
		undo->by[op->sem_num] = (int16_t)by;
	}
	sem->value = value;
	return 0;
}

static void take_back(struct sem_set *set, struct sem_undo *undo, const struct sembuf *op)
{
	set->sems[op->sem_num].value -= op->sem_op;
	if (undo && op->sem_flg & SEM_UNDO)
		undo->by[op->sem_num] += op->sem_op;
}

/* All operations or none. */
static int try(struct sem_set *set, struct sem_call *call)
{
	const struct sembuf *op;
	int result = 0;

	for (op = call->ops; op < call->end; op++) {
		result = apply(set, call->undo, op);
		if (result)
			break;
	}
	if (result) {
		call->blocks = op;
		while (op-- > call->ops)
			take_back(set, call->undo, op);
		return result;
	}
	for (op = call->ops; op < call->end; op++)
		set->sems[op->sem_num].last_pid = call->pid;
	set->operated_s = ipc_now_s();
	return 0;
}

/* True: a call went on that may let others go on. */
static bool try_waiting(struct sem_set *set, struct list_head *list)
{
	struct sem_call *call, *next;
	int result;

	list_for_each_safe(call, next, list, sleeper.link) {
		result = try(set, call);
		if (result == IPC_ASLEEP)
			continue;
		ipc_wake(&call->sleeper, result);
		if (result == 0 && call->changes)
			return true;
	}
	return false;
}

void sem_changed(struct sem_set *set)
{
	do
		try_waiting(set, &set->readers);
	while (try_waiting(set, &set->writers));
}

static int blocked_on(const struct list_head *list, uint32_t number, bool for_zero)
{
	struct sem_call *call;
	int count = 0;

	list_for_each(call, list, sleeper.link)
		count += call->blocks->sem_num == number && (call->blocks->sem_op == 0) == for_zero;
	return count;
}

int sem_waiters(const struct sem_set *set, uint32_t number, bool for_zero)
{
	return blocked_on(&set->readers, number, for_zero) +
	       blocked_on(&set->writers, number, for_zero);
}

/* ---- a call --------------------------------------------------------------------------------- */

static bool in_range(const struct sem_set *set, const struct sem_call *call)
{
	for (const struct sembuf *op = call->ops; op < call->end; op++)
		if (op->sem_num >= set->count)
			return false;
	return true;
}

static bool wants_undo(const struct sem_call *call)
{
	for (const struct sembuf *op = call->ops; op < call->end; op++)
		if (op->sem_flg & SEM_UNDO)
			return true;
	return false;
}

static bool changes(const struct sem_call *call)
{
	for (const struct sembuf *op = call->ops; op < call->end; op++)
		if (op->sem_op)
			return true;
	return false;
}

static int operate_locked(
	struct sem_set *set, struct sem_call *call, struct sem_undos **undos, uint64_t deadline_ns)
{
	int result;

	if (!in_range(set, call))
		return -EFBIG;
	if (!ipc_permits(&set->object, call->changes ? IPC_WRITE : IPC_READ))
		return -EACCES;
	result = wants_undo(call) ? sem_undo_get(set, undos, &call->undo) : 0;
	if (result)
		return result;
	result = try(set, call);
	if (result == 0 && call->changes)
		sem_changed(set);
	if (result != IPC_ASLEEP)
		return result;
	result = ipc_sleep(&set->object, &call->sleeper,
		call->changes ? &set->writers : &set->readers, deadline_ns);
	return result == -ETIMEDOUT ? -EAGAIN : result;
}

int sem_operate(int32_t id, const struct sembuf *ops, size_t count, struct sem_undos **undos,
	uint64_t deadline_ns)
{
	struct sem_call call = { .ops = ops, .end = ops + count, .pid = ipc_caller_pid() };
	struct ipc_object *object;
	int result = ipc_lock(&sem_table, id, 0, &object);

	if (result)
		return result;
	call.changes = changes(&call);
	result = operate_locked(sem_set_of(object), &call, undos, deadline_ns);
	ipc_unlock(object);
	return result;
}

/* ---- sets, to the table --------------------------------------------------------------------- */

static int set_create(uint64_t size, uint32_t flags, struct ipc_object **object)
{
	struct sem_set *set;

	if (size == 0)
		return -EINVAL;
	if (total + size > READ_ONCE(sem_limits.total))
		return -ENOSPC;
	set = kzalloc(sizeof(*set) + size * sizeof(set->sems[0]));
	if (!set)
		return -ENOMEM;
	ipc_object_init(&set->object, &sem_table);
	list_init(&set->readers);
	list_init(&set->writers);
	list_init(&set->undos);
	set->count = (uint32_t)size;
	total += size;
	*object = &set->object;
	return 0;
}

static bool set_suits(const struct ipc_object *object, uint64_t size)
{
	return size <= sem_set_of(object)->count;
}

static void wake_all(struct list_head *list)
{
	struct sem_call *call, *next;

	list_for_each_safe(call, next, list, sleeper.link)
		ipc_wake(&call->sleeper, -EIDRM);
}

static bool set_remove(struct ipc_object *object)
{
	struct sem_set *set = sem_set_of(object);

	sem_undos_forget(set);
	wake_all(&set->readers);
	wake_all(&set->writers);
	total -= set->count;
	return true;
}

static void set_free(struct ipc_object *object)
{
	kfree(sem_set_of(object));
}

int sem_get(int32_t key, int count, uint32_t flags)
{
	if (count < 0 || (uint32_t)count > READ_ONCE(sem_limits.per_set))
		return -EINVAL;
	return ipc_get(&sem_table, key, flags, (uint64_t)count);
}

int sem_info(struct seminfo *info, bool usage)
{
	int highest;

	*info = (struct seminfo){
		.semmap = (int32_t)sem_limits.total,
		.semmni = (int32_t)sem_limits.sets,
		.semmns = (int32_t)sem_limits.total,
		.semmnu = (int32_t)sem_limits.total,
		.semmsl = (int32_t)sem_limits.per_set,
		.semopm = (int32_t)sem_limits.per_call,
		.semume = (int32_t)sem_limits.per_call,
		.semusz = 20,
		.semvmx = SEMVMX,
		.semaem = SEMVMX,
	};
	mutex_lock(&sem_table.lock);
	if (usage) {
		info->semusz = (int32_t)sem_table.count;
		info->semaem = (int32_t)total;
	}
	highest = ipc_highest_locked(&sem_table);
	mutex_unlock(&sem_table.lock);
	return highest;
}
