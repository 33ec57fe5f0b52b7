/*
 * Writing changed pages to where they are stored.
 *
 * One batch. Under the cache's lock, dirty pages are taken by rising number: each loses DIRTY and
 * gets WRITEBACK, so nobody else writes it meanwhile. Then the right to write to them is taken from
 * all shared mappings, then they are given to the file system, and at the end they lose WRITEBACK
 * and are clean, unless they became DIRTY again. The order matters: a fault that makes a page
 * writable holds its address space's lock from before it sets DIRTY, so it is either seen by the
 * walk over the mappings, or comes after it and sets DIRTY anew.
 *
 * A page that cannot be written is clean all the same: to keep it would only fill memory. The error
 * is kept for every open file.
 *
 * Who writes. A thread, the flusher, writes what has been dirty for long, and the oldest where much
 * is dirty; and as fast as it can while somebody waits for it: a writer, because too much is dirty,
 * or whoever wants memory. It has a batch of its own, allocates nothing, and waits for no lock that
 * one of these may have: an address space that is locked makes it leave the pages to the next time.
 * fsync and the like write for themselves, and do wait.
 */
#include "fs/writeback.h"

#include "abi/errno.h"
#include "core/clock.h"
#include "core/panic.h"
#include "dev/blk.h"
#include "fs/page_state.h"
#include "fs/vnode.h"
#include "lib/errseq.h"
#include "mm/slab.h"
#include "sched/mutex.h"
#include "sched/wait.h"

#define BATCH_PAGES    256
#define BATCH_REQUESTS 64
#define MAPPED_PAGES   16 /* of a file that is mapped, in one batch of the flusher's */

#define LIMITS_FOR_NS   (100 * NS_PER_MS) /* how long the limits are good for */
#define LIMIT_MIN_PAGES 64
#define PAUSE_NS        (10 * NS_PER_MS) /* after nothing could be written */
#define NS_PER_CENTISEC (10 * NS_PER_MS)

struct batch {
	struct blk_batch *io;
	unsigned count;
	struct frame *frames[BATCH_PAGES]; /* a reference each */
};

static struct {
	struct spinlock lock;      /* RANK_LRU */
	struct list_head caches;   /* [lock] with dirty pages, by the time of the first */
	uint64_t dirty, writing;   /* [a] pages */
	uint64_t cleaned, passes;  /* [a] pages that became clean, rounds of the flusher: ever */
	unsigned waiting;          /* [a] who wait for the flusher ... */
	unsigned for_memory;       /* [a] ... of them for memory */
	bool busy;                 /* [a] it is at work, and looks again before it rests */
	uint32_t events;           /* [a] what the flusher must look at again */
	uint64_t background, most; /* [a] pages: from where on the flusher works, writers wait */
	uint64_t limits_until_ns;  /* [a] */
	uint64_t settings[WRITEBACK_SETTINGS]; /* [a] */
	struct wait_queue wake;                /* the flusher */
	struct wait_queue progress;            /* who wait for it */
	struct batch *own;                     /* the flusher's */
	struct mutex spare_lock;               /* RANK_WRITEBACK */
	struct batch *spare;                   /* [spare_lock] for who gets no memory */
} wb = {
	.lock = SPINLOCK_INIT("writeback", RANK_LRU),
	.caches = LIST_INIT(wb.caches),
	.settings = { 10, 20, 3000 },
	.wake = WAIT_QUEUE_INIT(wb.wake),
	.progress = WAIT_QUEUE_INIT(wb.progress),
	.spare_lock = MUTEX_INIT(wb.spare_lock, "writeback spare", RANK_WRITEBACK),
};

static void flusher_wake(void)
{
	__atomic_add_fetch(&wb.events, 1, __ATOMIC_RELEASE);
	wait_wake_one(&wb.wake, 0);
}

/* ---- how much is dirty ------------------------------------------------------------------- */

