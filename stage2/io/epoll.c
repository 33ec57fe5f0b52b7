/*
 * Event polling.
 *
 * Each file in a set is a watch. Its entries stand in the file's wait queues all the time; a
 * wake-up there puts the watch on the set's ready list, and wakes who waits for the set. Collecting
 * asks each file on that list what holds now: a watch with nothing to report leaves the list; one
 * that is level-triggered and reported goes to its end, to be asked again next time; an
 * edge-triggered one leaves until the next wake-up.
 *
 * A set is a file and may be in another: a wake-up in the inner one goes on to the outer one, and
 * who asks the inner one whether it is ready makes it ask its files. No set is in itself by any
 * way, and no chain of them is longer than NESTS_MAX, so both end.
 *
 * Locks. `links` (a mutex, one for all) guards which watches a file has: taken to add, to remove,
 * and when a file or a set goes. Under it the set's mutex guards its tree of watches and is held
 * while files are asked, so a file cannot go while it is asked; an outer set's before an inner
 * one's. The ready list has a spinlock of its own, because wake-ups come under a wait queue's lock;
 * the set's own wait queue ranks behind it. Of those an inner set's come first.
 */
#include "io/epoll.h"

#include "abi/errno.h"
#include "abi/poll.h"
#include "abi/stat.h"
#include "core/clock.h"
#include "io/poll.h"
#include "lib/assert.h"
#include "lib/rbtree.h"
#include "mm/slab.h"
#include "vm/uaccess.h"

#define ALWAYS_BITS (POLLERR | POLLHUP) /* reported unasked */
#define QUEUES_MAX  4                   /* wait queues that one file's poll operation enters */
#define NESTS_MAX   4       /* steps from an outermost set to an innermost, as on Linux */
#define OLD_NEWS    BIT(16) /* a wake-up for who waits in epoll_wait alone: no poll asks for it */
#define HOW_BITS    (EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE)
/* What may be asked for together with EPOLLEXCLUSIVE. */
#define EXCLUSIVE_BITS                                                                             \
	(POLLIN | POLLRDNORM | POLLRDBAND | POLLOUT | POLLWRNORM | POLLWRBAND | ALWAYS_BITS |      \
		EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)

struct epoll {
	struct file *file;          /* [I] its own; no reference */
	struct mutex lock;          /* RANK_EPOLL */
	struct rb_tree watches;     /* [lock] by file and number */
	struct spinlock ready_lock; /* RANK_EPOLL_READY */
	struct list_head ready;     /* [ready_lock] struct watch.ready_link */
	bool collects;              /* [ready_lock] one is being asked, apart from that list */
	struct wait_queue waiters;
	uint64_t visited; /* [links] by which walk through sets of sets, and how far it is from
	                     there */
	int distance;     /* [links] */
};

struct watch_entry {
	struct wait_entry wait;
	struct wait_queue *queue; /* NULL: unused */
	struct watch *watch;
};

struct watch {
	struct rb_node node;         /* [set's lock] */
	struct list_head file_link;  /* [links] */
	struct list_head ready_link; /* [set's ready_lock] */
	struct epoll *epoll;         /* [I] */
	struct file *file;           /* [I] no reference */
	int fd;                      /* [I] */
	struct epoll_event event; /* [set's lock] no bits but HOW_BITS: a one-shot that has fired */
	struct watch_entry entries[QUEUES_MAX];
	uint32_t entry_count;
	struct poll_table table;
};

static struct mutex links = MUTEX_INIT(links, "epoll-links", RANK_EPOLL_LINKS);
static uint64_t walks; /* [links] through sets of sets, ever */
static struct slab_cache epoll_cache = SLAB_CACHE("epoll", struct epoll);
static struct slab_cache watch_cache = SLAB_CACHE("epoll-watch", struct watch);
static const struct file_ops epoll_ops;

/* ---- watches --------------------------------------------------------------------------------- */

