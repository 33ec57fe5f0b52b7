/*
 * The main idea: a segment is an object that address spaces map (vm/pager.h), and counts the areas
 * that show it. Those who map it have references to its memory; the table's goes with its removal,
 * which waits for the last area (ipc_retire).
 */
#include "ipc/shm.h"

#include "abi/errno.h"
#include "abi/mman.h"
#include "arch/memory_map.h"
#include "io/cred.h"
#include "io/user.h"
#include "lib/format.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "vm/anon_object.h"
#include "vm/aspace.h"

#define NOBODY UINT32_MAX

struct segment {
	struct ipc_object object;
	struct anon_object memory;
	uint64_t bytes;      /* [I] as it was asked for */
	uint32_t maker_pid;  /* [I] */
	uint32_t locked_uid; /* [object's lock] for whom it counts as locked, or NOBODY */

	struct spinlock lock;           /* RANK_REFS */
	uint32_t shown;                 /* [lock] areas that show it; or will, in a shmat */
	bool doomed;                    /* [lock] it goes when none does */
	uint32_t last_pid;              /* [lock] */
	int64_t attached_s, detached_s; /* [lock] */
};

struct shm_limits shm_limits = {
	.bytes = UINT64_MAX - (1ul << 24),
	.pages = UINT64_MAX - (1ul << 24),
	.segments = 4096,
};

static int segment_create(uint64_t size, uint32_t flags, struct ipc_object **object);
static bool segment_suits(const struct ipc_object *object, uint64_t size);
static bool segment_remove(struct ipc_object *object);
static void segment_free(struct ipc_object *object);

static const struct ipc_ops segment_ops = {
	.create = segment_create,
	.suits = segment_suits,
	.remove = segment_remove,
	.free = segment_free,
};

static struct ipc_table segments = IPC_TABLE(segments, &segment_ops, &shm_limits.segments);
static uint64_t total_pages; /* [table's lock] */
static struct slab_cache segment_cache = SLAB_CACHE("shm_segment", struct segment);

static struct segment *segment_of(const struct ipc_object *object)
{
	return container_of((struct ipc_object *)object, struct segment, object);
}

/* ---- segments, to address spaces ------------------------------------------------------------ */

static struct segment *segment_of_pager(struct pager *pager)
{
	return container_of(pager, struct segment, memory.pager);
}

static void segment_get(struct pager *pager)
{
	ipc_object_get(&segment_of_pager(pager)->object);
}

/* Whoever was the last to show it comes by here afterwards, without locks. */
static void segment_put(struct pager *pager)
{
	struct segment *segment = segment_of_pager(pager);
	bool retires;

	spin_lock(&segment->lock);
	retires = segment->doomed && segment->shown == 0;
	spin_unlock(&segment->lock);
	if (retires)
		ipc_retire(&segment->object);
	ipc_object_put(&segment->object);
}

/* The kernel's own threads, which clean up for others, are not named. */
static void touch_locked(struct segment *segment, int64_t *when)
{
	uint32_t pid = ipc_caller_pid();

	if (pid)
		segment->last_pid = pid;
	*when = ipc_now_s();
}

static void segment_mapped(struct pager *pager)
{
	struct segment *segment = segment_of_pager(pager);

	spin_lock(&segment->lock);
	segment->shown++;
	touch_locked(segment, &segment->attached_s);
	spin_unlock(&segment->lock);
}

static void segment_unmapped(struct pager *pager)
{
	struct segment *segment = segment_of_pager(pager);

	spin_lock(&segment->lock);
	segment->shown--;
	touch_locked(segment, &segment->detached_s);
	spin_unlock(&segment->lock);
}

/* As Linux shows it: a file that was removed. */
static void segment_describe(
	struct pager *pager, uint32_t *rdev, uint64_t *ino, char *path, size_t size)
{
	struct segment *segment = segment_of_pager(pager);

	*rdev = 1;
	*ino = (uint32_t)segment->object.id;
	snprintf(path, size, "/SYSV%08x (deleted)", (uint32_t)segment->object.first_key);
}

static const struct pager_ops segment_pager_ops = {
	.get_page = anon_object_get_page,
	.set_dirty = anon_object_set_dirty,
	.get = segment_get,
	.put = segment_put,
	.mapped = segment_mapped,
	.unmapped = segment_unmapped,
	.describe = segment_describe,
};

/* ---- segments, to the table ----------------------------------------------------------------- */

