/*
 * tmpfs: the file system as a whole: options, limits, its end.
 */
#include "abi/errno.h"
#include "abi/mount.h"
#include "abi/statfs.h"
#include "arch/memory_map.h"
#include "fs/tmpfs/node.h"
#include "fs/tmpfs/tmpfs.h"
#include "lib/format.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define MODE_DEFAULT (S_IRWXUGO | S_ISVTX)

static struct tmpfs *tmpfs_of_sb(struct superblock *sb)
{
	return container_of(sb, struct tmpfs, sb);
}

/* ---- options -------------------------------------------------------------------------------- */

struct tmpfs_options tmpfs_options_default(void)
{
	return (struct tmpfs_options){
		.pages_max = frame_total() / 2,
		.nodes_max = frame_total() / 2,
		.mode = MODE_DEFAULT,
	};
}

/* Bytes ("64m"), or a part of memory ("10%"). */
static int size_parse(char *text, uint64_t *pages)
{
	size_t length = strlen(text);
	uint64_t value;
	int err;

	if (length > 0 && text[length - 1] == '%') {
		text[length - 1] = '\0';
		value = 0;
		err = length > 1 ? parse_u64(text, &value) : 0;
		if (!err && value > UINT32_MAX)
			err = -EINVAL;
		if (!err)
			*pages = frame_total() * value / 100;
		return err;
	}
	err = parse_size(text, &value);
	if (!err)
		*pages = value / PAGE_SIZE + (value % PAGE_SIZE != 0);
	return err;
}

/* A number of a file's attributes; octal where it is a mode. */
static int attribute_parse(const char *text, unsigned base, uint32_t *value)
{
	uint64_t number = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text >= (char)('0' + base) || number > UINT32_MAX / base)
			return -EINVAL;
		number = number * base + (uint64_t)(*text - '0');
	}
	*value = (uint32_t)number;
	return number >= UINT32_MAX ? -EINVAL : 0; /* which would be "none" */
}

static int option_take(const char *name, char *value, struct tmpfs_options *options)
{
	if (!value)
		return strcmp(name, "inode64") == 0 ? 0 : -EINVAL;
	if (strcmp(name, "size") == 0)
		return size_parse(value, &options->pages_max);
	if (strcmp(name, "nr_blocks") == 0)
		return parse_size(value, &options->pages_max);
	if (strcmp(name, "nr_inodes") == 0)
		return parse_size(value, &options->nodes_max);
	if (strcmp(name, "uid") == 0)
		return attribute_parse(value, 10, &options->uid);
	if (strcmp(name, "gid") == 0)
		return attribute_parse(value, 10, &options->gid);
	if (strcmp(name, "mode") != 0 || attribute_parse(value, 8, &options->mode))
		return -EINVAL;
	options->mode &= S_IALLUGO;
	return 0;
}

int tmpfs_options_parse(char *text, struct tmpfs_options *options)
{
	char *name, *value;

	while (parse_next_option(&text, &name, &value))
		if (option_take(name, value, options))
			return -EINVAL;
	return 0;
}

static void tmpfs_show_options(struct superblock *sb, char *buf, size_t size)
{
	const struct tmpfs_options usual = tmpfs_options_default();
	struct tmpfs *fs = tmpfs_of_sb(sb);
	size_t at = 0;

	if (fs->pages_max != usual.pages_max)
		at += scnprintf(
			buf + at, size - at, ",size=%luk", fs->pages_max * (PAGE_SIZE / 1024));
	if (fs->nodes_max != usual.nodes_max)
		at += scnprintf(buf + at, size - at, ",nr_inodes=%lu", fs->nodes_max);
	if (fs->mode != usual.mode)
		at += scnprintf(buf + at, size - at, ",mode=%03o", fs->mode);
	if (fs->uid)
		at += scnprintf(buf + at, size - at, ",uid=%u", fs->uid);
	if (fs->gid)
		at += scnprintf(buf + at, size - at, ",gid=%u", fs->gid);
	scnprintf(buf + at, size - at, ",inode64");
}

