/*
 * layers: what is laid over the machine's root: its skeleton, directories of the host, tar files.
 *
 * Idea: one function for each source, all ending in tree_put(). A directory is taken as it is on
 * the host, owners included; a tar file as it says. Tar is read by ourselves (ustar with prefix,
 * GNU long names, pax path/linkpath/size/uid/gid/mtime), mapped and never copied; a compressed one
 * is unpacked into memory by the program made for it.
 *
 * Sockets of a host directory are left out; sparse tar members are refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "tree.h"

/* ---- the skeleton ---------------------------------------------------------------------------- */

static void put_text(struct tree *tree, const char *path, const char *text)
{
	tree_put_data(tree, path, S_IFREG | 0644, text, strlen(text));
}

void tree_lay_skeleton(struct tree *tree)
{
	static const char *const dirs[] = { "bin", "dev", "etc", "proc", "sys", "var" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		tree_put(tree, dirs[i], S_IFDIR | 0755);
	tree_put(tree, "root", S_IFDIR | 0700);
	tree_put(tree, "tmp", S_IFDIR | 01777);
	put_text(tree, "etc/passwd",
		"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n");
	put_text(tree, "etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n");
	put_text(tree, "etc/hostname", "cor\n");
	put_text(tree, "etc/hosts", "127.0.0.1 localhost\n127.0.1.1 cor\n");
}

/* ---- a directory of the host ----------------------------------------------------------------- */

/* Hard links are known by device and inode number of the host. */
struct seen {
	dev_t dev;
	ino_t ino;
	struct inode *inode;
};

struct seen_list {
	struct seen *items;
	size_t count;
};

static struct inode *seen_find(const struct seen_list *list, const struct stat *st)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].dev == st->st_dev && list->items[i].ino == st->st_ino)
			return list->items[i].inode;
	return NULL;
}

static void seen_add(struct seen_list *list, const struct stat *st, struct inode *inode)
{
	list->items = must_realloc(list->items, (list->count + 1) * sizeof(*list->items));
	list->items[list->count++] =
		(struct seen){ .dev = st->st_dev, .ino = st->st_ino, .inode = inode };
}

static const char *link_read(const char *path, size_t bytes)
{
	char *target = must_alloc(bytes + 1);

	if (readlink(path, target, bytes + 1) != (ssize_t)bytes)
		die(STATUS_FAILED, "%s: %s", path, strerror(errno));
	return target;
}

static void lay_entry(struct tree *tree, FTSENT *entry, const char *path, struct seen_list *seen)
{
	const struct stat *st = entry->fts_statp;
	struct inode *inode =
		st->st_nlink > 1 && !S_ISDIR(st->st_mode) ? seen_find(seen, st) : NULL;

	if (inode) {
		tree_put_link(tree, path, inode);
		return;
	}
	inode = tree_put(tree, path, st->st_mode)->inode;
	inode->mode = st->st_mode;
	inode->uid = st->st_uid;
	inode->gid = st->st_gid;
	inode->mtime = st->st_mtime;
	if (S_ISREG(st->st_mode)) {
		inode->size = st->st_size;
		inode->host_path = must_strdup(entry->fts_accpath);
	} else if (S_ISLNK(st->st_mode)) {
		inode->size = st->st_size;
		inode->data = link_read(entry->fts_accpath, st->st_size);
	} else if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode)) {
		inode->rdev_major = major(st->st_rdev);
		inode->rdev_minor = minor(st->st_rdev);
	}
	if (st->st_nlink > 1 && !S_ISDIR(st->st_mode))
		seen_add(seen, st, inode);
}

static void lay_dir(struct tree *tree, char *top)
{
	char *const paths[] = { top, NULL };
	struct seen_list seen = { 0 };
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	if (!walk)
		die(STATUS_FAILED, "%s: %s", top, strerror(errno));
	while ((entry = fts_read(walk))) {
		if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR ||
			entry->fts_info == FTS_NS)
			die(STATUS_FAILED, "%s: %s", entry->fts_path, strerror(entry->fts_errno));
		if (entry->fts_info == FTS_DP || S_ISSOCK(entry->fts_statp->st_mode))
			continue;
		lay_entry(tree, entry, entry->fts_path + strlen(top), &seen);
	}
	fts_close(walk);
	free(seen.items);
}

/* ---- a tar file ------------------------------------------------------------------------------ */

