/*
 * Threads: making them, counting references, and getting rid of them.
 */
#include "sched/thread.h"
#include "abi/errno.h"
#include "arch/cpu.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/kmap.h"
#include "mm/slab.h"
#include "sched/sched_internal.h"
#include "sched/wait.h"
#include "sched/work.h"

static struct slab_cache thread_cache = SLAB_CACHE("thread", struct thread);
static struct slab_cache fpu_cache = { .name = "fpu", .align = 64 };

static struct {
	struct spinlock lock;      /* RANK_REFS */
	struct list_head all;      /* [lock] */
	struct list_head dead;     /* [dead_lock] switched away from for the last time */
	struct spinlock dead_lock; /* RANK_REFS */
	struct list_head leaving;  /* [dead_lock] those that have said thread_will_exit, in order */
	uint64_t exits;            /* [dead_lock] how many ever have */
	struct wait_queue left;    /* one of them is gone */
} threads = {
	.lock = SPINLOCK_INIT("threads", RANK_REFS),
	.all = LIST_INIT(threads.all),
	.dead = LIST_INIT(threads.dead),
	.dead_lock = SPINLOCK_INIT("dead-threads", RANK_REFS),
	.leaving = LIST_INIT(threads.leaving),
	.left = WAIT_QUEUE_INIT(threads.left),
};

static void thread_link(struct thread *thread)
{
	uint64_t flags = spin_lock_irqsave(&threads.lock);
	list_add_tail(&thread->all_link, &threads.all);
	spin_unlock_irqrestore(&threads.lock, flags);
}

static void thread_begin(void *data)
{
	struct thread *self = data;
	sched_enter();
	self->entry(self->entry_arg);
	thread_exit();
}

static int fpu_attach(struct thread *thread)
{
	if (fpu_cache.object_bytes == 0)
		fpu_cache.object_bytes = (uint32_t)fpu_bytes();
	thread->arch.fpu = slab_alloc(&fpu_cache);
	if (!thread->arch.fpu)
		return -ENOMEM;
	fpu_init_state(thread->arch.fpu);
	return 0;
}

int thread_create(
	const char *name, void (*entry)(void *), void *arg, bool user, struct thread **result)
{
	struct thread *thread = slab_zalloc(&thread_cache);
	if (!thread)
		return -ENOMEM;
	int err = user ? fpu_attach(thread) : 0;
	if (err)
		goto out_free;
	void *stack_top;
	err = kstack_alloc(&stack_top);
	if (err)
		goto out_free_fpu;

	strlcpy(thread->name, name, sizeof(thread->name));
	thread->refs = 1;
	thread->state = THREAD_SLEEPING;
	thread->entry = entry;
	thread->entry_arg = arg;
	list_init(&thread->run_link);
	list_init(&thread->proc_link);
	list_init(&thread->exit_link);
	arch_thread_init(&thread->arch, stack_top, thread_begin, thread);
	thread_link(thread);
	*result = thread;
	return 0;

out_free_fpu:
	if (thread->arch.fpu)
		slab_free(&fpu_cache, thread->arch.fpu);
out_free:
	slab_free(&thread_cache, thread);
	return err;
}

int thread_start(const char *name, void (*entry)(void *), void *arg, struct thread **result)
{
	struct thread *thread;
	int err = thread_create(name, entry, arg, false, &thread);
	if (err)
		return err;
	if (result) {
		thread_get(thread);
		*result = thread;
	}
	thread_run(thread);
	return 0;
}

struct thread *thread_adopt(const char *name)
{
	struct thread *thread = slab_zalloc(&thread_cache);
	assert(thread);
	strlcpy(thread->name, name, sizeof(thread->name));
	thread->refs = 1;
	thread->state = THREAD_RUNNING;
	thread->cpu = this_cpu()->id;
	list_init(&thread->run_link);
	list_init(&thread->proc_link);
	list_init(&thread->exit_link);
	thread_link(thread);
	return thread;
}

void thread_get(struct thread *thread)
{
	__atomic_fetch_add(&thread->refs, 1, __ATOMIC_RELAXED);
}

void thread_put(struct thread *thread)
{
	assert(thread->refs > 0);
	if (__atomic_sub_fetch(&thread->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	uint64_t flags = spin_lock_irqsave(&threads.lock);
	list_del(&thread->all_link);
	spin_unlock_irqrestore(&threads.lock, flags);
	if (thread->arch.fpu)
		slab_free(&fpu_cache, thread->arch.fpu);
	if (thread->arch.stack_top)
		kstack_free((void *)thread->arch.stack_top);
	slab_free(&thread_cache, thread);
}

void thread_will_exit(void)
{
	struct thread *self = thread_current();
	uint64_t flags = spin_lock_irqsave(&threads.dead_lock);

	self->exit_number = ++threads.exits;
	list_add_tail(&self->exit_link, &threads.leaving);
	spin_unlock_irqrestore(&threads.dead_lock, flags);
}

static bool have_left(uint64_t exit_number)
{
	uint64_t flags = spin_lock_irqsave(&threads.dead_lock);
	struct thread *first = list_first(&threads.leaving, struct thread, exit_link);
	bool left = !first || first->exit_number > exit_number;

	spin_unlock_irqrestore(&threads.dead_lock, flags);
	return left;
}

int thread_flush(void)
{
	uint64_t last = READ_ONCE(threads.exits);
	int err = wait_event(&threads.left, WAIT_INTERRUPTIBLE, WAIT_FOREVER, have_left(last));

	if (err == 0)
		work_flush(); /* the last may be at the reaper's */
	return err;
}

static void reap(struct work *work)
{
	for (;;) {
		uint64_t flags = spin_lock_irqsave(&threads.dead_lock);
		struct thread *thread = list_first(&threads.dead, struct thread, run_link);
		if (thread) {
			list_del(&thread->run_link);
			list_del(&thread->exit_link);
		}
		spin_unlock_irqrestore(&threads.dead_lock, flags);
		if (!thread)
			return;
		thread_put(thread);
		wait_wake_all(&threads.left, 0);
	}
}

static struct work reaper = WORK_INIT(reap);

/* Its last reference but for those others hold: dropped where freeing a stack is allowed. */
void thread_reap(struct thread *thread)
{
	fpu_forget(&thread->arch);
	uint64_t flags = spin_lock_irqsave(&threads.dead_lock);
	list_add_tail(&thread->run_link, &threads.dead);
	spin_unlock_irqrestore(&threads.dead_lock, flags);
	work_queue(&reaper);
}

void thread_for_each(void (*fn)(struct thread *thread, void *data), void *data)
{
	struct thread *thread;
	uint64_t flags = spin_lock_irqsave(&threads.lock);
	list_for_each(thread, &threads.all, all_link)
		fn(thread, data);
	spin_unlock_irqrestore(&threads.lock, flags);
}