uint64_t writeback_dirty_pages(void)
{
	return READ_ONCE(wb.dirty);
}

uint64_t writeback_writing_pages(void)
{
	return READ_ONCE(wb.writing);
}

/* The limits, in parts of the memory that could hold dirty pages. */
static void limits_renew(void)
{
	uint64_t usable = frame_free_count() + page_cache_clean_pages() + READ_ONCE(wb.dirty) +
	                  READ_ONCE(wb.writing);
	uint64_t background = usable * READ_ONCE(wb.settings[WRITEBACK_BACKGROUND]) / 100;
	uint64_t most = usable * READ_ONCE(wb.settings[WRITEBACK_LIMIT]) / 100;

	most = max(most, (uint64_t)LIMIT_MIN_PAGES);
	WRITE_ONCE(wb.most, most);
	WRITE_ONCE(wb.background, background < most ? background : most / 2);
	WRITE_ONCE(wb.limits_until_ns, clock_ns() + LIMITS_FOR_NS);
}

void writeback_dirtied_locked(struct page_cache *cache)
{
	bool first = cache->dirty++ == 0;
	uint64_t dirty = __atomic_add_fetch(&wb.dirty, 1, __ATOMIC_RELAXED);

	spin_assert_held(&cache->lock);
	if (first) {
		spin_lock(&wb.lock);
		cache->dirtied_ns = clock_ns();
		list_add_tail(&cache->dirty_link, &wb.caches);
		spin_unlock(&wb.lock);
	}
	if (first || (dirty > READ_ONCE(wb.background) && !READ_ONCE(wb.busy)))
		flusher_wake();
}

/* Pages of it are not dirty any more: written or dropped. */
static void dirty_less_locked(struct page_cache *cache, unsigned count)
{
	cache->dirty -= count;
	__atomic_sub_fetch(&wb.dirty, count, __ATOMIC_RELAXED);
	if (cache->dirty == 0) {
		spin_lock(&wb.lock);
		list_del(&cache->dirty_link);
		spin_unlock(&wb.lock);
	}
}

void writeback_dropped_locked(struct page_cache *cache)
{
	spin_assert_held(&cache->lock);
	dirty_less_locked(cache, 1);
}

/* ---- one batch --------------------------------------------------------------------------- */

static struct batch *batch_create(unsigned requests, unsigned pages)
{
	struct batch *batch = kmalloc(sizeof(*batch));

	if (!batch)
		return NULL;
	batch->io = blk_batch_create(requests, pages);
	if (!batch->io) {
		kfree(batch);
		return NULL;
	}
	return batch;
}

/* Never fails: where there is no memory, who comes waits for the spare one. */
static struct batch *batch_get(void)
{
	struct batch *batch = batch_create(BATCH_REQUESTS, BATCH_PAGES);

	if (batch)
		return batch;
	mutex_lock(&wb.spare_lock);
	return wb.spare;
}

static void batch_put(struct batch *batch)
{
	if (batch == wb.spare) {
		mutex_unlock(&wb.spare_lock);
		return;
	}
	kfree(batch->io);
	kfree(batch);
}

/* DIRTY becomes WRITEBACK. */
static void page_take_locked(struct page_cache *cache, struct batch *batch, struct frame *frame)
{
	page_set(frame, PAGE_WRITEBACK);
	page_clear(frame, PAGE_DIRTY);
	page_tree_tag_set(&cache->tree, frame->cache.index, PAGE_TREE_WRITEBACK);
	page_tree_tag_clear(&cache->tree, frame->cache.index, PAGE_TREE_DIRTY);
	frame_get(frame);
	batch->frames[batch->count++] = frame;
}

/* Take dirty pages from *index to `last`, up to `most`; *index moves on. One that is being written
 * already is passed over, or ends the batch: then it is *busy, with a reference. */
