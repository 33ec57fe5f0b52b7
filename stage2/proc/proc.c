/*
 * Processes and their threads: making them, connecting them, counting references.
 *
 * The main idea: a process is put together piece by piece while nobody can see it (proc_create),
 * and becomes visible in one step that cannot fail (proc_add_locked). Taking it apart is exit.c's.
 */
#include "proc/proc.h"

#include "abi/errno.h"
#include "core/clock.h"
#include "io/user.h"
#include "ipc/sem.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "net/socket.h"
#include "proc/exit.h"
#include "sched/mutex.h"

static uint32_t threads_alive; /* [a] */

static struct {
	struct mutex lock; /* the tree lock */
	struct proc *init; /* [lock] set once */
} tree = { .lock = MUTEX_INIT(tree.lock, "proc tree", RANK_PROC_TREE) };

static struct slab_cache proc_cache = SLAB_CACHE("proc", struct proc);
static struct slab_cache uthread_cache = SLAB_CACHE("uthread", struct uthread);

void proc_tree_lock(void)
{
	mutex_lock(&tree.lock);
}

void proc_tree_unlock(void)
{
	mutex_unlock(&tree.lock);
}

struct proc *proc_init_process(void)
{
	return READ_ONCE(tree.init);
}

void proc_get(struct proc *proc)
{
	__atomic_fetch_add(&proc->refs, 1, __ATOMIC_RELAXED);
}

/* Drop what a process holds; all of it may be missing. */
static void proc_put_parts(struct proc *proc)
{
	user_uncharge(USER_THREADS, proc->charged_uid, 1);
	if (proc->exe)
		file_put(proc->exe);
	if (proc->files)
		fdtable_put(proc->files);
	if (proc->fs)
		fs_context_leave(proc->fs);
	if (proc->cred)
		cred_put(proc->cred);
	if (proc->aspace)
		aspace_put(proc->aspace);
}