/* A limit cannot be set below what is used, nor where there was none. */
static int limit_check(uint64_t old, uint64_t new, uint64_t used)
{
	if (new == old || new == 0)
		return 0;
	return old == 0 || new < used ? -EINVAL : 0;
}

static int tmpfs_remount(struct superblock *sb, char *text)
{
	struct tmpfs *fs = tmpfs_of_sb(sb);
	struct tmpfs_options options = { .pages_max = fs->pages_max, .nodes_max = fs->nodes_max };
	int err = tmpfs_options_parse(text, &options);

	if (!err)
		err = limit_check(fs->pages_max, options.pages_max, READ_ONCE(fs->pages));
	if (!err)
		err = limit_check(fs->nodes_max, options.nodes_max, READ_ONCE(fs->nodes));
	if (err)
		return err;
	WRITE_ONCE(fs->pages_max, options.pages_max);
	WRITE_ONCE(fs->nodes_max, options.nodes_max);
	return 0;
}

/* ---- the file system ------------------------------------------------------------------------ */

static uint64_t left_of(uint64_t used, uint64_t limit)
{
	return used < limit ? limit - used : 0;
}

static void tmpfs_statfs(struct superblock *sb, struct statfs *statfs)
{
	struct tmpfs *fs = tmpfs_of_sb(sb);

	statfs->f_type = (int64_t)fs->magic;
	statfs->f_blocks = READ_ONCE(fs->pages_max);
	statfs->f_bfree = statfs->f_bavail = left_of(READ_ONCE(fs->pages), statfs->f_blocks);
	statfs->f_files = READ_ONCE(fs->nodes_max);
	statfs->f_ffree = left_of(READ_ONCE(fs->nodes), statfs->f_files);
}

static void tmpfs_end(struct superblock *sb)
{
	tmpfs_remove_all(sb->root);
}

static void tmpfs_destroy(struct superblock *sb)
{
	kfree(tmpfs_of_sb(sb));
}

const struct superblock_ops tmpfs_superblock_ops = {
	.statfs = tmpfs_statfs,
	.show_options = tmpfs_show_options,
	.remount = tmpfs_remount,
	.end = tmpfs_end,
	.destroy = tmpfs_destroy,
};

int tmpfs_create(const char *name, uint64_t magic, const struct tmpfs_options *options,
	struct superblock **sb)
{
	const struct node_spec spec = {
		.mode = S_IFDIR | options->mode,
		.uid = options->uid,
		.gid = options->gid,
	};
	struct tmpfs *fs = kzalloc(sizeof(*fs));
	struct vnode *root;
	int err;

	if (!fs)
		return -ENOMEM;
	superblock_init(&fs->sb, &tmpfs_superblock_ops, name);
	fs->magic = magic;
	fs->mode = options->mode;
	fs->uid = options->uid;
	fs->gid = options->gid;
	fs->pages_max = options->pages_max;
	fs->nodes_max = options->nodes_max;
	err = tmpfs_node_create(&fs->sb, &spec, &root);
	if (err)
		goto put;
	err = superblock_set_root(&fs->sb, root);
	if (err) {
		vnode_put(root);
		goto put;
	}
	*sb = &fs->sb;
	return 0;

put:
	superblock_put(&fs->sb);
	return err;
}

static int tmpfs_instance(uint32_t flags, char *text, struct superblock **sb)
{
	struct tmpfs_options options = tmpfs_options_default();
	int err = tmpfs_options_parse(text, &options);

	if (!err)
		err = tmpfs_create("tmpfs", TMPFS_MAGIC, &options, sb);
	if (!err)
		(*sb)->flags = flags;
	return err;
}

void tmpfs_init(void)
{
	static struct fs_type type = { .name = "tmpfs", .instance = tmpfs_instance };

	fs_type_add(&type);
}
