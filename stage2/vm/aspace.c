/*
 * The life of an address space: made empty, loaded on CPUs, forked, destroyed.
 *
 * Who uses an address space is counted twice, in a sense. `refs` counts its users: processes,
 * threads, and for a moment whoever unmaps pages of an object from it (pager.c). A CPU that has its
 * tables loaded says so in cpu->aspace, and is no user: a thread without an address space leaves
 * loaded what it finds, for the one before it is often the next one too. Page flushes go to the
 * CPUs that say so.
 *
 * When the last user is gone nobody can fault any more. The tables may still be loaded on the CPU
 * whose lazy thread does the work here; it goes back to the kernel's tables first, and then
 * everything is taken out and freed at once, so that the frame counters are exact when aspace_put
 * has returned. Threads of programs run on the boot CPU alone so far; with more of them, the CPUs
 * that hold the tables lazily must be told at this point.
 *
 * Fork: the child has the same areas. Private pages that were written are shared until one of the
 * two writes (fault.c); everything else comes back by faults. The child is nobody's yet, so its
 * lock is not taken; its areas enter their pagers' lists when all is in place, and from then on
 * others may unmap pages from it.
 *
 * Placement (docs/memory.md): 28 random bits for mmap, 22 for the stack, in pages, as Linux has
 * them.
 */
#include "vm/aspace.h"

#include "abi/errno.h"
#include "abi/mman.h"
#include "arch/cpu.h"
#include "core/random.h"
#include "core/spinlock.h"
#include "lib/assert.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "sched/thread.h"
#include "vm/map.h"
#include "vm/pages.h"

#define STACK_LIMIT_BYTES  (8ull << 20)
#define STACK_START_BYTES  ((uint64_t)33 * PAGE_SIZE) /* what Linux gives: 128 KiB and a page */
#define STACK_ROOM_MIN     (128ull << 20) /* kept free below the stack whatever its limit */
#define MMAP_RANDOM_PAGES  BIT(28)
#define STACK_RANDOM_PAGES BIT(22)
#define BRK_RANDOM_PAGES   BIT(13)

static struct slab_cache aspace_cache = SLAB_CACHE("aspace", struct aspace);

static uint64_t random_pages(const struct aspace *aspace, uint64_t limit)
{
	return aspace->fixed_layout ? 0 : random_u64() % limit << PAGE_SHIFT;
}

static uptr_t random_mmap_top(const struct aspace *aspace)
{
	uint64_t below = STACK_ROOM_MIN + (STACK_RANDOM_PAGES << PAGE_SHIFT) + STACK_GUARD_BYTES;
	return USER_END - below - random_pages(aspace, MMAP_RANDOM_PAGES);
}

void aspace_get(struct aspace *aspace)
{
	__atomic_fetch_add(&aspace->refs, 1, __ATOMIC_RELAXED);
}

