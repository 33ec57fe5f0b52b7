/*
 * The root archive, by its index and by its headers (fs/cpio): a good one gives the right tree both
 * ways; one with any byte changed, or cut anywhere, gives an error or a tree, and never a step out
 * of bounds. The file system that is filled is a stand-in of a few lines.
 *
 * links: stage2/fs/cpio/index.c stage2/fs/cpio/newc.c stage2/fs/cpio/populate.c
 */
#include "abi/errno.h"
#include "fs/cpio/archive.h"
#include "fs/cpio/index.h"
#include "fs/cpio/populate.h"
#include "fs/tmpfs/tmpfs.h"
#include "host.h"
#include "lib/crc32.h"

#include "core/log.h"
#include "mm/slab.h"

#include <stdlib.h>

/* ---- the stand-in -------------------------------------------------------------------------- */

#define NODES_MAX   512
#define ENTRIES_MAX 512

struct node {
	struct vnode vnode;
	uint64_t offset;
};

static struct {
	struct node *nodes[NODES_MAX];
	unsigned node_count;
	struct {
		struct vnode *dir, *vnode;
		char name[256];
	} entries[ENTRIES_MAX];
	unsigned entry_count;
	struct superblock sb;
	const uint8_t *bytes;
	char log[LOG_LINE_BYTES];
} fake;

void log_at(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(fake.log, sizeof(fake.log), format, args);
	va_end(args);
}

void *kmalloc(size_t bytes)
{
	return malloc(bytes);
}

void *kzalloc(size_t bytes)
{
	return calloc(1, bytes);
}

void kfree(void *object)
{
	free(object);
}

void vnode_get(struct vnode *vnode)
{
	vnode->refs++;
}

void vnode_put(struct vnode *vnode)
{
	assert_true(vnode->refs > 0);
	vnode->refs--;
}

int archive_read(const struct archive *archive, uint64_t offset, void *buf, size_t bytes)
{
	if (offset > archive->bytes || bytes > archive->bytes - offset)
		return -EINVAL;
	memcpy(buf, fake.bytes + offset, bytes);
	return 0;
}

int tmpfs_node_create(struct superblock *sb, const struct node_spec *spec, struct vnode **vnode)
{
	struct node *node;

	if (fake.node_count == NODES_MAX)
		return -ENOSPC;
	node = calloc(1, sizeof(*node));
	node->vnode.mode = spec->mode;
	node->vnode.uid = spec->uid;
	node->vnode.gid = spec->gid;
	node->vnode.rdev = spec->rdev;
	node->vnode.nlink = S_ISDIR(spec->mode) ? 2 : 1;
	node->vnode.refs = 1;
	fake.nodes[fake.node_count++] = node;
	*vnode = &node->vnode;
	return 0;
}

struct vnode *tmpfs_name_find(struct vnode *dir, const struct name *name)
{
	for (unsigned i = 0; i < fake.entry_count; i++)
		if (fake.entries[i].dir == dir && strlen(fake.entries[i].name) == name->bytes &&
			memcmp(fake.entries[i].name, name->text, name->bytes) == 0)
			return fake.entries[i].vnode;
	return NULL;
}

int tmpfs_link_add(struct vnode *vnode)
{
	vnode->nlink++;
	return 0;
}

int tmpfs_name_add(struct vnode *dir, const struct name *name, struct vnode *vnode)
{
	assert_true(S_ISDIR(dir->mode));
	assert_in_range(name->bytes, 1, 255);
	assert_null(memchr(name->text, '/', name->bytes));
	if (tmpfs_name_find(dir, name))
		return -EEXIST;
	if (fake.entry_count == ENTRIES_MAX)
		return -ENOSPC;
	fake.entries[fake.entry_count].dir = dir;
	fake.entries[fake.entry_count].vnode = vnode;
	memset(fake.entries[fake.entry_count].name, 0, 256);
	memcpy(fake.entries[fake.entry_count++].name, name->text, name->bytes);
	vnode_get(vnode);
	return 0;
}

void tmpfs_name_remove(struct vnode *dir, const struct name *name)
{
	struct vnode *vnode = tmpfs_name_find(dir, name);

	for (unsigned i = 0; i < fake.entry_count; i++)
		if (fake.entries[i].dir == dir && fake.entries[i].vnode == vnode &&
			strlen(fake.entries[i].name) == name->bytes) {
			fake.entries[i] = fake.entries[--fake.entry_count];
			vnode->nlink--;
			vnode_put(vnode);
			return;
		}
	fail();
}

