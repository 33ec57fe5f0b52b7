/*
 * process_vm_readv(2), process_vm_writev(2): from the memory of one process to that of another, by
 * way of a page of the kernel's. What was moved before an error counts.
 */
#include "abi/uio.h"
#include "arch/memory_map.h"
#include "mm/slab.h"
#include "procfs/subject.h"
#include "sys/sys.h"
#include "vm/aspace.h"

struct move {
	struct aspace *aspace; /* the other's */
	bool write;            /* to the other */
	struct iter iter;      /* our memory */
	char *page;            /* between the two */
	ssize_t done;
};

/* A range within one page. */
static ssize_t part_move(struct move *move, uptr_t at, size_t bytes)
{
	ssize_t got;
	int err;

	if (move->write) {
		got = iter_read(&move->iter, move->page, bytes);
		err = got > 0 ? aspace_write(move->aspace, at, move->page, (size_t)got) : 0;
		return err ? err : got;
	}
	err = aspace_read(move->aspace, at, move->page, bytes);
	return err ? err : iter_write(&move->iter, move->page, bytes);
}

static int piece_move(struct move *move, const struct iter_piece *piece)
{
	uptr_t at = piece->base;
	size_t left = piece->bytes;

	while (left > 0 && move->iter.remaining > 0) {
		size_t bytes = min(left, (size_t)(PAGE_SIZE - at % PAGE_SIZE));
		ssize_t part = -EFAULT;

		if (at < USER_END)
			part = part_move(move, at, min(bytes, move->iter.remaining));
		if (part < 0)
			return (int)part;
		at += (size_t)part;
		left -= (size_t)part;
		move->done += part;
	}
	return 0;
}

static long pieces_move(struct move *move, const struct iter_piece *pieces, size_t count)
{
	int err = 0;

	move->page = kmalloc(PAGE_SIZE);
	if (!move->page)
		return -ENOMEM;
	for (size_t i = 0; i < count && err == 0; i++)
		err = piece_move(move, &pieces[i]);
	kfree(move->page);
	return move->done ? move->done : err;
}

/* The memory of the process of a thread, with a reference. Who it belongs to is asked afterwards:
 * what the process becomes from now on has other memory. */
static int aspace_of(int tid, struct aspace **aspace)
{
	struct uthread *uthread;
	struct proc *proc;
	int err = tid > 0 ? uthread_lock((uint32_t)tid, &uthread) : -ESRCH;

	if (err)
		return err;
	proc = uthread->proc;
	proc_get(proc);
	*aspace = proc->aspace;
	if (*aspace)
		aspace_get(*aspace);
	uthread_unlock(uthread);
	if (!*aspace)
		err = -ESRCH;
	else if (!subject_traceable_by_us(proc))
		err = -EPERM;
	proc_put(proc);
	if (err && *aspace)
		aspace_put(*aspace);
	return err;
}

/* The other's pieces: where they lie is seen when they are come to. 1: there is something in them;
 * 0: nothing; -EINVAL. */
static int pieces_check(const struct iter_piece *pieces, size_t count)
{
	uint64_t most = 0;

	for (size_t i = 0; i < count; i++)
		most = max(most, pieces[i].bytes);
	return most > INT64_MAX ? -EINVAL : most > 0;
}

static long pieces_move_to(
	struct move *move, int tid, const struct iter_piece *pieces, size_t count)
{
	long result = aspace_of(tid, &move->aspace);

	if (result == 0) {
		result = pieces_move(move, pieces, count);
		aspace_put(move->aspace);
	}
	return result;
}

static long move_to(struct move *move, int tid, uptr_t from, size_t count)
{
	struct iter_piece *pieces;
	long result;

	if (count == 0 || count > UIO_MAXIOV)
		return count ? -EINVAL : 0;
	pieces = kmalloc(count * sizeof(*pieces));
	if (!pieces)
		return -ENOMEM;
	result = copy_from_user(pieces, from, count * sizeof(*pieces));
	if (result == 0)
		result = pieces_check(pieces, count);
	if (result > 0)
		result = pieces_move_to(move, tid, pieces, count);
	kfree(pieces);
	return result;
}

static long process_vm(bool write, int tid, uptr_t ours, size_t our_count, uptr_t others,
	size_t other_count, uint64_t flags)
{
	struct move move = { .write = write };
	struct sys_pieces pieces;
	long result;

	if (flags || our_count > UIO_MAXIOV)
		return -EINVAL;
	result = sys_pieces_get(&pieces, ours, our_count, &move.iter);
	if (result)
		return result;
	if (move.iter.remaining > 0)
		result = move_to(&move, tid, others, other_count);
	sys_pieces_put(&pieces);
	return result;
}

long sys_process_vm_readv(
	int tid, uptr_t ours, size_t our_count, uptr_t others, size_t other_count, uint64_t flags)
{
	return process_vm(false, tid, ours, our_count, others, other_count, flags);
}

long sys_process_vm_writev(
	int tid, uptr_t ours, size_t our_count, uptr_t others, size_t other_count, uint64_t flags)
{
	return process_vm(true, tid, ours, our_count, others, other_count, flags);
}