static bool watch_less(const struct rb_node *a, const struct rb_node *b)
{
	const struct watch *left = rb_entry(a, const struct watch, node);
	const struct watch *right = rb_entry(b, const struct watch, node);
	return left->fd != right->fd ? left->fd < right->fd : left->file < right->file;
}

static const struct rb_ops watch_order = { .less = watch_less };

static bool watch_before(const struct rb_node *node, const void *key)
{
	return watch_less(node, &((const struct watch *)key)->node);
}

static struct watch *watch_find(struct epoll *epoll, int fd, struct file *file)
{
	struct watch key = { .fd = fd, .file = file };
	struct rb_node *node = rb_lower_bound(&epoll->watches, watch_before, &key);
	struct watch *watch = node ? rb_entry(node, struct watch, node) : NULL;
	return watch && watch->fd == fd && watch->file == file ? watch : NULL;
}

static void watch_ready(struct watch *watch)
{
	struct epoll *epoll = watch->epoll;
	uint64_t flags = spin_lock_irqsave(&epoll->ready_lock);
	if (!list_is_linked(&watch->ready_link))
		list_add_tail(&watch->ready_link, &epoll->ready);
	spin_unlock_irqrestore(&epoll->ready_lock, flags);
	wait_wake_all(&epoll->waiters, POLLIN | POLLRDNORM);
}

/* A wake-up in one of the file's queues, under its lock. events 0: of whatever kind. */
static bool watch_woken(struct wait_entry *wait, uint32_t events)
{
	struct watch *watch = container_of(wait, struct watch_entry, wait)->watch;
	uint32_t asked = READ_ONCE(watch->event.events), wanted = asked & ~HOW_BITS;
	if (!wanted || (events && !(events & wanted)))
		return false;
	/* One of several sets is enough, if somebody waits for it. */
	bool waited_for = !list_empty(&watch->epoll->waiters.entries);
	watch_ready(watch);
	return (asked & EPOLLEXCLUSIVE) && waited_for;
}

static void watch_enter(struct poll_table *table, struct wait_queue *queue)
{
	struct watch *watch = container_of(table, struct watch, table);
	assert(watch->entry_count < QUEUES_MAX);
	struct watch_entry *entry = &watch->entries[watch->entry_count++];
	entry->watch = watch;
	entry->queue = queue;
	entry->wait = (struct wait_entry)WAIT_ENTRY_INIT(entry->wait);
	entry->wait.wake = watch_woken;
	entry->wait.exclusive = watch->event.events & EPOLLEXCLUSIVE;
	wait_add(queue, &entry->wait);
}

/* What holds of what the watch is about. */
static uint32_t watch_ask(struct watch *watch, struct poll_table *table)
{
	uint32_t wanted = watch->event.events & ~HOW_BITS;
	return file_poll(watch->file, table) & wanted;
}

/* Under `links` and the set's lock. */
static void watch_remove(struct watch *watch)
{
	struct epoll *epoll = watch->epoll;
	for (uint32_t i = 0; i < watch->entry_count; i++)
		wait_remove(watch->entries[i].queue, &watch->entries[i].wait);
	uint64_t flags = spin_lock_irqsave(&epoll->ready_lock);
	list_del(&watch->ready_link);
	spin_unlock_irqrestore(&epoll->ready_lock, flags);
	rb_erase(&epoll->watches, &watch->node);
	list_del(&watch->file_link);
	slab_free(&watch_cache, watch);
}

/* ---- epoll_ctl ------------------------------------------------------------------------------- */

static int watch_add(
	struct epoll *epoll, int fd, struct file *file, const struct epoll_event *event)
{
	if (watch_find(epoll, fd, file))
		return -EEXIST;
	struct watch *watch = slab_zalloc(&watch_cache);
	if (!watch)
		return -ENOMEM;
	watch->epoll = epoll;
	watch->file = file;
	watch->fd = fd;
	watch->event = *event;
	watch->event.events |= ALWAYS_BITS;
	watch->table.enter = watch_enter;
	list_init(&watch->ready_link);
	rb_insert(&epoll->watches, &watch->node);
	list_add_tail(&watch->file_link, &file->watches);
	if (watch_ask(watch, &watch->table))
		watch_ready(watch);
	return 0;
}

