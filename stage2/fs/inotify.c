/*
 * Watches, and the file that their events are read from.
 *
 * A watch is in three places: the list of its vnode, the tree of its inotify, by number, and the
 * list of all. It enters and leaves them under the lock of the vnode's list, which is taken before
 * those of the other two. While it is there it holds a reference to itself, and keeps its vnode.
 *
 * An event that is like the last one is left out; when there are too many, one says that some are
 * missing.
 */
#include "fs/inotify.h"

#include "abi/errno.h"
#include "abi/ioctls.h"
#include "abi/poll.h"
#include "abi/stat.h"
#include "fs/notify.h"
#include "fs/superblock.h"
#include "fs/walk.h"
#include "io/poll.h"
#include "io/user.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "vm/uaccess.h"

#define NAME_STEP 16 /* a name is padded to a multiple of this: sizeof(struct inotify_event) */
#define KNOWN_BITS                                                                                 \
	(IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW |   \
		IN_EXCL_UNLINK | IN_MASK_CREATE | IN_MASK_ADD | IN_ISDIR | IN_ONESHOT)
#define KEPT_BITS (IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT)

struct event {
	struct list_head link;
	struct inotify_event head;
	char name[]; /* head.len bytes */
};

struct inotify {
	struct spinlock lock;    /* RANK_INOTIFY */
	struct rb_tree watches;  /* [lock] by wd */
	int32_t last_wd;         /* [lock] */
	struct list_head events; /* [lock] struct event, in order */
	uint32_t count;          /* [lock] of those */
	uint64_t bytes;          /* [lock] that reading all of them takes */
	struct event overflow;   /* [lock] in the queue: some are missing */
	uint32_t count_max;      /* [I] */
	uint32_t uid;            /* [I] whose limits it counts for */
	struct wait_queue readers;
};

struct inotify_limits inotify_limits = {
	.queued_events = 16384,
	.instances = 128,
	.watches = 65536,
};

static struct {
	struct spinlock lock;     /* RANK_INOTIFY */
	struct list_head watches; /* [lock] */
} all = { .lock = SPINLOCK_INIT("all watches", RANK_INOTIFY), .watches = LIST_INIT(all.watches) };

static struct slab_cache inotify_cache = SLAB_CACHE("inotify", struct inotify);
static struct slab_cache watch_cache = SLAB_CACHE("watch", struct watch);
static const struct file_ops inotify_ops;

/* ---- the queue ------------------------------------------------------------------------------ */

static uint32_t event_bytes(const struct event *event)
{
	return (uint32_t)sizeof(event->head) + event->head.len;
}

static void event_queue_locked(struct inotify *inotify, struct event *event)
{
	list_add_tail(&event->link, &inotify->events);
	inotify->count++;
	inotify->bytes += event_bytes(event);
}

static void event_remove_locked(struct inotify *inotify, struct event *event)
{
	list_del(&event->link);
	inotify->count--;
	inotify->bytes -= event_bytes(event);
}

static void event_free(struct inotify *inotify, struct event *event)
{
	if (event != &inotify->overflow)
		kfree(event);
}

/* Is the last in the queue the same? */
static bool is_repeated_locked(
	struct inotify *inotify, const struct inotify_event *head, const struct name *name)
{
	const struct event *last;

	if (list_empty(&inotify->events) || (head->mask & IN_IGNORED))
		return false;
	last = list_last(&inotify->events, struct event, link);
	if (last->head.wd != head->wd || last->head.mask != head->mask ||
		last->head.len != head->len)
		return false;
	return !name || (memcmp(last->name, name->text, name->bytes) == 0 &&
				last->name[name->bytes] == '\0');
}

static struct event *event_create(const struct inotify_event *head, const struct name *name)
{
	struct event *event = kzalloc(sizeof(*event) + head->len);

	if (!event)
		return NULL;
	event->head = *head;
	if (name)
		memcpy(event->name, name->text, name->bytes);
	return event;
}

static void tell(struct inotify *inotify, const struct inotify_event *head, const struct name *name)
{
	struct event *event = NULL;

	spin_lock(&inotify->lock);
	if (is_repeated_locked(inotify, head, name)) {
		spin_unlock(&inotify->lock);
		return;
	}
	if (inotify->count < inotify->count_max)
		event = event_create(head, name);
	if (!event && !list_is_linked(&inotify->overflow.link))
		event = &inotify->overflow;
	if (event)
		event_queue_locked(inotify, event);
	spin_unlock(&inotify->lock);
	wait_wake_all(&inotify->readers, POLLIN | POLLRDNORM);
}