struct tar_header { /* POSIX.1-2017, pax: "ustar Interchange Format" */
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], chksum[8];
	char typeflag, linkname[100], magic[6], version[2], uname[32], gname[32];
	char devmajor[8], devminor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct tar_header) == 512, "one tar block");

/* What applies to one member: what its header says, and the long-name and pax members before it. */
struct tar_member {
	char *path, *link;
	uint64_t size;
	uint32_t uid, gid;
	int64_t mtime;
	int has_size, has_uid, has_gid, has_mtime;
};

/* An octal field, or a GNU base-256 number where the first byte has its high bit. */
static uint64_t tar_number(const char *field, size_t len)
{
	uint64_t value = 0;

	if (field[0] & 0x80) {
		for (size_t i = 1; i < len; i++)
			value = value << 8 | (unsigned char)field[i];
		return value;
	}
	for (size_t i = 0; i < len; i++)
		if (field[i] >= '0' && field[i] <= '7')
			value = value * 8 + (field[i] - '0');
	return value;
}

static int tar_checksum_ok(const struct tar_header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	size_t at = offsetof(struct tar_header, chksum);
	uint64_t sum = 0;

	for (size_t i = 0; i < sizeof(*header); i++)
		sum += i >= at && i < at + sizeof(header->chksum) ? ' ' : bytes[i];
	return sum == tar_number(header->chksum, sizeof(header->chksum));
}

static void pax_record(struct tar_member *next, const char *key, const char *value)
{
	if (!strcmp(key, "path"))
		next->path = must_strdup(value);
	else if (!strcmp(key, "linkpath"))
		next->link = must_strdup(value);
	else if (!strcmp(key, "size"))
		next->size = strtoull(value, NULL, 10), next->has_size = 1;
	else if (!strcmp(key, "uid"))
		next->uid = strtoul(value, NULL, 10), next->has_uid = 1;
	else if (!strcmp(key, "gid"))
		next->gid = strtoul(value, NULL, 10), next->has_gid = 1;
	else if (!strcmp(key, "mtime"))
		next->mtime = strtoll(value, NULL, 10), next->has_mtime = 1;
}

/* Records "LENGTH KEY=VALUE\n"; LENGTH counts the whole record. */
static void pax_read(struct tar_member *next, const char *tar, const char *data, uint64_t bytes)
{
	while (bytes) {
		char *record, *equals;
		uint64_t len = strtoull(data, NULL, 10);

		if (len < 5 || len > bytes)
			die(STATUS_FAILED, "%s: damaged pax header", tar);
		record = strndup(data, len - 1);
		equals = strchr(record, '=');
		if (!equals || !strchr(record, ' '))
			die(STATUS_FAILED, "%s: damaged pax header", tar);
		*equals = '\0';
		pax_record(next, strchr(record, ' ') + 1, equals + 1);
		free(record);
		data += len;
		bytes -= len;
	}
}

static uint32_t tar_type_mode(const char *tar, char type)
{
	switch (type) {
	case '0':
	case '\0':
	case '7':
	case '1':
		return S_IFREG;
	case '2':
		return S_IFLNK;
	case '3':
		return S_IFCHR;
	case '4':
		return S_IFBLK;
	case '5':
		return S_IFDIR;
	case '6':
		return S_IFIFO;
	}
	die(STATUS_FAILED, "%s: a member of type '%c' is not understood", tar, type);
}

static void tar_put(struct tree *tree, const char *tar, const struct tar_header *header,
	const struct tar_member *member, const char *data)
{
	uint32_t mode = tar_type_mode(tar, header->typeflag);
	struct inode *inode;

	if (header->typeflag == '1') {
		struct node *other = tree_find(tree, member->link);

		if (!other)
			die(STATUS_FAILED, "%s: %s is a link to a missing %s", tar, member->path,
				member->link);
		tree_put_link(tree, member->path, other->inode);
		return;
	}
	mode |= tar_number(header->mode, sizeof(header->mode)) & 07777;
	inode = tree_put(tree, member->path, mode)->inode;
	inode->mode = mode;
	inode->uid = member->uid;
	inode->gid = member->gid;
	inode->mtime = member->mtime;
	if (S_ISREG(mode)) {
		inode->size = member->size;
		inode->data = data;
	} else if (S_ISLNK(mode)) {
		inode->data = must_strdup(member->link);
		inode->size = strlen(member->link);
	} else if (S_ISCHR(mode) || S_ISBLK(mode)) {
		inode->rdev_major = tar_number(header->devmajor, sizeof(header->devmajor));
		inode->rdev_minor = tar_number(header->devminor, sizeof(header->devminor));
	}
}