static int watch_change(struct watch *watch, const struct epoll_event *event)
{
	if (!watch)
		return -ENOENT;
	if (watch->event.events & EPOLLEXCLUSIVE)
		return -EINVAL;
	watch->event.data = event->data;
	WRITE_ONCE(watch->event.events, event->events | ALWAYS_BITS);
	if (watch_ask(watch, NULL))
		watch_ready(watch);
	return 0;
}

static int control_locked(struct epoll *epoll, int command, int fd, struct file *file,
	const struct epoll_event *event)
{
	struct watch *watch = watch_find(epoll, fd, file);
	switch (command) {
	case EPOLL_CTL_ADD:
		return watch_add(epoll, fd, file, event);
	case EPOLL_CTL_MOD:
		return watch_change(watch, event);
	case EPOLL_CTL_DEL:
		if (!watch)
			return -ENOENT;
		watch_remove(watch);
		return 0;
	default:
		return -EINVAL;
	}
}

/* ---- sets of sets ---------------------------------------------------------------------------- */

static struct epoll *set_of(const struct file *file)
{
	return file->ops == &epoll_ops ? file->data : NULL;
}

/* Steps from a set down to the innermost; -1: one of them leads to `outer`. Each set is looked at
 * once; `links` is held. */
static int steps_down(struct epoll *epoll, const struct epoll *outer)
{
	struct rb_node *node;
	if (epoll == outer)
		return -1;
	if (epoll->visited == walks)
		return epoll->distance;
	int most = 0;
	rb_for_each(node, &epoll->watches) {
		struct epoll *inner = set_of(rb_entry(node, struct watch, node)->file);
		int steps = inner ? steps_down(inner, outer) : 0;
		if (steps < 0)
			return -1;
		most = max(most, inner ? steps + 1 : 0);
	}
	epoll->visited = walks;
	epoll->distance = most;
	return most;
}

/* Steps from a set up to the outermost. */
static int steps_up(struct epoll *epoll)
{
	struct watch *watch;
	if (epoll->visited == walks)
		return epoll->distance;
	int most = 0;
	list_for_each(watch, &epoll->file->watches, file_link)
		most = max(most, steps_up(watch->epoll) + 1);
	epoll->visited = walks;
	epoll->distance = most;
	return most;
}

static int nest_check(struct epoll *epoll, struct epoll *inner)
{
	walks++;
	int down = steps_down(inner, epoll);
	walks++;
	return down < 0 || steps_up(epoll) + 1 + down > NESTS_MAX ? -ELOOP : 0;
}

/* ---------------------------------------------------------------------------------------------- */

static int exclusive_check(int command, const struct file *file, uint32_t events)
{
	if (command == EPOLL_CTL_DEL || !(events & EPOLLEXCLUSIVE))
		return 0;
	return command == EPOLL_CTL_MOD || set_of(file) || (events & ~EXCLUSIVE_BITS) ? -EINVAL : 0;
}

int epoll_control(
	struct file *set, int command, int fd, struct file *file, const struct epoll_event *event)
{
	if (!file->ops->poll)
		return -EPERM;
	if (!set_of(set) || set == file || exclusive_check(command, file, event->events))
		return -EINVAL;
	struct epoll *epoll = set->data, *inner = set_of(file);
	mutex_lock(&links);
	int err = inner && command == EPOLL_CTL_ADD ? nest_check(epoll, inner) : 0;
	if (!err) {
		mutex_lock(&epoll->lock);
		err = control_locked(epoll, command, fd, file, event);
		mutex_unlock(&epoll->lock);
	}
	mutex_unlock(&links);
	return err;
}

