/*
 * Mounts and roots: mount(2), umount2(2), pivot_root(2), chroot(2).
 */
#include "abi/fcntl.h"
#include "abi/mount.h"
#include "mm/slab.h"
#include "sys/sys.h"

/* A string that may be missing; -EINVAL: it is too long. */
static int string_get(uptr_t from, char **text)
{
	ssize_t length;

	*text = NULL;
	if (!from)
		return 0;
	*text = kmalloc(PATH_MAX);
	if (!*text)
		return -ENOMEM;
	length = copy_string_from_user(*text, from, PATH_MAX);
	if (length >= 0)
		return 0;
	kfree(*text);
	*text = NULL;
	return length == -ENAMETOOLONG ? -EINVAL : (int)length;
}

/* A page of options, or as much of it as there is; programs give a string, but need not. */
static int options_get(uptr_t from, char **options)
{
	size_t bytes;

	*options = kzalloc(PAGE_SIZE);
	if (!*options)
		return -ENOMEM;
	if (!from)
		return 0;
	bytes = copy_from_user_partial(*options, from, PAGE_SIZE - 1);
	if (bytes > 0)
		return 0;
	kfree(*options);
	*options = NULL;
	return -EFAULT;
}

static long mount_at(uptr_t target, struct mount_request *request, uint64_t flags)
{
	struct sys_path path;
	int err = sys_path_get(&path, AT_FDCWD, target);

	if (err)
		return err;
	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~(uint64_t)MS_MGC_MSK;
	request->flags = (uint32_t)flags;
	err = fs_mount(&path.call, path.text, request);
	sys_path_put(&path);
	return err;
}

long sys_mount(uptr_t source, uptr_t target, uptr_t type, uint64_t flags, uptr_t options)
{
	struct mount_request request;
	char *type_text, *source_text;
	long result;

	result = string_get(type, &type_text);
	if (result)
		return result;
	result = string_get(source, &source_text);
	if (result)
		goto free_type;
	result = options_get(options, &request.options);
	if (result)
		goto free_source;
	request.type = type_text;
	request.source = source_text;
	result = mount_at(target, &request, flags);
	kfree(request.options);
free_source:
	kfree(source_text);
free_type:
	kfree(type_text);
	return result;
}

long sys_umount2(uptr_t target, int flags)
{
	struct sys_path path;
	int err;

	if ((uint32_t)flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	err = sys_path_get(&path, AT_FDCWD, target);
	if (err)
		return err;
	err = fs_umount(&path.call, path.text, (uint32_t)flags);
	sys_path_put(&path);
	return err;
}

long sys_chroot(uptr_t text)
{
	struct sys_path path;
	int err;

	err = sys_path_get(&path, AT_FDCWD, text);
	if (err)
		return err;
	err = fs_chroot(&path.call, path.text);
	sys_path_put(&path);
	return err;
}

/* ---- pivot_root ----------------------------------------------------------------------------- */

struct pivot {
	struct path root, new;
};

/* Whoever stood at the old root stands at the new one. */
static int pivot_process(struct proc *proc, void *data)
{
	const struct pivot *pivot = data;
	struct fs_context *context;

	proc_lock(proc);
	context = proc->fs;
	if (context)
		fs_context_get(context);
	proc_unlock(proc);
	if (context) {
		fs_context_replace(context, &pivot->root, &pivot->new);
		fs_context_put(context);
	}
	return 0;
}

static long pivot_paths(const struct sys_path *new, const struct sys_path *old)
{
	struct pivot pivot;
	int err;

	err = fs_pivot_root(&new->call, new->text, old->text, &pivot.root, &pivot.new);
	if (err)
		return err;
	(void)pid_for_each_proc(pivot_process, &pivot);
	path_put(&pivot.root);
	path_put(&pivot.new);
	return 0;
}

long sys_pivot_root(uptr_t new_root, uptr_t put_old)
{
	struct sys_path new, old;
	long result;

	result = sys_path_get(&new, AT_FDCWD, new_root);
	if (result)
		return result;
	result = sys_path_get(&old, AT_FDCWD, put_old);
	if (result)
		goto put_new;
	result = pivot_paths(&new, &old);
	sys_path_put(&old);
put_new:
	sys_path_put(&new);
	return result;
}
