/*
 * Files without a name, and seals.
 *
 * They are files of one tmpfs that is mounted nowhere; it is made when it is first needed. Their
 * dentries have a text, but no parent.
 */
#include "fs/nameless.h"

#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/mman.h"
#include "abi/statfs.h"
#include "fs/dentry.h"
#include "fs/mount.h"
#include "fs/page_cache.h"
#include "fs/tmpfs/tmpfs.h"
#include "fs/vnode_file.h"
#include "sched/mutex.h"

static struct {
	struct mutex lock;   /* RANK_FS_DEVICE */
	struct mount *mount; /* [lock] NULL: not yet made */
} hidden = { .lock = MUTEX_INIT(hidden.lock, "nameless files", RANK_FS_DEVICE) };

static int hidden_make(void)
{
	const struct tmpfs_options options = tmpfs_options_default();
	struct superblock *sb;
	int err = tmpfs_create("tmpfs", TMPFS_MAGIC, &options, &sb);

	if (err)
		return err;
	err = mount_create(sb, sb->root_dentry, "tmpfs", 0, &hidden.mount);
	if (err)
		superblock_unuse(sb);
	return err;
}

static int hidden_get(struct mount **mount)
{
	int err;

	mutex_lock(&hidden.lock);
	err = hidden.mount ? 0 : hidden_make();
	*mount = hidden.mount;
	mutex_unlock(&hidden.lock);
	return err;
}

int nameless_create(
	const char *text, uint32_t mode, bool sealable, struct cred *cred, struct file **file)
{
	const struct node_spec spec = {
		.mode = S_IFREG | mode,
		.uid = cred->fsuid,
		.gid = cred->fsgid,
	};
	struct vnode *vnode;
	struct path path;
	int err = hidden_get(&path.mount);

	if (err)
		return err;
	err = tmpfs_node_create(path.mount->sb, &spec, &vnode);
	if (err)
		return err;
	vnode->nlink = 0;
	vnode->seals = sealable ? 0 : F_SEAL_SEAL;
	err = dentry_create_nameless(text, vnode, &path.dentry);
	if (err) {
		vnode_put(vnode);
		return err;
	}
	err = vnode_open(&path, O_RDWR | O_LARGEFILE, cred, file);
	dentry_put(path.dentry);
	if (!err)
		vnode_file_let_go(*file); /* it can be run all the same, as on Linux */
	return err;
}

/* ---- seals ---------------------------------------------------------------------------------- */

#define SEALS_ALL (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)

#define SEALS_WRITE (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)

static int seals_add_locked(struct vnode *vnode, uint32_t seals)
{
	int err = 0;

	if (vnode->seals & F_SEAL_SEAL)
		return -EPERM;
	if ((seals & F_SEAL_WRITE) && !(vnode->seals & F_SEAL_WRITE))
		err = pager_deny_write(&vnode->pages->pager);
	if (!err)
		WRITE_ONCE(vnode->seals, vnode->seals | seals);
	return err;
}

int file_add_seals(struct file *file, uint32_t seals)
{
	struct vnode *vnode = file->vnode;
	int err;

	if (!file_writable(file))
		return -EPERM;
	if ((seals & ~SEALS_ALL) || !vnode || !vnode->sealable)
		return -EINVAL;
	mutex_lock(&vnode->lock);
	err = seals_add_locked(vnode, seals);
	mutex_unlock(&vnode->lock);
	return err;
}

int file_get_seals(struct file *file)
{
	if (!file->vnode || !file->vnode->sealable)
		return -EINVAL;
	return (int)READ_ONCE(file->vnode->seals);
}

int seals_check_write(const struct vnode *vnode, uint64_t pos, size_t bytes)
{
	if (vnode->seals & SEALS_WRITE)
		return -EPERM;
	return (vnode->seals & F_SEAL_GROW) && pos + bytes > vnode->size ? -EPERM : 0;
}

int seals_check_size(const struct vnode *vnode, uint64_t bytes)
{
	uint32_t denied = bytes > vnode->size ? F_SEAL_GROW : F_SEAL_SHRINK;

	return bytes != vnode->size && (vnode->seals & denied) ? -EPERM : 0;
}

int seals_check_map(const struct file *file, uint32_t prot, uint32_t *max_prot)
{
	if (!file->vnode || !(READ_ONCE(file->vnode->seals) & SEALS_WRITE))
		return 0;
	*max_prot &= ~(uint32_t)PROT_WRITE;
	return prot & PROT_WRITE ? -EPERM : 0;
}