void epoll_forget(struct file *file)
{
	mutex_lock(&links);
	while (!list_empty(&file->watches)) {
		struct watch *watch = list_first(&file->watches, struct watch, file_link);
		struct epoll *epoll = watch->epoll;
		mutex_lock(&epoll->lock);
		watch_remove(watch);
		mutex_unlock(&epoll->lock);
	}
	mutex_unlock(&links);
}

/* ---- epoll_wait ------------------------------------------------------------------------------ */

/* Who collects takes one watch after the other off the ready list and asks it, as far as the one
 * that was the last when he began; what is put there meanwhile comes behind that. All under the
 * set's lock, so nobody else takes any. */

static struct watch *take_first_locked(struct epoll *epoll)
{
	struct watch *watch = list_first(&epoll->ready, struct watch, ready_link);
	if (watch)
		list_del(&watch->ready_link);
	epoll->collects = watch;
	return watch;
}

/* The first to ask, and which is the last. NULL: there is none. */
static struct watch *collect_begin(struct epoll *epoll, struct watch **last)
{
	uint64_t flags = spin_lock_irqsave(&epoll->ready_lock);
	*last = list_last(&epoll->ready, struct watch, ready_link);
	struct watch *watch = take_first_locked(epoll);
	spin_unlock_irqrestore(&epoll->ready_lock, flags);
	return watch;
}

enum place { LEAVES, STAYS_FIRST, STAYS_LAST };

/* What becomes of a watch that was asked, unless a wake-up has put it on the list meanwhile; and
 * the next, if more are to be asked. */
static struct watch *collect_next(
	struct epoll *epoll, struct watch *watch, enum place place, bool more)
{
	struct watch *next = NULL;
	uint64_t flags = spin_lock_irqsave(&epoll->ready_lock);
	if (place != LEAVES && !list_is_linked(&watch->ready_link))
		list_add(&watch->ready_link,
			place == STAYS_FIRST ? &epoll->ready : epoll->ready.prev);
	if (more)
		next = take_first_locked(epoll);
	else
		epoll->collects = false;
	spin_unlock_irqrestore(&epoll->ready_lock, flags);
	return next;
}

/* There is, or may be, what is ready. While somebody collects nobody knows what he will leave, and
 * nobody is woken for that: who wants to know waits for the set's lock. */
static bool may_be_ready(struct epoll *epoll)
{
	uint64_t flags = spin_lock_irqsave(&epoll->ready_lock);
	bool may = epoll->collects || !list_empty(&epoll->ready);
	spin_unlock_irqrestore(&epoll->ready_lock, flags);
	return may;
}

/* Under the set's lock. 1: there was something to report; 0; -EFAULT. */
static int watch_report(struct watch *watch, uptr_t to, enum place *place)
{
	struct epoll_event event = { .events = watch_ask(watch, NULL), .data = watch->event.data };
	*place = LEAVES;
	if (!event.events)
		return 0;
	if (put_user(to, &event)) {
		*place = STAYS_FIRST;
		return -EFAULT;
	}
	if (watch->event.events & EPOLLONESHOT)
		WRITE_ONCE(watch->event.events, watch->event.events & HOW_BITS);
	else if (!(watch->event.events & EPOLLET))
		*place = STAYS_LAST;
	return 1;
}

/* Each watch that is on the list now is asked once. */
static int collect_now(struct epoll *epoll, uptr_t events, int max)
{
	struct watch *watch, *last;
	enum place place;
	int n = 0, reported = 0;
	bool again = false;
	mutex_lock(&epoll->lock);
	watch = collect_begin(epoll, &last);
	while (watch) {
		reported = watch_report(
			watch, events + (size_t)n * sizeof(struct epoll_event), &place);
		n += reported > 0;
		again |= place == STAYS_LAST;
		watch = collect_next(
			epoll, watch, place, watch != last && n < max && reported >= 0);
	}
	if (again)
		wait_wake_all(&epoll->waiters, OLD_NEWS);
	mutex_unlock(&epoll->lock);
	return n || reported >= 0 ? n : reported;
}

