/*
 * What is mounted: mounts, mountinfo, mountstats, as the process of the path sees it from its root.
 * All have one mount table; what lies outside the root is not shown.
 */
#include "abi/errno.h"
#include "abi/mount.h"
#include "abi/stat.h"
#include "fs/fs.h"
#include "fs/mount.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "procfs/files.h"
#include "procfs/subject.h"

#define OPTIONS_BYTES 256

struct listing;
typedef void line_print(struct listing *listing, struct mount *mount);

struct listing {
	struct synth_text *text;
	struct path root;  /* of the process; references held */
	line_print *print; /* one line */
	char *at;          /* PATH_MAX: where the mount is seen; then what of its file system */
};

/* Blanks and the like as octal numbers, so that a line can be taken apart. */
static void text_print(struct synth_text *text, const char *name)
{
	for (; *name; name++) {
		if (strchr(" \t\n\\#", *name))
			synth_print(text, "\\%03o", *name);
		else
			synth_write(text, name, 1);
	}
}

static const char *rights(bool read_only)
{
	return read_only ? "ro" : "rw";
}

static void mount_options_print(struct synth_text *text, uint32_t flags)
{
	static const struct {
		uint32_t flag;
		const char *text;
	} options[] = {
		{ ST_NOSUID, ",nosuid" },
		{ ST_NODEV, ",nodev" },
		{ ST_NOEXEC, ",noexec" },
		{ ST_NOATIME, ",noatime" },
		{ ST_NODIRATIME, ",nodiratime" },
		{ ST_RELATIME, ",relatime" },
		{ ST_NOSYMFOLLOW, ",nosymfollow" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(options); i++)
		if (flags & options[i].flag)
			synth_print(text, "%s", options[i].text);
}

static void sb_flags_print(struct synth_text *text, uint32_t flags)
{
	synth_print(text, "%s%s%s", flags & MS_SYNCHRONOUS ? ",sync" : "",
		flags & MS_DIRSYNC ? ",dirsync" : "", flags & MS_LAZYTIME ? ",lazytime" : "");
}

static void sb_options_print(struct synth_text *text, struct superblock *sb)
{
	char options[OPTIONS_BYTES] = "";

	if (sb->ops->show_options)
		sb->ops->show_options(sb, options, sizeof(options));
	synth_print(text, "%s", options);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void mounts_line(struct listing *listing, struct mount *mount)
{
	struct synth_text *text = listing->text;

	text_print(text, mount->source);
	synth_print(text, " ");
	text_print(text, listing->at);
	synth_print(text, " %s %s", mount->sb->name, rights(mount_read_only(mount)));
	sb_flags_print(text, mount->sb->flags);
	mount_options_print(text, mount->flags);
	sb_options_print(text, mount->sb);
	synth_print(text, " 0 0\n");
}

static void mountinfo_line(struct listing *listing, struct mount *mount)
{
	struct synth_text *text = listing->text;
	struct superblock *sb = mount->sb;
	char *within = kmalloc(PATH_MAX);

	synth_print(text, "%u %u %u:%u ", mount->id, mount->parent ? mount->parent->id : mount->id,
		rdev_major(sb->dev), rdev_minor(sb->dev));
	if (within && fs_mount_root_text(mount, within, PATH_MAX) > 0)
		text_print(text, within);
	else
		text->failed = true;
	kfree(within);
	synth_print(text, " ");
	text_print(text, listing->at);
	synth_print(text, " %s", rights(mount->flags & ST_RDONLY));
	mount_options_print(text, mount->flags);
	synth_print(text, " - %s ", sb->name);
	text_print(text, mount->source);
	synth_print(text, " %s", rights(superblock_read_only(sb)));
	sb_flags_print(text, sb->flags);
	sb_options_print(text, sb);
	synth_print(text, "\n");
}

static void mountstats_line(struct listing *listing, struct mount *mount)
{
	struct synth_text *text = listing->text;

	synth_print(text, "device ");
	text_print(text, mount->source);
	synth_print(text, " mounted on ");
	text_print(text, listing->at);
	synth_print(text, " with fstype %s\n", mount->sb->name);
}

/* ---- files ---------------------------------------------------------------------------------- */

static void mount_show(struct mount *mount, void *data)
{
	struct listing *listing = data;

	if (fs_mount_text(&listing->root, mount, listing->at, PATH_MAX) > 0 &&
		listing->at[0] == '/')
		listing->print(listing, mount);
}

static int mounts_print(const struct synth_key *key, struct synth_text *text, line_print *print)
{
	struct listing listing = { .text = text, .print = print };
	struct fs_context *context;
	struct proc *proc;
	int err = subject_get(key, &proc);

	if (err)
		return err;
	context = subject_fs(proc);
	proc_put(proc);
	if (!context)
		return -EINVAL;
	fs_context_root(context, &listing.root);
	fs_context_put(context);
	listing.at = kmalloc(PATH_MAX);
	if (listing.at)
		mount_for_each(mount_show, &listing);
	path_put(&listing.root);
	kfree(listing.at);
	return listing.at ? 0 : -ENOMEM;
}

int mounts_read(const struct synth_key *key, struct synth_text *text)
{
	return mounts_print(key, text, mounts_line);
}

int mountinfo_read(const struct synth_key *key, struct synth_text *text)
{
	return mounts_print(key, text, mountinfo_line);
}

int mountstats_read(const struct synth_key *key, struct synth_text *text)
{
	return mounts_print(key, text, mountstats_line);
}
