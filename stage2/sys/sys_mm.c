/*
 * Memory: mmap(2) and its relatives, futex(2).
 */
#include "abi/futex.h"
#include "abi/mman.h"
#include "core/clock.h"
#include "fs/nameless.h"
#include "sys/sys.h"
#include "vm/futex.h"

static struct aspace *aspace_current(void)
{
	return proc_current()->aspace;
}

/* What a mapping of the file may ever be: a shared one is written only where the file is. */
static int map_rights(const struct file *file, struct vm_map_args *args)
{
	bool shared = (args->flags & MAP_TYPE) != MAP_PRIVATE;

	if (!file_readable(file))
		return -EACCES;
	if (shared && !file_writable(file)) {
		if (args->prot & PROT_WRITE)
			return -EACCES;
		args->max_prot &= ~(uint32_t)PROT_WRITE;
	}
	if (file->mount && (READ_ONCE(file->mount->flags) & ST_NOEXEC)) {
		if (args->prot & PROT_EXEC)
			return -EPERM;
		args->max_prot &= ~(uint32_t)PROT_EXEC;
	}
	return shared ? seals_check_map(file, args->prot, &args->max_prot) : 0;
}

/* Its rights have been checked. */
static int map_checked(struct vm_map_args *args, uptr_t *address)
{
	bool writes = (args->flags & MAP_TYPE) != MAP_PRIVATE && (args->max_prot & PROT_WRITE);
	int err = writes && args->pager ? pager_write_map_begin(args->pager) : 0;

	if (err)
		return err;
	err = aspace_map(aspace_current(), args, address);
	if (writes && args->pager)
		pager_write_map_end(args->pager);
	return err;
}

static long map_file(struct vm_map_args *args, int fd)
{
	struct file *file;
	uptr_t address = 0;
	int err;

	err = sys_file(fd, &file);
	if (err)
		return err;
	args->file = file;
	err = file_pager(file, &args->pager);
	if (err == -EBADF)
		goto put_file;
	if (err == 0)
		err = map_rights(file, args);
	if (!args->pager)
		args->file = NULL; /* as if it were no file's */
	if (err == 0)
		err = map_checked(args, &address);
	if (args->pager)
		args->pager->ops->put(args->pager);
put_file:
	file_put(file);
	return err ? err : (long)address;
}

/* What the running program may lock. */
static uint64_t lock_limit(void)
{
	return cred_may(cred_current(), CAP_IPC_LOCK) ? UINT64_MAX
	                                              : proc_limit(proc_current(), RLIMIT_MEMLOCK);
}

long sys_mmap(uptr_t address, size_t bytes, uint32_t prot, uint32_t flags, int fd, uint64_t offset)
{
	struct vm_map_args args = {
		.address = address,
		.bytes = bytes,
		.prot = prot,
		.max_prot = PROT_READ | PROT_WRITE | PROT_EXEC,
		.flags = flags,
		.offset = offset,
	};
	int err;

	if (offset % PAGE_SIZE)
		return -EINVAL;
	if (flags & MAP_LOCKED) {
		if (lock_limit() == 0)
			return -EPERM;
		aspace_set_lock_limit(aspace_current(), lock_limit());
	}
	if (!(flags & MAP_ANONYMOUS))
		return map_file(&args, fd);
	err = aspace_map(aspace_current(), &args, &address);
	return err ? err : (long)address;
}

long sys_munmap(uptr_t address, size_t bytes)
{
	return aspace_unmap(aspace_current(), address, bytes);
}

long sys_mprotect(uptr_t address, size_t bytes, uint32_t prot)
{
	return aspace_protect(aspace_current(), address, bytes, prot);
}

long sys_mremap(
	uptr_t address, size_t old_bytes, size_t new_bytes, uint32_t flags, uptr_t new_address)
{
	int err =
		aspace_remap(aspace_current(), address, old_bytes, new_bytes, flags, &new_address);
	return err ? err : (long)new_address;
}

long sys_brk(uptr_t end)
{
	return (long)aspace_brk(aspace_current(), end);
}

long sys_madvise(uptr_t address, size_t bytes, int advice)
{
	return aspace_advise(aspace_current(), address, bytes, advice);
}

long sys_mincore(uptr_t address, size_t bytes, uptr_t vector)
{
	uint64_t npages = DIV_ROUND_UP(bytes, PAGE_SIZE), done = 0;
	uint8_t part[256];
	int err = 0;

	if (address % PAGE_SIZE)
		return -EINVAL;
	if (!user_range_ok(address, bytes))
		return -ENOMEM;
	while (done < npages && err == 0) {
		size_t count = min(npages - done, sizeof(part));

		err = aspace_resident(aspace_current(), address + done * PAGE_SIZE, count, part);
		if (err == 0)
			err = copy_to_user(vector + done, part, count);
		done += count;
	}
	return err;
}