bool aspace_try_get(struct aspace *aspace)
{
	uint32_t refs = __atomic_load_n(&aspace->refs, __ATOMIC_RELAXED);

	do {
		if (refs == 0)
			return false;
	} while (!__atomic_compare_exchange_n(
		&aspace->refs, &refs, refs + 1, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return true;
}

/* This CPU may have it loaded for a thread that does not care. */
static void aspace_unload(struct aspace *aspace)
{
	preempt_disable();
	if (this_cpu()->aspace == aspace) {
		mmu_switch(mmu_kernel_root());
		this_cpu()->aspace = NULL;
	}
	preempt_enable();
	for (unsigned id = 0; id < cpu_count(); id++)
		assert(READ_ONCE(cpu_get(id)->aspace) != aspace);
}

static uint64_t ended; /* [a] */

static void aspace_destroy(struct aspace *aspace)
{
	aspace_unload(aspace);
	map_destroy(aspace);
	assert(aspace->resident_pages == 0);
	mmu_root_destroy(aspace->root, &aspace->tables);
	slab_free(&aspace_cache, aspace);
	__atomic_add_fetch(&ended, 1, __ATOMIC_RELEASE);
}

uint64_t aspaces_ended(void)
{
	return __atomic_load_n(&ended, __ATOMIC_ACQUIRE);
}

void aspace_put(struct aspace *aspace)
{
	if (aspace && __atomic_sub_fetch(&aspace->refs, 1, __ATOMIC_ACQ_REL) == 0)
		aspace_destroy(aspace);
}

static uint32_t going; /* [a] how many deferred work is to destroy */

static void destroy_work(struct work *work)
{
	aspace_destroy(container_of(work, struct aspace, put_work));
	__atomic_sub_fetch(&going, 1, __ATOMIC_RELEASE);
}

bool aspace_any_going(void)
{
	return __atomic_load_n(&going, __ATOMIC_ACQUIRE) > 0;
}

void aspace_put_later(struct aspace *aspace)
{
	if (__atomic_sub_fetch(&aspace->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	__atomic_add_fetch(&going, 1, __ATOMIC_RELAXED);
	work_queue(&aspace->put_work);
}

static int table_alloc(struct page_source *source, paddr_t *page)
{
	struct page_source *frames = frame_table_source();
	int err = frames->alloc(frames, page);

	if (err == 0)
		container_of(source, struct aspace, tables)->table_pages++;
	return err;
}

static void table_free(struct page_source *source, paddr_t page)
{
	struct page_source *frames = frame_table_source();

	container_of(source, struct aspace, tables)->table_pages--;
	frames->free(frames, page);
}

uint64_t aspace_footprint(const struct aspace *aspace)
{
	return READ_ONCE(aspace->resident_pages) + READ_ONCE(aspace->table_pages) +
	       READ_ONCE(aspace->areas.count) * sizeof(struct vm_area) / PAGE_SIZE;
}

/* Without a layout. */
static int aspace_alloc(struct aspace **aspace)
{
	struct aspace *new = slab_zalloc(&aspace_cache);
	int err;

	if (!new)
		return -ENOMEM;
	new->tables = (struct page_source){ .alloc = table_alloc, .free = table_free };
	err = mmu_root_create(&new->tables, &new->root);
	if (err < 0)
		goto free;
	mutex_init(&new->lock, "aspace", RANK_ASPACE);
	areas_init(&new->areas);
	new->refs = 1;
	new->put_work = (struct work)WORK_INIT(destroy_work);
	*aspace = new;
	return 0;
free:
	slab_free(&aspace_cache, new);
	return err;
}

int aspace_create(struct aspace **aspace, bool fixed_layout)
{
	int err = aspace_alloc(aspace);

	if (err < 0)
		return err;
	(*aspace)->fixed_layout = fixed_layout;
	(*aspace)->mmap_top = random_mmap_top(*aspace);
	(*aspace)->stack_limit_bytes = STACK_LIMIT_BYTES;
	(*aspace)->data_limit_bytes = UINT64_MAX;
	(*aspace)->size_limit_bytes = UINT64_MAX;
	(*aspace)->lock_limit_bytes = UINT64_MAX;
	return 0;
}

void on_aspace_switch(struct aspace *aspace)
{
	struct cpu *cpu = this_cpu();

	if (!aspace || cpu->aspace == aspace)
		return;
	cpu->aspace = aspace;
	mmu_switch(aspace->root);
}

struct aspace *aspace_install(struct aspace *aspace)
{
	struct thread *thread = thread_current();
	struct aspace *old = thread->aspace;

	preempt_disable();
	thread->aspace = aspace;
	if (aspace) {
		on_aspace_switch(aspace);
	} else {
		this_cpu()->aspace = NULL;
		mmu_switch(mmu_kernel_root());
	}
	preempt_enable();
	return old;
}

/* A small limit makes a small stack, but never none. */
static uint64_t stack_start_bytes(const struct aspace *aspace)
{
	uint64_t limit = ALIGN_DOWN(aspace->stack_limit_bytes, PAGE_SIZE);
	return limit ? min(limit, STACK_START_BYTES) : PAGE_SIZE;
}

int aspace_add_stack(struct aspace *aspace, uptr_t *top)
{
	uint64_t bytes = stack_start_bytes(aspace);
	struct vm_map_args args = {
		.bytes = bytes,
		.prot = PROT_READ | PROT_WRITE,
		.max_prot = PROT_READ | PROT_WRITE | PROT_EXEC,
		.flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE,
		.name = "[stack]",
	};
	uptr_t start;
	int err;

	aspace->stack_top = USER_END - random_pages(aspace, STACK_RANDOM_PAGES);
	args.address = aspace->stack_top - bytes;
	err = aspace_map(aspace, &args, &start);
	if (err == 0)
		*top = aspace->stack_top;
	return err;
}

void aspace_set_brk(struct aspace *aspace, uptr_t start)
{
	mutex_lock(&aspace->lock);
	aspace->brk_start = ALIGN_UP(start, PAGE_SIZE) + random_pages(aspace, BRK_RANDOM_PAGES);
	aspace->brk = aspace->brk_start;
	mutex_unlock(&aspace->lock);
}

/* What a child takes over besides the areas. */
static void copy_layout(struct aspace *child, const struct aspace *parent)
{
	child->mmap_top = parent->mmap_top;
	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	child->stack_top = parent->stack_top;
	child->stack_limit_bytes = parent->stack_limit_bytes;
	child->data_limit_bytes = parent->data_limit_bytes;
	child->size_limit_bytes = parent->size_limit_bytes;
	child->lock_limit_bytes = parent->lock_limit_bytes;
	child->code_start = parent->code_start;
	child->code_end = parent->code_end;
	child->data_start = parent->data_start;
	child->data_end = parent->data_end;
	child->args_start = parent->args_start;
	child->args_end = parent->args_end;
	child->env_start = parent->env_start;
	child->env_end = parent->env_end;
	child->stack_start = parent->stack_start;
	child->auxv_start = parent->auxv_start;
	child->auxv_end = parent->auxv_end;
}

/* The pages that both see until one of them writes; areas that the child is not to have go. */
static int share_areas(struct aspace *child, struct aspace *parent, struct list_head *dead)
{
	int err = 0;

	for (struct vm_area *area = areas_first(&parent->areas); area && err == 0;
		area = areas_next(area)) {
		if (unlikely(area->flags & AREA_DONTFORK))
			map_remove(child, area->start, area->end, dead);
		else if (area->has_copies && (area->flags & MAP_PRIVATE) &&
			 !(area->flags & AREA_WIPEONFORK))
			err = pages_share(parent, child, area);
	}
	return err;
}

static int fork_locked(struct aspace *child, struct aspace *parent, struct list_head *dead)
{
	int err = parent->reaped ? -ENOMEM : map_copy(child, parent);

	copy_layout(child, parent);
	if (err == 0)
		err = share_areas(child, parent, dead);
	if (err == 0)
		map_publish(child);
	return err;
}

int aspace_fork(struct aspace *parent, struct aspace **child)
{
	struct list_head dead;
	struct aspace *new;
	int err;

	err = aspace_alloc(&new);
	if (err < 0)
		return err;
	list_init(&dead);
	mutex_lock(&parent->lock);
	err = fork_locked(new, parent, &dead);
	mutex_unlock(&parent->lock);
	map_dispose(&dead);
	if (err < 0) {
		aspace_put(new);
		return err;
	}
	*child = new;
	return 0;
}

uint64_t aspace_reap(struct aspace *aspace)
{
	uint64_t before;

	mutex_lock(&aspace->lock);
	before = aspace->anon_pages;
	aspace->reaped = true;
	for (struct vm_area *area = areas_first(&aspace->areas); area; area = areas_next(area))
		if (area->flags & MAP_PRIVATE)
			pages_unmap(aspace, area, area->start, area->end, PAGES_ALL);
	before -= aspace->anon_pages;
	mutex_unlock(&aspace->lock);
	return before;
}