void tmpfs_set_contents(
	struct vnode *vnode, struct archive *archive, uint64_t offset, uint64_t bytes)
{
	assert_true(S_ISREG(vnode->mode) || S_ISLNK(vnode->mode));
	assert_true(S_ISREG(vnode->mode) || (bytes > 0 && bytes < 4096));
	assert_true(offset <= archive->bytes || bytes == 0);
	assert_true(bytes == 0 || bytes <= archive->bytes - offset);
	vnode->size = bytes;
	container_of(vnode, struct node, vnode)->offset = offset;
}

static void fake_clear(void)
{
	for (unsigned i = 0; i < fake.node_count; i++)
		free(fake.nodes[i]);
	memset(&fake, 0, sizeof(fake));
}

/* Fill an empty file system from bytes that lie in an allocation of exactly their length. As from a
 * disk: through the window. */
static int populate(const void *bytes, uint64_t count, bool disk)
{
	const struct node_spec root = { .mode = S_IFDIR | 0700 };
	uint8_t *copy = malloc(count ? count : 1);
	struct archive archive = { .bytes = count, .disk = disk ? (void *)&fake : NULL };
	int err;

	fake_clear();
	memcpy(copy, bytes, count);
	fake.bytes = copy;
	assert_int_equal(tmpfs_node_create(&fake.sb, &root, &fake.sb.root), 0);
	err = archive_populate(&archive, &fake.sb);
	free(copy);
	return err;
}

static struct node *find(const char *path)
{
	struct vnode *vnode = fake.sb.root;

	while (vnode && *path) {
		const char *end = strchrnul(path, '/');
		struct name name = { path, (size_t)(end - path) };

		vnode = tmpfs_name_find(vnode, &name);
		path = *end ? end + 1 : end;
	}
	return vnode ? container_of(vnode, struct node, vnode) : NULL;
}

/* ---- archives ---------------------------------------------------------------------------- */

static struct {
	uint8_t bytes[65536];
	size_t used;
} made;

static void put_member(const char *path, uint32_t ino, uint32_t mode, uint32_t nlink,
	const void *data, uint32_t bytes)
{
	made.used += (size_t)snprintf((char *)made.bytes + made.used, 128,
		"070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", ino, mode, 10, 20,
		nlink, 1000, bytes, 8, 1, 4, 64, (unsigned)strlen(path) + 1, 0);
	strcpy((char *)made.bytes + made.used, path);
	made.used = ALIGN_UP(made.used + strlen(path) + 1, 4);
	memcpy(made.bytes + made.used, data, bytes);
	made.used = ALIGN_UP(made.used + bytes, 4);
}

static void put_trailer(size_t zeros)
{
	put_member("TRAILER!!!", 0, 0, 1, "", 0);
	made.used += zeros;
}

static void make_plain(void)
{
	memset(&made, 0, sizeof(made));
	put_member(".", 1, S_IFDIR | 0755, 2, "", 0);
	put_member("bin", 2, S_IFDIR | 0755, 2, "", 0);
	put_member("bin/a", 3, S_IFREG | 0755, 2, "", 0);
	put_member("./bin/b", 3, S_IFREG | 0755, 2, "hello", 5);
	put_member("/bin/l", 4, S_IFLNK | 0777, 1, "../etc/x", 8);
	put_member("dev/console", 5, S_IFCHR | 0600, 1, "", 0);
	put_member("replaced", 6, S_IFREG | 0644, 1, "old", 3);
	put_trailer(300);
	put_member("replaced", 3, S_IFREG | 0600, 1, "newer", 5);
	put_member("bin", 2, S_IFDIR | 0700, 2, "", 0);
	put_trailer(5);
}

