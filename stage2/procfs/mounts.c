/*
 * What is mounted: mounts and mountinfo, as the reader sees it from its root. Of the process in the
 * path only that it is there matters: all have one mount table.
 */
#include "abi/errno.h"
#include "abi/stat.h"
#include "fs/fs.h"
#include "fs/mount.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "procfs/files.h"
#include "procfs/subject.h"

typedef void mount_print(const struct mount *mount, const char *at, struct synth_text *text);

/* Oldest first; those that lie outside the reader's root are not shown. */
static int mounts_print(struct synth_text *text, mount_print *print)
{
	char *at = kmalloc(PATH_MAX);
	struct mount *mount;
	unsigned count = 0;

	if (!at)
		return -ENOMEM;
	while ((mount = mount_at(count)) != NULL) {
		mount_put(mount);
		count++;
	}
	while (count-- > 0 && (mount = mount_at(count)) != NULL) {
		const struct path root = { .mount = mount, .dentry = mount->root };

		if (fs_path_text(proc_current()->fs, &root, at, PATH_MAX) > 0 && at[0] == '/')
			print(mount, at, text);
		mount_put(mount);
	}
	kfree(at);
	return 0;
}

static const char *mount_rights(const struct mount *mount)
{
	return mount->sb->read_only ? "ro" : "rw";
}

static void mounts_line(const struct mount *mount, const char *at, struct synth_text *text)
{
	synth_print(text, "%s %s %s %s,relatime 0 0\n", mount->source, at, mount->sb->ops->name,
		mount_rights(mount));
}

static void mountinfo_line(const struct mount *mount, const char *at, struct synth_text *text)
{
	synth_print(text, "%u %u %u:%u / %s %s,relatime - %s %s %s\n", mount->id,
		mount->parent ? mount->parent->id : mount->id, rdev_major(mount->sb->dev),
		rdev_minor(mount->sb->dev), at, mount_rights(mount), mount->sb->ops->name,
		mount->source, mount_rights(mount));
}

int mounts_read(const struct synth_key *key, struct synth_text *text)
{
	return mounts_print(text, mounts_line);
}

int mountinfo_read(const struct synth_key *key, struct synth_text *text)
{
	return mounts_print(text, mountinfo_line);
}