static void batch_gather(struct page_cache *cache, struct batch *batch, unsigned most,
	uint64_t *index, uint64_t last, struct frame **busy)
{
	struct frame *frame;

	batch->count = 0;
	spin_lock(&cache->lock);
	while (batch->count < most && *index <= last &&
		(frame = page_tree_next(&cache->tree, PAGE_TREE_DIRTY, index)) != NULL &&
		*index <= last) {
		if (!page_is(frame, PAGE_WRITEBACK)) {
			page_take_locked(cache, batch, frame);
		} else if (busy) {
			frame_get(frame);
			*busy = frame;
			break;
		}
		if ((*index)++ == last)
			break;
	}
	if (batch->count > 0) {
		__atomic_add_fetch(&wb.writing, batch->count, __ATOMIC_RELAXED);
		dirty_less_locked(cache, batch->count);
	}
	spin_unlock(&cache->lock);
}

/* The pages are clean now, or, where they could not be written yet, DIRTY again. */
static void batch_end(struct page_cache *cache, struct batch *batch, bool again)
{
	bool wanted = READ_ONCE(wb.for_memory) > 0;

	spin_lock(&cache->lock);
	cache->put_back += again;
	for (unsigned i = 0; i < batch->count; i++) {
		struct frame *frame = batch->frames[i];

		page_tree_tag_clear(&cache->tree, frame->cache.index, PAGE_TREE_WRITEBACK);
		page_clear(frame, PAGE_WRITEBACK);
		if (page_is(frame, PAGE_DIRTY))
			continue;
		if (again) {
			page_set(frame, PAGE_DIRTY);
			page_tree_tag_set(&cache->tree, frame->cache.index, PAGE_TREE_DIRTY);
			writeback_dirtied_locked(cache);
		} else {
			if (wanted)
				page_clear(frame, PAGE_USED);
			lru_add(frame, wanted);
		}
	}
	spin_unlock(&cache->lock);
	for (unsigned i = 0; i < batch->count; i++) {
		page_wake(batch->frames[i]);
		frame_put(batch->frames[i]);
	}
	__atomic_sub_fetch(&wb.writing, batch->count, __ATOMIC_RELAXED);
	if (!again)
		__atomic_add_fetch(&wb.cleaned, batch->count, __ATOMIC_RELAXED);
	wait_wake_all(&wb.progress, 0);
}

/* Write what was gathered. False: mappings could not be looked at, and nothing was written. */
static bool batch_write(struct page_cache *cache, struct batch *batch, bool wait)
{
	uint64_t first = batch->frames[0]->cache.index;
	uint64_t last = batch->frames[batch->count - 1]->cache.index;
	int err;

	if (!vm_pager_protect(&cache->pager, first, last, wait)) {
		batch_end(cache, batch, true);
		return false;
	}
	err = cache->ops->write(cache, batch->frames, batch->count, batch->io);
	if (err)
		errseq_set(&cache->errors, err == -ENOSPC ? -ENOSPC : -EIO);
	batch_end(cache, batch, false);
	return true;
}

/* ---- on demand --------------------------------------------------------------------------- */

void writeback_wait(struct page_cache *cache, uint64_t first, uint64_t last)
{
	for (;;) {
		struct frame *frame;

		spin_lock(&cache->lock);
		frame = page_tree_next(&cache->tree, PAGE_TREE_WRITEBACK, &first);
		if (frame && first <= last)
			frame_get(frame);
		spin_unlock(&cache->lock);
		if (!frame || first > last)
			return;
		page_wait(frame, PAGE_WRITEBACK);
		frame_put(frame);
		if (first++ == last)
			return;
	}
}

/* Write what is dirty, and wait for what is being written. */
static void range_write(
	struct page_cache *cache, struct batch *batch, uint64_t first, uint64_t last)
{
	uint64_t index = first;

