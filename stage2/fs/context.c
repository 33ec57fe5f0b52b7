/*
 * Where a process stands: its root and working directory. Threads may share one context, so the two
 * paths are read and replaced under a spinlock.
 */
#include "fs/context.h"

#include "abi/errno.h"
#include "mm/slab.h"

#define DEFAULT_UMASK 022

static struct slab_cache context_cache = SLAB_CACHE("fs_context", struct fs_context);

static int context_alloc(uint32_t umask, struct fs_context **context)
{
	*context = slab_zalloc(&context_cache);
	if (!*context)
		return -ENOMEM;
	(*context)->refs = 1;
	(*context)->processes = 1;
	(*context)->umask = umask;
	spin_init(&(*context)->lock, "fs context", RANK_REFS);
	return 0;
}

int fs_context_create(struct fs_context **context)
{
	struct path root;
	int err = mount_root_get(&root);

	if (err)
		return err;
	err = context_alloc(DEFAULT_UMASK, context);
	if (err) {
		path_put(&root);
		return err;
	}
	path_get(&root);
	(*context)->root = root;
	(*context)->cwd = root;
	return 0;
}

int fs_context_copy(struct fs_context *from, struct fs_context **copy)
{
	int err = context_alloc(READ_ONCE(from->umask), copy);

	if (err)
		return err;
	fs_context_root(from, &(*copy)->root);
	fs_context_cwd(from, &(*copy)->cwd);
	return 0;
}

void fs_context_get(struct fs_context *context)
{
	__atomic_add_fetch(&context->refs, 1, __ATOMIC_RELAXED);
}

void fs_context_put(struct fs_context *context)
{
	if (__atomic_sub_fetch(&context->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	path_put(&context->root);
	path_put(&context->cwd);
	slab_free(&context_cache, context);
}

int fs_context_join(struct fs_context *context)
{
	int err = -EAGAIN;

	spin_lock(&context->lock);
	if (context->execs == 0) {
		fs_context_get(context);
		context->processes++;
		err = 0;
	}
	spin_unlock(&context->lock);
	return err;
}

void fs_context_leave(struct fs_context *context)
{
	spin_lock(&context->lock);
	context->processes--;
	spin_unlock(&context->lock);
	fs_context_put(context);
}

bool fs_context_shared(struct fs_context *context)
{
	bool shared;

	spin_lock(&context->lock);
	shared = context->processes > 1;
	spin_unlock(&context->lock);
	return shared;
}

bool fs_context_exec_begin(struct fs_context *context)
{
	bool alone;

	spin_lock(&context->lock);
	alone = context->processes == 1;
	context->execs += alone;
	spin_unlock(&context->lock);
	return alone;
}

void fs_context_exec_end(struct fs_context *context)
{
	spin_lock(&context->lock);
	context->execs--;
	spin_unlock(&context->lock);
}

static void context_read(struct fs_context *context, const struct path *from, struct path *to)
{
	spin_lock(&context->lock);
	*to = *from;
	path_get(to);
	spin_unlock(&context->lock);
}

static void context_write(struct fs_context *context, struct path *to, const struct path *from)
{
	struct path old;

	spin_lock(&context->lock);
	old = *to;
	*to = *from;
	spin_unlock(&context->lock);
	path_put(&old);
}

void fs_context_root(struct fs_context *context, struct path *root)
{
	context_read(context, &context->root, root);
}

void fs_context_cwd(struct fs_context *context, struct path *cwd)
{
	context_read(context, &context->cwd, cwd);
}

void fs_context_set_root(struct fs_context *context, const struct path *root)
{
	context_write(context, &context->root, root);
}

void fs_context_set_cwd(struct fs_context *context, const struct path *cwd)
{
	context_write(context, &context->cwd, cwd);
}

/* References to be put, or an empty path. */
static struct path place_replace_locked(
	struct path *place, const struct path *from, const struct path *to)
{
	struct path old = *place;

	if (old.dentry != from->dentry || old.mount != from->mount)
		return (struct path){ .mount = NULL };
	path_get(to);
	*place = *to;
	return old;
}

void fs_context_replace(struct fs_context *context, const struct path *from, const struct path *to)
{
	struct path old[2];

	spin_lock(&context->lock);
	old[0] = place_replace_locked(&context->root, from, to);
	old[1] = place_replace_locked(&context->cwd, from, to);
	spin_unlock(&context->lock);
	for (int i = 0; i < 2; i++)
		if (old[i].mount)
			path_put(&old[i]);
}