static int segment_create(uint64_t size, uint32_t flags, struct ipc_object **object)
{
	uint64_t pages = DIV_ROUND_UP(size, PAGE_SIZE);
	struct segment *segment;

	if (size < 1 || size > READ_ONCE(shm_limits.bytes) || (flags & SHM_HUGETLB))
		return -EINVAL;
	if (pages > UINT64_MAX - total_pages || total_pages + pages > READ_ONCE(shm_limits.pages))
		return -ENOSPC;
	if (pages > frame_total())
		return -ENOMEM;
	segment = slab_zalloc(&segment_cache);
	if (!segment)
		return -ENOMEM;
	anon_object_init(&segment->memory, pages, &segment_pager_ops);
	ipc_object_init(&segment->object, &segments);
	spin_init(&segment->lock, "shm segment", RANK_REFS);
	segment->bytes = size;
	segment->maker_pid = ipc_caller_pid();
	segment->locked_uid = NOBODY;
	total_pages += pages;
	*object = &segment->object;
	return 0;
}

static bool segment_suits(const struct ipc_object *object, uint64_t size)
{
	return size <= segment_of(object)->bytes;
}

static void unlock_memory(struct segment *segment)
{
	if (segment->locked_uid != NOBODY)
		user_uncharge(
			USER_SHM_LOCKED, segment->locked_uid, (uint32_t)segment->memory.npages);
	segment->locked_uid = NOBODY;
	segment->object.perm.mode &= ~(uint32_t)SHM_LOCKED;
}

static bool segment_remove(struct ipc_object *object)
{
	struct segment *segment = segment_of(object);
	bool goes;

	spin_lock(&segment->lock);
	segment->doomed = true;
	goes = segment->shown == 0;
	spin_unlock(&segment->lock);
	object->perm.mode |= SHM_DEST;
	if (goes) {
		unlock_memory(segment);
		total_pages -= segment->memory.npages;
	}
	return goes;
}

static void segment_free(struct ipc_object *object)
{
	struct segment *segment = segment_of(object);

	anon_object_clear(&segment->memory);
	slab_free(&segment_cache, segment);
}

int shm_get(int32_t key, uint64_t bytes, uint32_t flags)
{
	return ipc_get(&segments, key, flags, bytes);
}

/* ---- attach, detach ------------------------------------------------------------------------- */

/* The rights that a mapping wants, and what it may ever do. */
static uint32_t prepare_map(uint32_t flags, struct vm_map_args *args)
{
	uint32_t want = IPC_READ;

	args->prot = PROT_READ;
	args->max_prot = PROT_READ | PROT_EXEC;
	if (!(flags & SHM_RDONLY)) {
		args->prot |= PROT_WRITE;
		args->max_prot |= PROT_WRITE;
		want |= IPC_WRITE;
	}
	if (flags & SHM_EXEC) {
		args->prot |= PROT_EXEC;
		want |= 0111;
	}
	return want;
}

static int prepare_address(uptr_t address, uint32_t flags, struct vm_map_args *args)
{
	args->flags = MAP_SHARED;
	args->address = address;
	if (flags & SHM_RND)
		args->address = ALIGN_DOWN(address, PAGE_SIZE);
	if (!IS_ALIGNED(args->address, PAGE_SIZE) || ((flags & SHM_REMAP) && args->address == 0))
		return -EINVAL;
	if (address)
		args->flags |= flags & SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	return 0;
}

/* The segment, with a reference to its memory; it stays while it is about to be shown. */
static int segment_hold(int32_t id, uint32_t want, struct segment **held)
{
	struct ipc_object *object;
	struct segment *segment;
	int err = ipc_lock(&segments, id, want, &object);

	if (err)
		return err;
	segment = segment_of(object);
	segment_get(&segment->memory.pager);
	spin_lock(&segment->lock);
	segment->shown++;
	spin_unlock(&segment->lock);
	ipc_unlock(object);
	*held = segment;
	return 0;
}

static void segment_let_go(struct segment *segment)
{
	spin_lock(&segment->lock);
	segment->shown--;
	spin_unlock(&segment->lock);
	segment_put(&segment->memory.pager);
}

int shm_attach(struct aspace *aspace, int32_t id, uint32_t flags, uptr_t *address)
{
	struct vm_map_args args = { 0 };
	struct segment *segment;
	uint32_t want;
	int err;

	if (id < 0)
		return -EINVAL;
	err = prepare_address(*address, flags, &args);
	if (err)
		return err;
	want = prepare_map(flags, &args);
	err = segment_hold(id, want, &segment);
	if (err)
		return err;
	args.bytes = segment->bytes;
	args.pager = &segment->memory.pager;
	err = aspace_map(aspace, &args, address);
	segment_let_go(segment);
	return err == -EEXIST ? -EINVAL : err;
}