/* Entries of the index by hand; names lie behind one another in `names`. */
static void make_indexed(void)
{
	static const char names[] = "binabldevconsole";
	struct archive_entry entries[] = {
		{ .mode = S_IFDIR | 0755 },
		{ .mode = S_IFDIR | 0755, .name_bytes = 3 },
		{ .mode = S_IFREG | 0755,
			.parent = 1,
			.name_offset = 3,
			.name_bytes = 1,
			.size = 5 },
		{ .mode = S_IFREG | 0755,
			.parent = 1,
			.name_offset = 4,
			.name_bytes = 1,
			.size = 5,
			.link = 2 },
		{ .mode = S_IFLNK | 0777,
			.parent = 1,
			.name_offset = 5,
			.name_bytes = 1,
			.size = 8,
			.link = 4 },
		{ .mode = S_IFDIR | 0755, .name_offset = 6, .name_bytes = 3, .link = 5 },
		{ .mode = S_IFCHR | 0600,
			.parent = 5,
			.name_offset = 9,
			.name_bytes = 7,
			.rdev = 4 << 8 | 64,
			.link = 6 },
	};
	struct {
		struct archive_index header;
		struct archive_entry entries[ARRAY_SIZE(entries)];
		char names[sizeof(names) - 1];
	} index = { .header = { .count = ARRAY_SIZE(entries), .names_bytes = sizeof(names) - 1 } };
	uint64_t data = 1000;

	entries[1].link = 1;
	entries[2].link = 2;
	entries[2].data_offset = entries[3].data_offset = data;
	entries[4].data_offset = data + 8;
	for (unsigned i = 0; i < ARRAY_SIZE(entries); i++) {
		entries[i].uid = 10;
		entries[i].gid = 20;
		entries[i].mtime = 1000;
	}
	memcpy(index.header.magic, ARCHIVE_INDEX_MAGIC, 8);
	memcpy(index.entries, entries, sizeof(entries));
	memcpy(index.names, names, sizeof(index.names));
	index.header.archive_bytes = 1100;
	index.header.crc32 = crc32(0, index.entries, sizeof(entries) + sizeof(index.names));

	memset(&made, 0, sizeof(made));
	put_member(ARCHIVE_INDEX_NAME, 1, S_IFREG | 0644, 1, &index,
		offsetof(typeof(index), names) + sizeof(index.names));
	assert_true(made.used <= data);
	memcpy(made.bytes + data, "hello", 5);
	memcpy(made.bytes + data + 8, "../etc/x", 8);
	made.used = 1100;
}

/* ---- tests ------------------------------------------------------------------------------- */

static void check_common(void)
{
	assert_non_null(find("bin/a"));
	assert_ptr_equal(find("bin/a"), find("bin/b"));
	assert_int_equal(find("bin/a")->vnode.nlink, 2);
	assert_int_equal(find("bin/a")->vnode.size, 5);
	assert_int_equal(find("bin/a")->vnode.uid, 10);
	assert_int_equal(find("bin/a")->vnode.gid, 20);
	assert_int_equal(find("bin/a")->vnode.mtime_ns, 1000 * 1000000000ll);
	assert_memory_equal(made.bytes + find("bin/b")->offset, "hello", 5);
	assert_int_equal(find("bin/l")->vnode.size, 8);
	assert_memory_equal(made.bytes + find("bin/l")->offset, "../etc/x", 8);
	assert_int_equal(find("dev/console")->vnode.rdev, rdev_make(4, 64));
}

static void check_refs(void)
{
	for (unsigned i = 1; i < fake.node_count; i++) {
		unsigned names = 0;

		for (unsigned j = 0; j < fake.entry_count; j++)
			names += fake.entries[j].vnode == &fake.nodes[i]->vnode;
		assert_int_equal(fake.nodes[i]->vnode.refs, names);
	}
}

static void good_plain(void **state)
{
	for (int disk = 0; disk < 2; disk++) {
		make_plain();
		assert_int_equal(populate(made.bytes, made.used, disk), 0);
		check_common();
		check_refs();
		assert_int_equal(find("")->vnode.mode, S_IFDIR | 0755);
		assert_int_equal(find("bin")->vnode.mode, S_IFDIR | 0700);
		assert_int_equal(find("replaced")->vnode.mode, S_IFREG | 0600);
		assert_memory_equal(made.bytes + find("replaced")->offset, "newer", 5);
		assert_int_equal(find("dev")->vnode.mode, S_IFDIR | 0755);
	}
}

static void good_indexed(void **state)
{
	for (int disk = 0; disk < 2; disk++) {
		make_indexed();
		assert_int_equal(populate(made.bytes, made.used, disk), 0);
		check_common();
		check_refs();
	}
}

static void empty(void **state)
{
	assert_int_equal(populate("", 0, false), 0);
	assert_int_equal(populate("", 0, true), 0);
	memset(&made, 0, sizeof(made));
	put_trailer(0);
	assert_int_equal(populate(made.bytes, made.used, false), 0);
}

/* Whatever happens, nothing may be read out of bounds (ASan) and no reference be lost. */
static void try_damaged(bool must_fail)
{
	int err = populate(made.bytes, made.used, fake.node_count & 1);

	assert_true(err <= 0);
	if (must_fail) {
		assert_int_not_equal(err, 0);
		assert_memory_equal(fake.log, "archive: ", 9);
	}
	if (!err)
		check_refs();
}

static void flip_all(void (*make)(void))
{
	size_t bytes;

	make();
	bytes = made.used;
	for (size_t i = 0; i < bytes; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			make();
			made.bytes[i] ^= 1u << bit;
			try_damaged(false);
		}
	}
}

static void flipped_plain(void **state)
{
	flip_all(make_plain);
}

/* Where the index lies in the archive; it is not aligned there. */
static size_t index_start(void)
{
	return ALIGN_UP(110 + sizeof(ARCHIVE_INDEX_NAME), 4);
}