void proc_put(struct proc *proc)
{
	if (__atomic_sub_fetch(&proc->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	assert(proc->thread_count == 0 && list_empty(&proc->children));
	proc_put_parts(proc);
	signal_queue_flush(&proc->pending);
	pid_put(proc->pid);
	if (proc->group)
		pid_put(proc->group);
	if (proc->session)
		pid_put(proc->session);
	slab_free(&proc_cache, proc);
}

/* As in Linux: their stacks take an eighth of memory, so that it is not they that use it up. */
uint64_t threads_max(void)
{
	return frame_total() * PAGE_SIZE / (8 * KERNEL_STACK_BYTES);
}

/* As Linux gives them to its init: processes and pending signals by the size of memory. */
static void limits_init(struct rlimit limits[RLIMIT_COUNT])
{
	uint64_t tasks = threads_max() / 2;

	for (unsigned i = 0; i < RLIMIT_COUNT; i++)
		limits[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	limits[RLIMIT_STACK].rlim_cur = 8 << 20;
	limits[RLIMIT_CORE].rlim_cur = 0;
	limits[RLIMIT_NPROC] = (struct rlimit){ tasks, tasks };
	limits[RLIMIT_NOFILE] = (struct rlimit){ 1024, 4096 };
	limits[RLIMIT_MEMLOCK] = (struct rlimit){ 8 << 20, 8 << 20 };
	limits[RLIMIT_SIGPENDING] = (struct rlimit){ tasks, tasks };
	limits[RLIMIT_MSGQUEUE] = (struct rlimit){ 819200, 819200 };
	limits[RLIMIT_NICE] = (struct rlimit){ 0, 0 };
	limits[RLIMIT_RTPRIO] = (struct rlimit){ 0, 0 };
}

int proc_create(struct proc **result)
{
	struct proc *proc = slab_alloc(&proc_cache);
	int err;

	if (!proc)
		return -ENOMEM;
	memset(proc, 0, offsetof(struct proc, actions));
	err = pid_alloc(&proc->pid);
	if (err) {
		slab_free(&proc_cache, proc);
		return err;
	}
	proc->refs = 1;
	proc->start_ns = clock_ns();
	list_init(&proc->children);
	list_init(&proc->sibling);
	list_init(&proc->news);
	list_init(&proc->news_link);
	list_init(&proc->group_link);
	list_init(&proc->session_link);
	list_init(&proc->threads);
	wait_queue_init(&proc->child_wait);
	wait_queue_init(&proc->own_wait);
	wait_queue_init(&proc->vfork_wait);
	spin_init(&proc->lock, "proc", RANK_SIGNAL);
	signal_queue_init(&proc->pending);
	proc->dumpable = true;
	limits_init(proc->limits);
	cpu_timers_init(&proc->cpu_timers);
	interval_timers_init(proc);
	posix_timers_init(&proc->timers);
	*result = proc;
	return 0;
}

void proc_destroy(struct proc *proc)
{
	proc_put(proc);
}

int uthread_create(struct proc *proc, struct pid *pid, const char *name, void (*entry)(void *),
	void *arg, struct uthread **result)
{
	struct uthread *uthread;
	int err = -EAGAIN;

	if (__atomic_add_fetch(&threads_alive, 1, __ATOMIC_RELAXED) > threads_max())
		goto uncount;
	err = -ENOMEM;
	uthread = slab_zalloc(&uthread_cache);
	if (!uthread)
		goto uncount;
	err = thread_create(name, entry, arg, true, &uthread->thread);
	if (err)
		goto free_uthread;
	uthread->proc = proc;
	uthread->tid = pid ? pid : proc->pid;
	pid_get(uthread->tid);
	list_init(&uthread->link);
	signal_queue_init(&uthread->pending);
	cpu_timers_init(&uthread->cpu_timers);
	uthread->altstack.ss_flags = SS_DISABLE;
	uthread->timer_slack_ns = TIMER_SLACK_NS;
	uthread->thread->tid = uthread->tid->number;
	uthread->thread->proc = proc;
	uthread->thread->user = uthread;
	if (proc->aspace) {
		aspace_get(proc->aspace);
		uthread->thread->aspace = proc->aspace;
	}
	thread_set_work(uthread->thread, THREAD_WORK_CRED);
	*result = uthread;
	return 0;

free_uthread:
	slab_free(&uthread_cache, uthread);
uncount:
	__atomic_sub_fetch(&threads_alive, 1, __ATOMIC_RELAXED);
	return err;
}

void uthread_free(struct uthread *uthread)
{
	signal_queue_flush(&uthread->pending);
	io_context_put(uthread->io);
	if (uthread->cred)
		cred_put(uthread->cred);
	pid_put(uthread->tid);
	slab_free(&uthread_cache, uthread);
	__atomic_sub_fetch(&threads_alive, 1, __ATOMIC_RELAXED);
}

void uthread_destroy(struct uthread *uthread)
{
	struct thread *thread = uthread->thread;

	if (thread->aspace)
		aspace_put(thread->aspace);
	thread->aspace = NULL;
	thread->proc = NULL;
	thread->user = NULL;
	thread_put(thread);
	sem_undos_put(uthread->sem_undos);
	uthread_free(uthread);
}

/* Group and session: the maker's; without one, number 0. */
static void proc_join_groups_locked(struct proc *proc, struct proc *maker)
{
	if (maker) {
		proc->group = maker->group;
		proc->session = maker->session;
		pid_get(proc->group);
		pid_get(proc->session);
		terminal_inherit_locked(proc, maker);
	} else {
		proc->group = pid_zero();
		proc->session = pid_zero();
	}
	list_add(&proc->group_link, &proc->group->group);
	list_add_tail(&proc->session_link, &proc->session->session);
}

void proc_set_parent_locked(struct proc *proc, struct proc *parent)
{
	proc->parent = parent;
	WRITE_ONCE(proc->parent_number, proc_number(parent));
	list_add_tail(&proc->sibling, &parent->children);
}

void proc_add_locked(struct proc *proc, struct proc *maker, bool sibling)
{
	struct proc *parent;

	parent = sibling ? maker->parent : maker;
	if (sibling)
		proc->exit_signal = maker->exit_signal;
	if (parent)
		proc_set_parent_locked(proc, parent);
	else if (!tree.init)
		tree.init = proc;
	proc_join_groups_locked(proc, maker);
	pid_set_proc(proc->pid, proc);
}

/* How many threads its user may have. Root may have any number, and who may pass such limits. */
static uint64_t nproc_limit(struct proc *proc)
{
	const struct cred *cred = proc->cred;

	if (cred->uid == 0 || cred_may_either(cred, CAP_SYS_RESOURCE, CAP_SYS_ADMIN))
		return UINT64_MAX;
	return proc_limit(proc, RLIMIT_NPROC);
}

int proc_charge_locked(struct proc *proc, uint32_t uid)
{
	uint32_t threads = max(proc->thread_count, 1u);
	bool exceeded = user_count(USER_THREADS, uid) > proc_limit(proc, RLIMIT_NPROC);

	if (uid == proc->charged_uid)
		return 0;
	if (user_charge(USER_THREADS, uid, threads, UINT64_MAX))
		return -EAGAIN;
	user_uncharge(USER_THREADS, proc->charged_uid, threads);
	proc->charged_uid = uid;
	proc->nproc_exceeded = exceeded;
	return 0;
}

int proc_charge_child(struct proc *child)
{
	uint32_t uid = child->cred->uid;
	int err = user_charge(USER_THREADS, uid, 1, nproc_limit(child));

	if (err == 0)
		child->charged_uid = uid;
	return err;
}

bool proc_may_exec(struct proc *proc)
{
	if (likely(!proc->nproc_exceeded))
		return true;
	proc->nproc_exceeded =
		proc->charged_uid != 0 &&
		user_count(USER_THREADS, proc->charged_uid) > proc_limit(proc, RLIMIT_NPROC);
	return !proc->nproc_exceeded;
}

int uthread_add(struct uthread *uthread)
{
	struct proc *proc = uthread->proc;
	int err = 0;

	proc_lock(proc);
	/* One that is to end makes no more threads: an exec would not know of them. */
	if (proc->exiting ||
		(proc == proc_current() && thread_has_work(thread_current(), THREAD_WORK_KILL)))
		err = -EINTR;
	else if (proc->thread_count > 0) /* the first one is counted with its process */
		err = user_charge(USER_THREADS, proc->charged_uid, 1, nproc_limit(proc));
	if (err == 0) {
		list_add_tail(&uthread->link, &proc->threads);
		cpu_timers_add_thread_locked(uthread);
		proc->thread_count++;
		if (proc->stopped)
			thread_set_work(uthread->thread, THREAD_WORK_SIGNAL);
	}
	proc_unlock(proc);
	if (err == 0)
		pid_set_thread(uthread->tid, uthread);
	return err;
}

/* A thread that ends leaves the list under its process's lock, and after its number. */
int uthread_lock(uint32_t number, struct uthread **uthread)
{
	struct uthread *wanted, *thread;
	struct proc *proc;

	if (number == 0)
		number = uthread_current()->tid->number;
	proc = pid_thread_proc(number, &wanted);
	if (!proc)
		return -ESRCH;
	proc_lock(proc);
	list_for_each(thread, &proc->threads, link) {
		if (thread == wanted) {
			*uthread = thread;
			return 0;
		}
	}
	proc_unlock(proc);
	proc_put(proc);
	return -ESRCH;
}

void uthread_unlock(struct uthread *uthread)
{
	struct proc *proc = uthread->proc;

	proc_unlock(proc);
	proc_put(proc);
}

struct uthread *proc_thread_locked(struct proc *proc, const struct pid *tid)
{
	struct uthread *uthread;

	spin_assert_held(&proc->lock);
	list_for_each(uthread, &proc->threads, link) {
		if (uthread->tid == tid)
			return uthread;
	}
	return NULL;
}

struct cred *proc_cred_get(struct proc *proc)
{
	struct cred *cred;

	proc_lock(proc);
	cred = proc->cred;
	cred_get(cred);
	proc_unlock(proc);
	return cred;
}

void proc_set_cred_locked(struct proc *proc, struct cred *cred)
{
	struct uthread *uthread;

	proc->cred = cred;
	list_for_each(uthread, &proc->threads, link)
		thread_set_work(uthread->thread, THREAD_WORK_CRED);
}

void uthread_renew_cred(struct uthread *self)
{
	struct cred *old = self->cred;

	thread_clear_work(self->thread, THREAD_WORK_CRED);
	self->cred = proc_cred_get(self->proc);
	if (old)
		cred_put(old);
}

uint64_t proc_limit(struct proc *proc, enum rlimit_resource resource)
{
	return READ_ONCE(proc->limits[resource].rlim_cur);
}

/* RLIMIT_FSIZE, for fs; the kernel has none. */
uint64_t on_size_limit_wanted(void)
{
	struct proc *proc = proc_current();

	return proc ? proc_limit(proc, RLIMIT_FSIZE) : UINT64_MAX;
}

/* net wants to know who sends a message, or connects; fs, who writes; ipc, who asks. */
struct cred *on_caller_wanted(uint32_t *pid)
{
	struct proc *proc = proc_current();

	if (pid)
		*pid = proc ? proc_number(proc) : 0;
	return proc ? cred_current() : cred_root();
}