void inotify_tell_locked(
	const struct watch *watch, uint32_t event, uint32_t cookie, const struct name *name)
{
	const struct inotify_event head = {
		.wd = watch->wd,
		.mask = event,
		.cookie = cookie,
		.len = name ? (uint32_t)ALIGN_UP(name->bytes + 1, NAME_STEP) : 0,
	};

	tell(watch->inotify, &head, name);
}

/* ---- watches -------------------------------------------------------------------------------- */

static bool watch_less(const struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, const struct watch, node)->wd <
	       rb_entry(b, const struct watch, node)->wd;
}

static const struct rb_ops watch_order = { .less = watch_less };

static bool watch_before(const struct rb_node *node, const void *wd)
{
	return rb_entry(node, const struct watch, node)->wd < *(const int32_t *)wd;
}

static struct watch *watch_at_locked(struct inotify *inotify, int32_t wd)
{
	struct rb_node *node = rb_lower_bound(&inotify->watches, watch_before, &wd);

	return node ? rb_entry(node, struct watch, node) : NULL;
}

void watch_get(struct watch *watch)
{
	__atomic_fetch_add(&watch->refs, 1, __ATOMIC_RELAXED);
}

void watch_put(struct watch *watch)
{
	if (__atomic_sub_fetch(&watch->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	vnode_put(watch->vnode);
	slab_free(&watch_cache, watch);
}

/* Numbers grow, and are not used again soon. */
static void watch_enter_locked(
	struct watch_list *list, struct inotify *inotify, struct watch *watch)
{
	struct watch *taken;

	spin_assert_held(&list->lock);
	list_add_tail(&watch->list_link, &list->watches);
	spin_lock(&inotify->lock);
	do {
		inotify->last_wd = inotify->last_wd == INT32_MAX ? 1 : inotify->last_wd + 1;
		taken = watch_at_locked(inotify, inotify->last_wd);
	} while (taken && taken->wd == inotify->last_wd);
	watch->wd = inotify->last_wd;
	watch->inotify = inotify;
	rb_insert(&inotify->watches, &watch->node);
	spin_unlock(&inotify->lock);
	spin_lock(&all.lock);
	list_add_tail(&watch->all_link, &all.watches);
	spin_unlock(&all.lock);
	__atomic_fetch_add(&file_watches, 1, __ATOMIC_SEQ_CST);
}

bool watch_end(struct watch *watch, bool tells)
{
	struct watch_list *list = watch->vnode->watches;
	struct inotify *inotify = watch->inotify;
	uint32_t uid;

	spin_lock(&list->lock);
	if (!list_is_linked(&watch->list_link)) {
		spin_unlock(&list->lock);
		return false;
	}
	uid = inotify->uid;
	list_del(&watch->list_link);
	spin_lock(&all.lock);
	list_del(&watch->all_link);
	spin_unlock(&all.lock);
	if (tells)
		inotify_tell_locked(watch, IN_IGNORED, 0, NULL);
	/* Last: once its tree is empty an inotify may be freed. */
	spin_lock(&inotify->lock);
	rb_erase(&inotify->watches, &watch->node);
	spin_unlock(&inotify->lock);
	spin_unlock(&list->lock);
	__atomic_fetch_sub(&file_watches, 1, __ATOMIC_RELAXED);
	user_uncharge(USER_WATCHES, uid, 1);
	watch_put(watch);
	return true;
}

struct watch *watch_of_superblock(const struct superblock *sb)
{
	struct watch *watch, *found = NULL;

	spin_lock(&all.lock);
	list_for_each(watch, &all.watches, all_link) {
		if (watch->vnode->sb == sb) {
			found = watch;
			watch_get(watch);
			break;
		}
	}
	spin_unlock(&all.lock);
	return found;
}

/* A vnode gets its list with its first watch, and keeps it. */
static int list_make(struct vnode *vnode)
{
	struct watch_list *list, *none = NULL;

	if (READ_ONCE(vnode->watches))
		return 0;
	list = kzalloc(sizeof(*list));
	if (!list)
		return -ENOMEM;
	spin_init(&list->lock, "watches", RANK_REFS);
	list_init(&list->watches);
	if (!__atomic_compare_exchange_n(
		    &vnode->watches, &none, list, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		kfree(list);
	return 0;
}

/* A watch that is nowhere yet, charged to the user. -ENOMEM, -ENOSPC. */
static int watch_create(
	struct inotify *inotify, struct vnode *vnode, uint32_t mask, struct watch **result)
{
	struct watch *watch;
	int err = list_make(vnode);

	if (err)
		return err;
	err = user_charge(USER_WATCHES, inotify->uid, 1, READ_ONCE(inotify_limits.watches));
	if (err)
		return err == -EAGAIN ? -ENOSPC : err;
	watch = slab_zalloc(&watch_cache);
	if (!watch) {
		user_uncharge(USER_WATCHES, inotify->uid, 1);
		return -ENOMEM;
	}
	vnode_get(vnode);
	watch->vnode = vnode;
	watch->mask = mask & KEPT_BITS;
	watch->refs = 1;
	list_init(&watch->list_link);
	list_init(&watch->all_link);
	*result = watch;
	return 0;
}

/* The inotify's watch of the vnode, changed: its number; 0: there is none; -EEXIST. */
static int watch_change_locked(struct watch_list *list, struct inotify *inotify, uint32_t mask)
{
	struct watch *watch;

	list_for_each(watch, &list->watches, list_link) {
		if (watch->inotify != inotify || watch->ended)
			continue;
		if (mask & IN_MASK_CREATE)
			return -EEXIST;
		watch->mask = (mask & IN_MASK_ADD ? watch->mask : 0) | (mask & KEPT_BITS);
		return watch->wd;
	}
	return 0;
}

static int watch_vnode(struct inotify *inotify, struct vnode *vnode, uint32_t mask)
{
	struct watch_list *list;
	struct watch *watch;
	int wd = watch_create(inotify, vnode, mask, &watch);

	if (wd)
		return wd;
	list = vnode->watches;
	spin_lock(&list->lock);
	wd = watch_change_locked(list, inotify, mask);
	if (wd == 0) {
		watch_enter_locked(list, inotify, watch);
		wd = watch->wd;
		watch = NULL;
	}
	spin_unlock(&list->lock);
	if (watch) {
		user_uncharge(USER_WATCHES, inotify->uid, 1);
		watch_put(watch);
	}
	return wd;
}

static struct inotify *inotify_of(const struct file *file)
{
	return file->ops == &inotify_ops ? file->data : NULL;
}

int inotify_add(struct file *file, const struct fs_call *call, const char *path, uint32_t mask)
{
	struct inotify *inotify = inotify_of(file);
	struct path found;
	int result;

	if (((mask & IN_MASK_ADD) && (mask & IN_MASK_CREATE)) || !inotify)
		return -EINVAL;
	result = path_resolve(call, path, mask & IN_DONT_FOLLOW ? 0 : WALK_FOLLOW, &found);
	if (result)
		return result;
	if ((mask & IN_ONLYDIR) && !S_ISDIR(path_vnode(&found)->mode))
		result = -ENOTDIR;
	if (!result)
		result = vnode_permission(path_vnode(&found), call->cred, R_OK);
	if (!result)
		result = watch_vnode(inotify, path_vnode(&found), mask);
	path_put(&found);
	return result;
}

bool inotify_mask_ok(uint32_t mask)
{
	return mask != 0 && !(mask & ~KNOWN_BITS);
}

/* The watch of that number, or the first one behind it, with a reference. */
static struct watch *watch_find(struct inotify *inotify, int32_t wd)
{
	struct watch *watch;

	spin_lock(&inotify->lock);
	watch = watch_at_locked(inotify, wd);
	if (watch)
		watch_get(watch);
	spin_unlock(&inotify->lock);
	return watch;
}

int inotify_remove(struct file *file, int32_t wd)
{
	struct inotify *inotify = inotify_of(file);
	struct watch *watch = inotify ? watch_find(inotify, wd) : NULL;
	bool ours;

	if (!watch)
		return -EINVAL;
	ours = watch->wd == wd && watch_end(watch, true);
	watch_put(watch);
	return ours ? 0 : -EINVAL;
}

/* ---- the file ------------------------------------------------------------------------------- */

/* The first event, if it fits: 1; 0: there is none; -EINVAL. */
static int event_take(struct inotify *inotify, size_t room, struct event **event)
{
	int result = 0;

	spin_lock(&inotify->lock);
	*event = list_first(&inotify->events, struct event, link);
	if (*event) {
		result = event_bytes(*event) <= room ? 1 : -EINVAL;
		if (result > 0)
			event_remove_locked(inotify, *event);
	}
	spin_unlock(&inotify->lock);
	return result;
}

/* Waits for the first; then as many as there are and fit. */
static ssize_t inotify_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct inotify *inotify = file->data;
	struct event *event;
	ssize_t done = 0;

	for (;;) {
		int got = event_take(inotify, iter->remaining, &event);

		if (got == 0 && done == 0 && !(READ_ONCE(file->flags) & O_NONBLOCK)) {
			int err = wait_event(&inotify->readers, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
				(got = event_take(inotify, iter->remaining, &event)) != 0);
			if (err)
				return err;
		}
		if (got <= 0)
			return done ? done : got ? got : -EAGAIN;

		ssize_t bytes = event_bytes(event);
		bool copied = iter_write(iter, &event->head, (size_t)bytes) == bytes;

		event_free(inotify, event);
		if (!copied)
			return done ? done : -EFAULT;
		done += bytes;
	}
}

static uint32_t inotify_poll(struct file *file, struct poll_table *table)
{
	struct inotify *inotify = file->data;

	poll_wait(table, &inotify->readers);
	return READ_ONCE(inotify->count) > 0 ? POLLIN | POLLRDNORM : 0;
}

static long inotify_ioctl(struct file *file, unsigned request, uint64_t arg)
{
	struct inotify *inotify = file->data;
	int bytes = (int)READ_ONCE(inotify->bytes);

	return request == FIONREAD ? put_user(arg, &bytes) : -ENOTTY;
}

static int inotify_stat(struct file *file, struct stat *stat)
{
	file_stat_anonymous(file, stat);
	return 0;
}

static void inotify_info(struct file *file, struct file_info *info)
{
	struct inotify *inotify = file->data;
	struct watch *watch;
	int32_t wd = 0;

	while (wd < INT32_MAX && (watch = watch_find(inotify, wd + 1))) {
		wd = watch->wd;
		file_info_print(info, "inotify wd:%x ino:%lx sdev:%x mask:%x ignored_mask:0 \n",
			(unsigned)wd, watch->vnode->ino, (unsigned)watch->vnode->sb->dev,
			READ_ONCE(watch->mask));
		watch_put(watch);
	}
}

static void inotify_release(struct file *file)
{
	struct inotify *inotify = file->data;
	struct event *event;
	struct watch *watch;

	while ((watch = watch_find(inotify, 0))) {
		watch_end(watch, false);
		watch_put(watch);
	}
	while (event_take(inotify, SIZE_MAX, &event) > 0)
		event_free(inotify, event);
	user_uncharge(USER_INOTIFIES, inotify->uid, 1);
	slab_free(&inotify_cache, inotify);
}

static const struct file_ops inotify_ops = {
	.name = "inotify",
	.read = inotify_read,
	.poll = inotify_poll,
	.ioctl = inotify_ioctl,
	.stat = inotify_stat,
	.info = inotify_info,
	.release = inotify_release,
};

int inotify_create(uint32_t flags, struct cred *cred, struct file **file)
{
	struct inotify *inotify;
	int err = user_charge(USER_INOTIFIES, cred->euid, 1, READ_ONCE(inotify_limits.instances));

	if (err)
		return err == -EAGAIN ? -EMFILE : err;
	err = -ENOMEM;
	inotify = slab_zalloc(&inotify_cache);
	if (!inotify)
		goto uncharge;
	spin_init(&inotify->lock, "inotify", RANK_INOTIFY);
	rb_init(&inotify->watches, &watch_order);
	list_init(&inotify->events);
	list_init(&inotify->overflow.link);
	inotify->overflow.head = (struct inotify_event){ .wd = -1, .mask = IN_Q_OVERFLOW };
	inotify->count_max = READ_ONCE(inotify_limits.queued_events);
	inotify->uid = cred->euid;
	wait_queue_init(&inotify->readers);
	err = file_create(&inotify_ops, O_RDONLY | flags, cred, inotify, file);
	if (err)
		goto free;
	return 0;

free:
	slab_free(&inotify_cache, inotify);
uncharge:
	user_uncharge(USER_INOTIFIES, cred->euid, 1);
	return err;
}
