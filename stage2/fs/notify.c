/*
 * From what happens to files to those who watch them.
 *
 * The order of events is Linux's, since programs rely on it: of one thing that happens a directory
 * is told first, then the file itself; a removed name first ends the file, if it was the last, and
 * is then told to the directory.
 *
 * A watch that ends (IN_ONESHOT, the end of the file) is taken out after the list's lock was left,
 * by its reference: so whoever ends one, here or by inotify_rm_watch, does it in one way.
 */
#include "fs/notify.h"

#include "abi/stat.h"
#include "fs/inotify.h"
#include "fs/superblock.h"
#include "fs/vnode.h"
#include "lib/string.h"
#include "mm/slab.h"

#define SELF_EVENTS (IN_DELETE_SELF | IN_MOVE_SELF) /* never with IN_ISDIR, as on Linux */

/* ---- one list ------------------------------------------------------------------------------- */

/* One whose end is due, with a reference; all: any one. */
static struct watch *list_take(struct watch_list *list, bool all)
{
	struct watch *watch, *found = NULL;

	spin_lock(&list->lock);
	list_for_each(watch, &list->watches, list_link) {
		if (all || watch->ended) {
			found = watch;
			watch_get(watch);
			break;
		}
	}
	spin_unlock(&list->lock);
	return found;
}

static void list_end(struct watch_list *list, bool all)
{
	struct watch *watch;

	while ((watch = list_take(list, all))) {
		watch_end(watch, true);
		watch_put(watch);
	}
}

/* Watches with a bit of `skip` are passed over. */
static void list_notify(struct watch_list *list, uint32_t event, uint32_t cookie,
	const struct name *name, uint32_t skip)
{
	struct watch *watch;
	bool any_ended = false;

	spin_lock(&list->lock);
	list_for_each(watch, &list->watches, list_link) {
		if (watch->ended || (watch->mask & skip) || !(watch->mask & event & IN_ALL_EVENTS))
			continue;
		inotify_tell_locked(watch, event, cookie, name);
		watch->ended = watch->mask & IN_ONESHOT;
		any_ended |= watch->ended;
	}
	spin_unlock(&list->lock);
	if (any_ended)
		list_end(list, false);
}

static struct watch_list *list_of(const struct vnode *vnode)
{
	return __atomic_load_n(&vnode->watches, __ATOMIC_ACQUIRE);
}

static uint32_t with_type(uint32_t event, const struct vnode *vnode)
{
	return S_ISDIR(vnode->mode) && !(event & SELF_EVENTS) ? event | IN_ISDIR : event;
}

/* ---- events --------------------------------------------------------------------------------- */

void notify_vnode_slow(struct vnode *vnode, uint32_t event)
{
	struct watch_list *list = list_of(vnode);

	if (list)
		list_notify(list, with_type(event, vnode), 0, NULL, 0);
}

void notify_name_slow(struct vnode *dir, const struct name *name, const struct vnode *vnode,
	uint32_t event, uint32_t cookie)
{
	struct watch_list *list = list_of(dir);

	if (list)
		list_notify(list, with_type(event, vnode), cookie, name, 0);
}

/* Who may not read a device could learn from its directory when others do: it is not told. */
static bool is_hidden(const struct vnode *vnode, uint32_t event)
{
	return (event & (IN_ACCESS | IN_MODIFY)) && !S_ISREG(vnode->mode) && !S_ISDIR(vnode->mode);
}

static void notify_parent(struct dentry *parent, struct dentry *dentry, uint32_t event)
{
	struct watch_list *list = list_of(parent->vnode);
	uint32_t skip = dentry_removed(dentry) ? IN_EXCL_UNLINK : 0;
	char text[NAME_MAX];
	struct name name = { .text = text };

	if (!list || is_hidden(dentry->vnode, event))
		return;
	spin_lock(&dentry->lock);
	name.bytes = dentry->name_bytes;
	memcpy(text, dentry->name, name.bytes);
	spin_unlock(&dentry->lock);
	list_notify(list, with_type(event, dentry->vnode), 0, &name, skip);
}

void notify_dentry_slow(struct dentry *dentry, uint32_t event)
{
	struct dentry *parent = dentry_parent(dentry);

	if (parent != dentry)
		notify_parent(parent, dentry, event);
	dentry_put(parent);
	notify_vnode_slow(dentry->vnode, event);
}

void on_file_event(struct file *file, uint32_t event)
{
	if (file->dentry && !(file->flags & O_PATH))
		notify_dentry_slow(file->dentry, event);
}

/* ---- ends ----------------------------------------------------------------------------------- */

static void notify_end(struct vnode *vnode)
{
	struct watch_list *list = list_of(vnode);

	if (!list || READ_ONCE(vnode->nlink) > 0)
		return;
	list_notify(list, IN_DELETE_SELF, 0, NULL, 0);
	list_end(list, true);
}

/* A file ends when nobody has it open by that name: if anybody has, when the last of them has gone.
 */
void notify_removed(struct vnode *dir, const struct name *name, struct dentry *dentry)
{
	struct vnode *vnode = dentry->vnode;

	if (!notify_wanted())
		return;
	if (!S_ISDIR(vnode->mode))
		notify_vnode_slow(vnode, IN_ATTRIB);
	if (READ_ONCE(dentry->refs) == 1)
		notify_end(vnode);
	notify_name_slow(dir, name, vnode, IN_DELETE, 0);
}

void notify_dentry_gone(struct dentry *dentry)
{
	if (notify_wanted() && dentry->vnode)
		notify_end(dentry->vnode);
}

void notify_moved(struct vnode *from_dir, const struct name *from, struct vnode *to_dir,
	const struct name *to, struct vnode *moved, struct dentry *victim)
{
	static uint32_t cookies; /* [a] */
	uint32_t cookie;

	if (!notify_wanted())
		return;
	cookie = __atomic_add_fetch(&cookies, 1, __ATOMIC_RELAXED);
	notify_name_slow(from_dir, from, moved, IN_MOVED_FROM, cookie);
	notify_name_slow(to_dir, to, moved, IN_MOVED_TO, cookie);
	if (victim)
		notify_vnode_slow(victim->vnode, IN_ATTRIB);
	notify_vnode_slow(moved, IN_MOVE_SELF);
}

void notify_unmounted(const struct superblock *sb)
{
	struct watch *watch;

	while (notify_wanted() && (watch = watch_of_superblock(sb))) {
		struct watch_list *list = list_of(watch->vnode);

		spin_lock(&list->lock);
		if (list_is_linked(&watch->list_link))
			inotify_tell_locked(watch, with_type(IN_UNMOUNT, watch->vnode), 0, NULL);
		spin_unlock(&list->lock);
		watch_end(watch, true);
		watch_put(watch);
	}
}

void notify_vnode_freed(struct vnode *vnode)
{
	kfree(vnode->watches);
}
