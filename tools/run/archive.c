/*
 * archive: a tree becomes a cpio archive.
 *
 * Idea: all sizes are known before the first byte is written, so one walk lays everything out (the
 * place of each member and of its data) and a second one writes; between the two the index is made.
 * The alignment of file data comes from NULs behind the member's name, which cpio readers skip
 * because the name's length counts them. A name may be PATH_MAX long, no more, or Linux skips the
 * member; where the rest of a page does not fit there, the root directory is written once more
 * with a padded name of its own: to every reader the same directory again.
 *
 * Of a file with several names the last member carries the data, as GNU cpio has it.
 */
#include "archive.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/image.h"
#include "die.h"
#include "lib/crc32.h"

enum {
	HEADER_BYTES = 110, /* six of magic, thirteen numbers of eight digits */
	FILLER_MIN = 112,   /* the root directory's member with the shortest name */
	OUT_BYTES = 1 << 18,
};

struct member {
	struct node *node;
	char *path;          /* in the archive: no leading slash; "." is the root */
	uint32_t filler_pad; /* not 0: a filler of so many bytes stands before it */
	uint32_t name_bytes; /* with its NUL and the padding */
	uint64_t data_bytes; /* 0 for all but the last name of a file */
};

struct layout {
	struct member *members;
	uint32_t count;
	uint64_t end; /* of what has been laid out so far */
};

struct out {
	int fd;
	uint64_t position; /* bytes put so far */
	size_t held;       /* of them, still in the buffer */
	char buffer[OUT_BYTES];
};

/* ---- laying out ------------------------------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct node *const *)a)->name, (*(struct node *const *)b)->name);
}

/* Numbers the nodes, parents before children, names in order; fills members[] in that order. */
static void number_nodes(struct layout *layout, struct node *node, char *path)
{
	struct node **children;
	size_t count = 0;

	node->number = layout->count++;
	if (!node->inode->nlink++)
		node->inode->first = node->number;
	layout->members[node->number] = (struct member){ .node = node, .path = path };
	for (struct node *child = node->child; child; child = child->sibling)
		count++;
	children = must_alloc(count * sizeof(*children));
	count = 0;
	for (struct node *child = node->child; child; child = child->sibling)
		children[count++] = child;
	qsort(children, count, sizeof(*children), by_name);
	for (size_t i = 0; i < count; i++) {
		const char *name = children[i]->name;

		number_nodes(layout, children[i],
			node->parent ? must_printf("%s/%s", path, name) : must_strdup(name));
	}
	free(children);
}

static int has_data(const struct inode *inode)
{
	return S_ISREG(inode->mode) || S_ISLNK(inode->mode);
}

