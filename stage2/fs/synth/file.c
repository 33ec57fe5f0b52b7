/*
 * Open generated files. A read from the beginning writes the text anew; reads further on go on in
 * that text, so that a reader with a small buffer sees one state of things and not several. A write
 * is handed on whole, wherever in the file it is.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "fs/synth/node.h"
#include "fs/vnode_file.h"
#include "lib/string.h"
#include "mm/slab.h"

/* What an open file is in the middle of. */
struct synth_open {
	struct mutex lock;      /* RANK_VNODE */
	struct synth_text text; /* [lock] */
};

static struct slab_cache open_cache = SLAB_CACHE("synth_open", struct synth_open);

/* May it be read still? What it tells of may have become another program since it was opened. */
static int text_permit(const struct synth_node *node)
{
	return node->entry->permit ? node->entry->permit(&node->key) : 0;
}

/* Lock held. Permission is asked for last: what the text tells of was the same then, or older. */
static int text_renew(struct synth_open *open, const struct synth_node *node)
{
	int err;

	open->text.bytes = 0;
	open->text.failed = false;
	err = node->entry->read ? node->entry->read(&node->key, &open->text) : -EINVAL;
	if (!err && open->text.failed)
		err = -ENOMEM;
	if (!err)
		err = text_permit(node);
	if (err)
		open->text.bytes = 0;
	return err;
}

static ssize_t synth_file_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct synth_open *open = file->data;
	ssize_t copied = 0;
	int err = 0;

	mutex_lock(&open->lock);
	if (*pos == 0 || !open->text.buf)
		err = text_renew(open, synth_node_of(file->vnode));
	if (err)
		copied = err;
	else if (*pos < open->text.bytes)
		copied = iter_write(iter, open->text.buf + *pos,
			min(open->text.bytes - (size_t)*pos, iter->remaining));
	mutex_unlock(&open->lock);
	if (copied > 0)
		*pos += (uint64_t)copied;
	return copied;
}

static ssize_t synth_file_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	const struct synth_node *node = synth_node_of(file->vnode);
	size_t bytes = min(iter->remaining, (size_t)SYNTH_WRITE_MAX);
	ssize_t copied;
	char *text;
	int err;

	if (!node->entry->write)
		return node->key.object ? -EINVAL : -EIO;
	if (bytes == 0)
		return 0;
	text = kmalloc(bytes + 1);
	if (!text)
		return -ENOMEM;
	copied = iter_read(iter, text, bytes);
	if (copied > 0) {
		text[copied] = '\0';
		err = node->entry->write(&node->key, text, (size_t)copied);
		if (err)
			copied = err;
	}
	kfree(text);
	if (copied > 0)
		*pos += (uint64_t)copied;
	return copied;
}

/* There is no end to seek from: the length is known only when it is read. */
static int64_t synth_file_seek(struct file *file, int64_t offset, int whence)
{
	if (whence == SEEK_CUR) {
		if (offset > 0 && (int64_t)file->pos > INT64_MAX - offset)
			return -EOVERFLOW;
		offset += (int64_t)file->pos;
	} else if (whence != SEEK_SET) {
		return -EINVAL;
	}
	if (offset < 0)
		return -EINVAL;
	file->pos = (uint64_t)offset;
	return offset;
}

/* ---- files that are no text ----------------------------------------------------------------- */

static ssize_t raw_file_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	const struct synth_node *node = synth_node_of(file->vnode);

	return node->entry->read_at(&node->key, iter, pos);
}

static ssize_t raw_file_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	const struct synth_node *node = synth_node_of(file->vnode);

	return node->entry->write_at ? node->entry->write_at(&node->key, iter, pos) : -EIO;
}

static const struct file_ops raw_file_ops = {
	.read = raw_file_read,
	.write = raw_file_write,
	.seek = synth_file_seek,
	.stat = vnode_file_stat,
	.release = vnode_file_release,
};

/* ---- open and close ------------------------------------------------------------------------- */

static void synth_file_release(struct file *file)
{
	struct synth_open *open = file->data;

	kfree(open->text.buf);
	slab_free(&open_cache, open);
	vnode_file_release(file);
}

static const struct file_ops synth_file_ops = {
	.read = synth_file_read,
	.write = synth_file_write,
	.seek = synth_file_seek,
	.stat = vnode_file_stat,
	.release = synth_file_release,
};

int synth_file_open(struct file *file)
{
	const struct synth_node *node = synth_node_of(file->vnode);
	struct synth_open *open;
	int err = 0;

	if (node->entry->permit)
		err = node->entry->permit(&node->key);
	if (err || !S_ISREG(file->vnode->mode))
		return err;
	if (node->entry->read_at) {
		file->ops = &raw_file_ops;
		return 0;
	}
	open = slab_zalloc(&open_cache);
	if (!open)
		return -ENOMEM;
	mutex_init(&open->lock, "generated text", RANK_VNODE);
	file->data = open;
	file->ops = &synth_file_ops;
	return 0;
}