	for (;;) {
		struct frame *busy = NULL;

		batch_gather(cache, batch, BATCH_PAGES, &index, last, &busy);
		if (batch->count > 0)
			(void)batch_write(cache, batch, true);
		if (busy) {
			page_wait(busy, PAGE_WRITEBACK);
			frame_put(busy);
		} else if (batch->count == 0) {
			break;
		}
	}
	writeback_wait(cache, first, last);
}

/* What the flusher had taken and could not write is dirty again: once more. */
void writeback_range(struct page_cache *cache, uint64_t first, uint64_t last)
{
	struct batch *batch;
	uint32_t seen;

	if (!cache->ops->write)
		return;
	batch = batch_get();
	do {
		seen = READ_ONCE(cache->put_back);
		range_write(cache, batch, first, last);
	} while (READ_ONCE(cache->put_back) != seen);
	batch_put(batch);
}

/* What can be written without waiting for anybody. False: some could not. */
static bool write_some(
	struct page_cache *cache, struct batch *batch, uint64_t *index, uint64_t last)
{
	bool mapped = !list_empty(&cache->pager.areas); /* a guess: it only bounds the batch */

	batch_gather(cache, batch, mapped ? MAPPED_PAGES : BATCH_PAGES, index, last, NULL);
	return batch->count == 0 || batch_write(cache, batch, false);
}

void writeback_start(struct page_cache *cache, uint64_t first, uint64_t last)
{
	struct batch *batch;

	if (!cache->ops->write)
		return;
	batch = batch_get();
	do
		(void)write_some(cache, batch, &first, last);
	while (batch->count > 0);
	batch_put(batch);
}

/* ---- the flusher ------------------------------------------------------------------------- */

static uint64_t expire_ns(void)
{
	return READ_ONCE(wb.settings[WRITEBACK_EXPIRE]) * NS_PER_CENTISEC;
}

/* When the oldest cache has been dirty for long enough. */
static uint64_t oldest_expires_ns(void)
{
	uint64_t at = WAIT_FOREVER;
	struct page_cache *oldest;

	spin_lock(&wb.lock);
	oldest = list_first(&wb.caches, struct page_cache, dirty_link);
	if (oldest)
		at = oldest->dirtied_ns + expire_ns();
	spin_unlock(&wb.lock);
	return at;
}

static bool pressure(void)
{
	return READ_ONCE(wb.waiting) > 0 || READ_ONCE(wb.dirty) > READ_ONCE(wb.background);
}

/* The oldest, with a reference to its vnode, and to the end of the list as if it had just become
 * dirty; whether it is old. NULL: none has to be written now. *gone: its vnode is going away. */
static struct page_cache *oldest_take(bool *old, bool *gone)
{
	uint64_t now = clock_ns();
	struct page_cache *cache;

	*gone = false;
	spin_lock(&wb.lock);
	cache = list_first(&wb.caches, struct page_cache, dirty_link);
	*old = cache && cache->dirtied_ns + expire_ns() <= now;
	if (cache && (*old || pressure())) {
		list_del(&cache->dirty_link);
		list_add_tail(&cache->dirty_link, &wb.caches);
		cache->dirtied_ns = now;
		*gone = !vnode_try_get(cache->vnode);
	} else {
		cache = NULL;
	}
	spin_unlock(&wb.lock);
	return cache;
}

static uint64_t cache_count(void)
{
	struct list_head *link;
	uint64_t count = 0;

	spin_lock(&wb.lock);
	for (link = wb.caches.next; link != &wb.caches; link = link->next)
		count++;
	spin_unlock(&wb.lock);
	return count;
}

/* Once over the caches that there are. */
static void flush_round(void)
{
	for (uint64_t left = cache_count(); left > 0; left--) {
		struct page_cache *cache;
		uint64_t index = 0;
		bool old, gone;

		cache = oldest_take(&old, &gone);
		if (!cache)
			break;
		if (gone)
			continue;
		while (write_some(cache, wb.own, &index, UINT64_MAX) && wb.own->count > 0 &&
			(old || pressure()))
			;
		vnode_put(cache->vnode);
	}
	__atomic_add_fetch(&wb.passes, 1, __ATOMIC_RELEASE);
	wait_wake_all(&wb.progress, 0);
}