/* One area of the range: what was written to a shared mapping of a file goes where a write would.
 */
static int sync_area(const struct area_view *area, int flags)
{
	if ((flags & MS_INVALIDATE) && (area->flags & MAP_LOCKED))
		return -EBUSY;
	if (!(flags & MS_SYNC) || !(area->flags & MAP_SHARED) || !area->file)
		return 0;
	return file_sync(area->file, true);
}

long sys_msync(uptr_t address, size_t bytes, int flags)
{
	uptr_t end = address + ALIGN_UP(bytes, PAGE_SIZE);
	struct area_view area;
	bool hole = false;
	int err = 0;

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || address % PAGE_SIZE ||
		(flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	if (end < address)
		return -ENOMEM;
	while (address < end && err == 0) {
		if (aspace_view(aspace_current(), address, &area))
			return -ENOMEM;
		hole |= area.start > address;
		if (area.start < end)
			err = sync_area(&area, flags);
		address = area.end;
		area_view_put(&area);
	}
	return err == 0 && hole ? -ENOMEM : err;
}

/* ---- locked memory -------------------------------------------------------------------------- */

static long lock_range(uptr_t address, size_t bytes, bool fill)
{
	uint64_t limit = lock_limit();

	if (limit == 0)
		return -EPERM;
	return aspace_lock(aspace_current(), address, bytes, limit, fill);
}

long sys_mlock(uptr_t address, size_t bytes)
{
	return lock_range(address, bytes, true);
}

long sys_mlock2(uptr_t address, size_t bytes, uint32_t flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return lock_range(address, bytes, !(flags & MLOCK_ONFAULT));
}

long sys_munlock(uptr_t address, size_t bytes)
{
	return aspace_unlock(aspace_current(), address, bytes);
}

long sys_mlockall(uint32_t flags)
{
	if ((flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) || flags == 0 ||
		flags == MCL_ONFAULT)
		return -EINVAL;
	if (lock_limit() == 0)
		return -EPERM;
	return aspace_lock_all(aspace_current(), flags, lock_limit());
}

long sys_munlockall(void)
{
	return aspace_lock_all(aspace_current(), 0, UINT64_MAX);
}

/* ---- futex ---------------------------------------------------------------------------------- */

static int futex_command(int op)
{
	return op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
}

/* FUTEX_WAIT's timeout is a span; FUTEX_WAIT_BITSET's is a time of the clock that the flag names.
 */
static int futex_deadline(uptr_t timeout, int op, uint64_t *deadline_ns)
{
	int64_t ns;
	int err;

	*deadline_ns = WAIT_FOREVER;
	if (timeout == 0)
		return 0;
	err = sys_get_time(timeout, &ns);
	if (err)
		return err;
	if (futex_command(op) == FUTEX_WAIT)
		*deadline_ns = sys_deadline((uint64_t)ns);
	else if (op & FUTEX_CLOCK_REALTIME)
		*deadline_ns = (uint64_t)ns | WAIT_WALL;
	else
		*deadline_ns = (uint64_t)ns;
	return 0;
}

static long futex_wait_call(uptr_t address, int op, uint32_t value, uptr_t timeout, uint32_t bitset)
{
	uint64_t deadline_ns;
	long result;

	result = futex_deadline(timeout, op, &deadline_ns);
	if (result == 0)
		result = futex_wait(address, op & FUTEX_PRIVATE_FLAG, value, bitset, deadline_ns);
	if (result != -EINTR)
		return result;
	if (!timeout)
		return -ERESTARTSYS;
	/* A time of a clock is the same when the call is made again. */
	return futex_command(op) == FUTEX_WAIT ? sys_sleep_interrupted(deadline_ns)
	                                       : -ERESTARTNOHAND;
}

long sys_futex(
	uptr_t address, int op, uint32_t value, uptr_t timeout, uptr_t address2, uint32_t value3)
{
	bool is_private = op & FUTEX_PRIVATE_FLAG;
	int command = futex_command(op);

	/* The clock is that of a time to wait until; of a requeue, `timeout` is how many to move.
	 */
	if ((op & FUTEX_CLOCK_REALTIME) && command != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
		return futex_wait_call(address, op, value, timeout, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return futex_wait_call(address, op, value, timeout, value3);
	case FUTEX_WAKE:
		return futex_wake(address, is_private, (int)value, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(address, is_private, (int)value, value3);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(address, address2, is_private, (int)value, (int)timeout,
			command == FUTEX_CMP_REQUEUE ? &value3 : NULL);
	default:
		return -ENOSYS;
	}
}