/* Make the checksum right again, as far as the index lies within `limit` bytes. Its length. */
static size_t index_sign(size_t limit)
{
	struct archive_index header;
	size_t bytes;

	memcpy(&header, made.bytes + index_start(), sizeof(header));
	bytes = archive_index_bytes(&header, made.used);
	if (bytes == 0 || bytes > limit)
		return 0;
	header.crc32 =
		crc32(0, made.bytes + index_start() + sizeof(header), bytes - sizeof(header));
	memcpy(made.bytes + index_start(), &header, sizeof(header));
	return bytes;
}

static void flipped_indexed(void **state)
{
	size_t bytes;

	flip_all(make_indexed);
	make_indexed();
	bytes = index_sign(made.used);
	assert_true(bytes > 0);
	for (size_t i = 0; i < bytes; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			make_indexed();
			made.bytes[index_start() + i] ^= 1u << bit;
			index_sign(bytes);
			try_damaged(false);
		}
	}
}

static void cut_anywhere(void **state)
{
	size_t bytes;

	make_plain();
	bytes = made.used;
	/* The first part ends before "replaced" comes again; behind its TRAILER!!! a cut is no
	 * error. */
	for (size_t i = 1; i < bytes; i++) {
		make_plain();
		made.used = i;
		try_damaged(i < 800);
	}
	make_indexed();
	for (size_t i = 1; i < 1100; i++) {
		make_indexed();
		made.used = i;
		try_damaged(true);
	}
}

static void expect_entry_error(void (*damage)(struct archive_entry *entries), const char *text)
{
	struct archive_entry entries[7];
	size_t at = index_start() + sizeof(struct archive_index);

	make_indexed();
	memcpy(entries, made.bytes + at, sizeof(entries));
	damage(entries);
	memcpy(made.bytes + at, entries, sizeof(entries));
	assert_true(index_sign(made.used) > 0);
	assert_int_equal(populate(made.bytes, made.used, false), -EINVAL);
	if (!strstr(fake.log, text))
		fail_msg("'%s' is not in: %s", text, fake.log);
}

static void damage_parent_later(struct archive_entry *entries)
{
	entries[2].parent = 5;
}
static void damage_parent_self(struct archive_entry *entries)
{
	entries[1].parent = 1;
}
static void damage_parent_file(struct archive_entry *entries)
{
	entries[6].parent = 2;
}
static void damage_name_twice(struct archive_entry *entries)
{
	entries[3].name_offset = 3;
}
static void damage_name_bounds(struct archive_entry *entries)
{
	entries[3].name_offset = 0xffffffff;
}
static void damage_contents(struct archive_entry *entries)
{
	entries[2].data_offset = UINT64_MAX - 2;
}
static void damage_link(struct archive_entry *entries)
{
	entries[3].link = 1;
}
static void damage_target(struct archive_entry *entries)
{
	entries[4].size = 0;
}

static void entry_errors(void **state)
{
	expect_entry_error(damage_parent_later, "entry 2: parent is not before its child");
	expect_entry_error(damage_parent_self, "entry 1: parent is not before its child");
	expect_entry_error(damage_parent_file, "entry 6: parent is not a directory");
	expect_entry_error(damage_name_twice, "entry 3: name is there twice");
	expect_entry_error(damage_name_bounds, "entry 3: name out of bounds");
	expect_entry_error(damage_contents, "entry 2: contents out of bounds");
	expect_entry_error(damage_link, "entry 3: link to a file of another kind");
	expect_entry_error(damage_target, "entry 4: link target of a wrong length");
}

static void member_errors(void **state)
{
	make_plain();
	made.bytes[0] = 'x';
	assert_int_equal(populate(made.bytes, made.used, false), -EINVAL);
	assert_string_equal(fake.log, "archive: member 0: bad magic at offset 0");
	memset(&made, 0, sizeof(made));
	put_member("a/../b", 1, S_IFREG, 1, "", 0);
	assert_int_equal(populate(made.bytes, made.used, false), -EINVAL);
	memset(&made, 0, sizeof(made));
	put_member("file", 1, S_IFREG, 1, "", 0);
	put_member("file/under", 1, S_IFREG, 1, "", 0);
	put_trailer(0);
	assert_int_not_equal(populate(made.bytes, made.used, false), 0);
}

static int end(void **state)
{
	fake_clear();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_plain),
		cmocka_unit_test(good_indexed),
		cmocka_unit_test(empty),
		cmocka_unit_test(flipped_plain),
		cmocka_unit_test(flipped_indexed),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(entry_errors),
		cmocka_unit_test(member_errors),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