static void flusher(void *unused)
{
	for (;;) {
		uint32_t seen = __atomic_load_n(&wb.events, __ATOMIC_ACQUIRE);
		uint64_t cleaned = READ_ONCE(wb.cleaned), at = oldest_expires_ns();

		if (!pressure() && clock_ns() < at) {
			(void)wait_event(&wb.wake, WAIT_UNINTERRUPTIBLE, at,
				__atomic_load_n(&wb.events, __ATOMIC_ACQUIRE) != seen);
			continue;
		}
		WRITE_ONCE(wb.busy, true);
		limits_renew();
		flush_round();
		__atomic_store_n(&wb.busy, false, __ATOMIC_SEQ_CST);
		/* All are locked, or being written by others. */
		if (READ_ONCE(wb.cleaned) == cleaned)
			(void)sleep_until(WAIT_UNINTERRUPTIBLE, clock_ns() + PAUSE_NS);
	}
}

void writeback_init(void)
{
	wb.own = batch_create(BATCH_REQUESTS, BATCH_PAGES);
	wb.spare = batch_create(BATCH_REQUESTS, BATCH_PAGES);
	limits_renew();
	if (!wb.own || !wb.spare || thread_start("flusher", flusher, NULL, NULL))
		panic("no memory for writing files back");
}

/* ---- waiting for it ---------------------------------------------------------------------- */

static bool too_much(void)
{
	return READ_ONCE(wb.dirty) + READ_ONCE(wb.writing) > READ_ONCE(wb.most);
}

static void wait_begin(void)
{
	__atomic_add_fetch(&wb.waiting, 1, __ATOMIC_RELEASE);
	flusher_wake();
}

static void wait_end(void)
{
	__atomic_sub_fetch(&wb.waiting, 1, __ATOMIC_RELEASE);
}

int writeback_throttle(const struct page_cache *cache)
{
	int err;

	if (!cache->ops->write)
		return 0;
	if (clock_ns() >= READ_ONCE(wb.limits_until_ns))
		limits_renew();
	if (likely(!too_much()))
		return 0;
	wait_begin();
	err = wait_event(&wb.progress, WAIT_KILLABLE, WAIT_FOREVER, !too_much());
	wait_end();
	return err;
}

static bool anything_dirty(void)
{
	return READ_ONCE(wb.dirty) + READ_ONCE(wb.writing) > 0;
}

uint64_t writeback_for_memory(void)
{
	uint64_t cleaned = READ_ONCE(wb.cleaned), passes = READ_ONCE(wb.passes);

	if (!anything_dirty())
		return 0;
	__atomic_add_fetch(&wb.for_memory, 1, __ATOMIC_RELAXED);
	wait_begin();
	/* The round that is under way may have passed over what is dirty now: one more. */
	(void)!wait_event(&wb.progress, WAIT_UNINTERRUPTIBLE, WAIT_FOREVER,
		READ_ONCE(wb.cleaned) != cleaned ||
			(READ_ONCE(wb.passes) > passes + 1 && READ_ONCE(wb.writing) == 0) ||
			!anything_dirty());
	wait_end();
	__atomic_sub_fetch(&wb.for_memory, 1, __ATOMIC_RELAXED);
	return READ_ONCE(wb.cleaned) - cleaned;
}

/* ---- settings ---------------------------------------------------------------------------- */

uint64_t writeback_setting(enum writeback_setting setting)
{
	return READ_ONCE(wb.settings[setting]);
}

int writeback_set(enum writeback_setting setting, uint64_t value)
{
	if (value > (setting == WRITEBACK_EXPIRE ? INT32_MAX : 100))
		return -EINVAL;
	WRITE_ONCE(wb.settings[setting], value);
	limits_renew();
	flusher_wake();
	return 0;
}