static uint64_t align(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

static void lay_member(struct layout *layout, struct member *member)
{
	struct inode *inode = member->node->inode;
	size_t name = strlen(member->path) + 1;
	uint64_t data = align(layout->end + HEADER_BYTES + name, 4), pad;

	if (has_data(inode) && ++inode->nwritten == inode->nlink)
		member->data_bytes = inode->size;
	if (member->data_bytes > UINT32_MAX)
		die(STATUS_FAILED, "%s: 4 GiB or more do not fit into a cpio archive",
			member->path);
	if (member->data_bytes >= ARCHIVE_ALIGN) {
		pad = align(data, ARCHIVE_ALIGN) - data;
		if (pad >= FILLER_MIN && name + pad + 4 > PATH_MAX)
			member->filler_pad = pad;
		data += pad;
	}
	member->name_bytes = data - layout->end - HEADER_BYTES - member->filler_pad;
	/* What alignment to 4 adds belongs to the name only where the name is padded anyway. */
	if (member->name_bytes < name + 4)
		member->name_bytes = name;
	if (member->data_bytes)
		inode->data_offset = data;
	layout->end = align(data + member->data_bytes, 4);
}

/* ---- the index ------------------------------------------------------------------------------- */

static uint64_t index_bytes(const struct layout *layout)
{
	uint64_t names = 0;

	for (uint32_t i = 0; i < layout->count; i++)
		names += strlen(layout->members[i].node->name);
	return sizeof(struct archive_index) + layout->count * sizeof(struct archive_entry) + names;
}

static uint32_t index_rdev(const struct member *member)
{
	const struct inode *inode = member->node->inode;

	if (inode->rdev_major > 255 || inode->rdev_minor > 255)
		die(STATUS_FAILED, "%s: device number %u:%u is too large", member->path,
			inode->rdev_major, inode->rdev_minor);
	return inode->rdev_major << 8 | inode->rdev_minor;
}

static struct archive_index *index_create(const struct layout *layout, uint64_t archive_bytes)
{
	uint64_t bytes = index_bytes(layout);
	struct archive_index *index = must_alloc(bytes);
	struct archive_entry *entries = (struct archive_entry *)(index + 1);
	char *names = (char *)(entries + layout->count), *name = names;

	for (uint32_t i = 0; i < layout->count; i++) {
		const struct node *node = layout->members[i].node;
		const struct inode *inode = node->inode;
		size_t len = strlen(node->name);

		memcpy(name, node->name, len);
		entries[i] = (struct archive_entry){
			.data_offset = inode->data_offset,
			.size = has_data(inode) ? inode->size : 0,
			.mtime = inode->mtime,
			.parent = node->parent ? node->parent->number : 0,
			.name_offset = name - names,
			.name_bytes = len,
			.mode = inode->mode,
			.uid = inode->uid,
			.gid = inode->gid,
			.rdev = index_rdev(&layout->members[i]),
			.link = inode->first,
		};
		name += len;
	}
	*index = (struct archive_index){
		.count = layout->count,
		.names_bytes = name - names,
		.archive_bytes = archive_bytes,
	};
	memcpy(index->magic, ARCHIVE_INDEX_MAGIC, sizeof(index->magic));
	index->crc32 = crc32(0, entries, bytes - sizeof(*index));
	return index;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void out_flush(struct out *out)
{
	for (size_t at = 0; at < out->held;) {
		ssize_t n = write(out->fd, out->buffer + at, out->held - at);

		if (n < 0 && errno != EINTR)
			die(STATUS_FAILED, "writing the archive: %s", strerror(errno));
		at += n > 0 ? n : 0;
	}
	out->held = 0;
}

static void out_put(struct out *out, const void *data, uint64_t bytes)
{
	out->position += bytes;
	while (bytes) {
		size_t n = OUT_BYTES - out->held < bytes ? OUT_BYTES - out->held : bytes;

		memcpy(out->buffer + out->held, data, n);
		out->held += n;
		data = (const char *)data + n;
		bytes -= n;
		if (out->held == OUT_BYTES)
			out_flush(out);
	}
}

static void out_zeros(struct out *out, uint64_t bytes)
{
	static const char zeros[512];

	for (uint64_t n; bytes; bytes -= n) {
		n = bytes < sizeof(zeros) ? bytes : sizeof(zeros);
		out_put(out, zeros, n);
	}
}

/* Copies a host file. A small one goes through the buffer, a large one from file to file. */
static void out_file(struct out *out, const char *path, uint64_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t left = bytes;

	if (fd < 0)
		die(STATUS_FAILED, "%s: %s", path, strerror(errno));
	if (bytes > OUT_BYTES - out->held)
		out_flush(out);
	while (left) {
		ssize_t n = bytes <= OUT_BYTES ? read(fd, out->buffer + out->held, left)
		                               : sendfile(out->fd, fd, NULL, left);

		if (n <= 0)
			die(STATUS_FAILED, "%s: %s", path,
				n ? strerror(errno) : "became shorter while it was read");
		if (bytes <= OUT_BYTES)
			out->held += n;
		left -= n;
	}
	out->position += bytes;
	close(fd);
}

/* A member's header and name; `name_bytes` counts the NULs behind the name. */
static void out_header(struct out *out, const struct inode *inode, uint32_t ino,
	uint32_t data_bytes, const char *path, uint32_t name_bytes)
{
	char header[HEADER_BYTES + 1];
	uint32_t nlink = S_ISDIR(inode->mode) ? 2 : inode->nlink;

	snprintf(header, sizeof(header),
		"070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", ino, inode->mode,
		inode->uid, inode->gid, nlink, (uint32_t)inode->mtime, data_bytes, 0, 0,
		inode->rdev_major, inode->rdev_minor, name_bytes, 0);
	out_put(out, header, HEADER_BYTES);
	out_put(out, path, strlen(path));
	out_zeros(out, name_bytes - strlen(path));
	out_zeros(out, align(out->position, 4) - out->position);
}

static void out_member(struct out *out, const struct member *member, const struct inode *root)
{
	const struct inode *inode = member->node->inode;

	if (member->filler_pad)
		out_header(out, root, 1, 0, ".", member->filler_pad - HEADER_BYTES);
	out_header(
		out, inode, inode->first + 1, member->data_bytes, member->path, member->name_bytes);
	if (member->data_bytes && inode->host_path)
		out_file(out, inode->host_path, member->data_bytes);
	else if (member->data_bytes)
		out_put(out, inode->data, member->data_bytes);
	out_zeros(out, align(out->position, 4) - out->position);
}

static void out_trailer(struct out *out)
{
	out_header(out, &(struct inode){ .nlink = 1 }, 0, 0, "TRAILER!!!", sizeof("TRAILER!!!"));
	out_zeros(out, align(out->position, 512) - out->position);
}

uint64_t archive_write(struct tree *tree, int fd, int index)
{
	struct layout layout = { .members = must_alloc((tree->count + 1) * sizeof(struct member)) };
	struct member first = { .path = ARCHIVE_INDEX_NAME };
	struct inode file = { .mode = S_IFREG | 0400, .nlink = 1 };
	struct out *out = must_alloc(sizeof(*out));
	uint64_t archive_bytes;

	number_nodes(&layout, tree->root, ".");
	first.node = &(struct node){ .inode = &file };
	if (index) {
		file.size = index_bytes(&layout);
		lay_member(&layout, &first);
		file.first = layout.count;
	}
	for (uint32_t i = 0; i < layout.count; i++)
		lay_member(&layout, &layout.members[i]);
	archive_bytes = align(align(layout.end + HEADER_BYTES + sizeof("TRAILER!!!"), 4), 512);

	out->fd = fd;
	if (index) {
		file.data = index_create(&layout, archive_bytes);
		out_member(out, &first, tree->root->inode);
	}
	for (uint32_t i = 0; i < layout.count; i++)
		out_member(out, &layout.members[i], tree->root->inode);
	out_trailer(out);
	out_flush(out);
	if (out->position != archive_bytes)
		die(STATUS_FAILED, "the archive is not as long as it was laid out to be");
	free(out);
	return archive_bytes;
}