/* Fills from the header what the members before it have not said. */
static void tar_member_complete(struct tar_member *member, const struct tar_header *header)
{
	if (!member->path && !memcmp(header->magic, "ustar", 6) && header->prefix[0])
		member->path = must_printf("%.155s/%.100s", header->prefix, header->name);
	if (!member->path)
		member->path = must_printf("%.100s", header->name);
	if (!member->link)
		member->link = must_printf("%.100s", header->linkname);
	if (!member->has_size)
		member->size = tar_number(header->size, sizeof(header->size));
	if (!member->has_uid)
		member->uid = tar_number(header->uid, sizeof(header->uid));
	if (!member->has_gid)
		member->gid = tar_number(header->gid, sizeof(header->gid));
	if (!member->has_mtime)
		member->mtime = tar_number(header->mtime, sizeof(header->mtime));
}

static void tar_read(struct tree *tree, const char *tar, const char *bytes, uint64_t total)
{
	struct tar_member member = { 0 };
	uint64_t at = 0, size;

	while (at + 512 <= total && bytes[at]) {
		const struct tar_header *header = (const void *)(bytes + at);
		const char *data = bytes + at + 512;

		if (!tar_checksum_ok(header))
			die(STATUS_FAILED, "%s: not a tar file, or a damaged one (at byte %llu)",
				tar, (unsigned long long)at);
		size = tar_number(header->size, sizeof(header->size));
		if (!strchr("xgLK", header->typeflag) || !header->typeflag) {
			tar_member_complete(&member, header);
			size = strchr("123456", header->typeflag) && header->typeflag ? 0
			                                                              : member.size;
		}
		if (size > total - at - 512)
			die(STATUS_FAILED, "%s: it ends in the middle of a member", tar);
		if (header->typeflag == 'x')
			pax_read(&member, tar, data, size);
		else if (header->typeflag == 'L')
			member.path = strndup(data, size);
		else if (header->typeflag == 'K')
			member.link = strndup(data, size);
		else if (header->typeflag != 'g') {
			tar_put(tree, tar, header, &member, data);
			member = (struct tar_member){ 0 };
		}
		at += 512 + (size + 511) / 512 * 512;
	}
}

/* ---- files ----------------------------------------------------------------------------------- */

/* The program that unpacks a file beginning like this, or NULL. */
static const char *unpacker(const unsigned char *head, size_t bytes)
{
	if (bytes > 2 && head[0] == 0x1f && head[1] == 0x8b)
		return "gzip";
	if (bytes > 6 && !memcmp(head,
				 "\xfd"
				 "7zXZ",
				 6))
		return "xz";
	if (bytes > 4 && !memcmp(head, "\x28\xb5\x2f\xfd", 4))
		return "zstd";
	if (bytes > 3 && !memcmp(head, "BZh", 3))
		return "bzip2";
	return NULL;
}

/* Returns a descriptor of the unpacked contents, which are in memory. */
static int unpack(const char *program, const char *path, int fd)
{
	int status, out = memfd_create("tar", MFD_CLOEXEC);
	pid_t child = fork();

	if (child == 0) {
		dup2(fd, 0);
		dup2(out, 1);
		execlp(program, program, "-dc", (char *)NULL);
		die(STATUS_FAILED, "%s: needs %s to unpack it: %s", path, program, strerror(errno));
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || status)
		die(STATUS_FAILED, "%s: %s could not unpack it", path, program);
	return out;
}

static const void *map(const char *path, int fd, uint64_t bytes)
{
	const void *data = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);

	if (data == MAP_FAILED)
		die(STATUS_FAILED, "%s: %s", path, strerror(errno));
	return data;
}

void tree_lay(struct tree *tree, const char *path)
{
	struct stat st;
	const char *program;
	unsigned char head[8] = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		die(STATUS_FAILED, "--root %s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode)) {
		close(fd);
		lay_dir(tree, must_strdup(path));
		return;
	}
	program = unpacker(head, pread(fd, head, sizeof(head), 0));
	if (program) {
		fd = unpack(program, path, fd);
		fstat(fd, &st);
	}
	if (st.st_size < 512)
		die(STATUS_FAILED, "--root %s: neither a directory nor a tar file", path);
	tar_read(tree, path, map(path, fd, st.st_size), st.st_size);
	close(fd);
}