int shm_detach(struct aspace *aspace, uptr_t address)
{
	if (!IS_ALIGNED(address, PAGE_SIZE))
		return -EINVAL;
	return aspace_detach(aspace, address, &segment_pager_ops);
}

/* ---- what is known of them ------------------------------------------------------------------ */

static void describe(struct segment *segment, struct shmid_ds *stat)
{
	*stat = (struct shmid_ds){
		.shm_perm = segment->object.perm,
		.shm_segsz = segment->bytes,
		.shm_ctime = segment->object.changed_s,
		.shm_cpid = (int32_t)segment->maker_pid,
	};
	spin_lock(&segment->lock);
	stat->shm_atime = segment->attached_s;
	stat->shm_dtime = segment->detached_s;
	stat->shm_lpid = (int32_t)segment->last_pid;
	stat->shm_nattch = segment->shown;
	spin_unlock(&segment->lock);
}

int shm_stat(int32_t id, enum ipc_stat how, struct shmid_ds *stat)
{
	struct ipc_object *object;
	int result = ipc_lock_stat(&segments, id, how, &object);

	if (result)
		return result;
	describe(segment_of(object), stat);
	result = how == IPC_STAT_ID ? 0 : object->id;
	ipc_unlock(object);
	return result;
}

bool shm_next(uint32_t *index, struct shmid_ds *stat, uint64_t *present)
{
	struct ipc_object *object;

	if (!ipc_lock_next(&segments, index, &object))
		return false;
	describe(segment_of(object), stat);
	*present = READ_ONCE(segment_of(object)->memory.present);
	ipc_unlock(object);
	return true;
}

int shm_info(struct shm_info *info)
{
	uint64_t index = 0;
	struct ipc_object *object;
	int highest;

	*info = (struct shm_info){ 0 };
	mutex_lock(&segments.lock);
	for (; (object = page_tree_next(&segments.objects, PAGE_TREE_PRESENT, &index)); index++)
		info->shm_rss += READ_ONCE(segment_of(object)->memory.present);
	info->used_ids = (int32_t)segments.count;
	info->shm_tot = total_pages;
	highest = ipc_highest_locked(&segments);
	mutex_unlock(&segments.lock);
	return highest;
}

/* ---- changes -------------------------------------------------------------------------------- */

int shm_set(int32_t id, const struct ipc_perm *perm)
{
	struct ipc_object *object;
	int err = ipc_lock_owned(&segments, id, &object);

	if (err)
		return err;
	err = ipc_set_perm(object, perm);
	ipc_unlock(object);
	return err;
}

int shm_remove(int32_t id)
{
	return ipc_remove(&segments, id);
}

static int lock_memory(struct segment *segment, uint64_t limit_bytes)
{
	const struct cred *cred = on_caller_wanted(NULL);
	uint64_t pages = segment->memory.npages;

	if (segment->object.perm.mode & SHM_LOCKED)
		return 0;
	if (!cred_may(cred, CAP_IPC_LOCK)) {
		if (user_charge(
			    USER_SHM_LOCKED, cred->uid, (uint32_t)pages, limit_bytes / PAGE_SIZE))
			return -ENOMEM;
		segment->locked_uid = cred->uid;
	}
	segment->object.perm.mode |= SHM_LOCKED;
	return 0;
}

/* Not whose it is counts, but who asks. */
static bool may_lock(const struct ipc_object *object, bool lock, uint64_t limit_bytes)
{
	const struct cred *cred = on_caller_wanted(NULL);

	if (cred_may(cred, CAP_IPC_LOCK))
		return true;
	return (cred->euid == object->perm.uid || cred->euid == object->perm.cuid) &&
	       (!lock || limit_bytes > 0);
}

int shm_lock(int32_t id, bool lock, uint64_t limit_bytes)
{
	struct ipc_object *object;
	int err = ipc_lock(&segments, id, 0, &object);

	if (err)
		return err;
	if (!may_lock(object, lock, limit_bytes))
		err = -EPERM;
	else if (lock)
		err = lock_memory(segment_of(object), limit_bytes);
	else
		unlock_memory(segment_of(object));
	ipc_unlock(object);
	return err;
}