int epoll_collect(struct file *set, uptr_t events, int max, uint64_t deadline_ns)
{
	struct epoll *epoll = set_of(set);
	if (!epoll)
		return -EINVAL;
	for (;;) {
		int n = collect_now(epoll, events, max);
		if (n != 0)
			return n;
		int err = wait_event(
			&epoll->waiters, WAIT_INTERRUPTIBLE, deadline_ns, may_be_ready(epoll));
		if (err)
			return err == -ETIMEDOUT ? 0 : err;
	}
}

/* ---- the set as a file ----------------------------------------------------------------------- */

/* The first that still has something to say stays on the list, with those behind it. */
static bool any_ready(struct epoll *epoll)
{
	struct watch *watch, *last;
	bool ready = false;
	mutex_lock_second(&epoll->lock); /* a set's that it is in may be held */
	watch = collect_begin(epoll, &last);
	while (watch) {
		ready = watch_ask(watch, NULL);
		watch = collect_next(
			epoll, watch, ready ? STAYS_FIRST : LEAVES, !ready && watch != last);
	}
	mutex_unlock(&epoll->lock);
	return ready;
}

static uint32_t epoll_poll(struct file *file, struct poll_table *table)
{
	struct epoll *epoll = file->data;
	poll_wait(table, &epoll->waiters);
	return may_be_ready(epoll) && any_ready(epoll) ? POLLIN | POLLRDNORM : 0;
}

static int epoll_stat(struct file *file, struct stat *stat)
{
	file_stat_anonymous(file, stat);
	return 0;
}

static void epoll_info(struct file *file, struct file_info *info)
{
	struct epoll *epoll = file->data;
	struct rb_node *node;
	mutex_lock(&epoll->lock);
	rb_for_each(node, &epoll->watches) {
		struct watch *watch = rb_entry(node, struct watch, node);
		struct stat stat = { 0 };
		(void)file_stat(watch->file, &stat);
		file_info_print(info,
			"tfd: %8d events: %8x data: %16lx  pos:%lu ino:%lx sdev:%lx\n", watch->fd,
			watch->event.events, watch->event.data, READ_ONCE(watch->file->pos),
			stat.st_ino, stat.st_dev);
	}
	mutex_unlock(&epoll->lock);
}

static void epoll_release(struct file *file)
{
	struct epoll *epoll = file->data;
	mutex_lock(&links);
	mutex_lock(&epoll->lock);
	for (struct rb_node *node; (node = rb_first(&epoll->watches));)
		watch_remove(rb_entry(node, struct watch, node));
	mutex_unlock(&epoll->lock);
	mutex_unlock(&links);
	slab_free(&epoll_cache, epoll);
}

static const struct file_ops epoll_ops = {
	.name = "[eventpoll]",
	.poll = epoll_poll,
	.stat = epoll_stat,
	.info = epoll_info,
	.release = epoll_release,
};

int epoll_create_file(struct cred *cred, struct file **file)
{
	struct epoll *epoll = slab_zalloc(&epoll_cache);
	if (!epoll)
		return -ENOMEM;
	mutex_init(&epoll->lock, "epoll", RANK_EPOLL);
	spin_init(&epoll->ready_lock, "epoll-ready", RANK_EPOLL_READY);
	rb_init(&epoll->watches, &watch_order);
	list_init(&epoll->ready);
	wait_queue_init(&epoll->waiters);
	spin_init(&epoll->waiters.lock, "epoll-wait", RANK_EPOLL_WAIT);
	spin_set_nests(&epoll->ready_lock);
	spin_set_nests(&epoll->waiters.lock);
	int err = file_create(&epoll_ops, O_RDWR, cred, epoll, file);
	if (err)
		slab_free(&epoll_cache, epoll);
	else
		epoll->file = *file;
	return err;
}
