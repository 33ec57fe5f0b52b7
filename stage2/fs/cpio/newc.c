/*
 * Walking cpio headers. Each header is 110 characters: a magic and thirteen numbers of eight
 * hexadecimal digits; then the name, then the contents, each padded with zeros to a multiple of
 * four bytes.
 */
#include "fs/cpio/newc.h"

#include "abi/errno.h"
#include "abi/stat.h"
#include "lib/string.h"

#define MAGIC         "070701" /* "070702", with checksums, is not made by anybody */
#define TRAILER       "TRAILER!!!"
#define FIELDS        13
#define ZEROS_CHUNK   256
#define NEWC_NAME_MAX 255

/* Order of the numbers in the header. */
enum {
	INO,
	MODE,
	UID,
	GID,
	NLINK,
	MTIME,
	SIZE,
	DEV_MAJOR,
	DEV_MINOR,
	RDEV_MAJOR,
	RDEV_MINOR,
	NAMESIZE
};

static int fail(struct newc_walk *walk, struct archive_error *error, const char *what)
{
	*error = (struct archive_error){
		.what = what,
		.unit = "member",
		.number = walk->number,
		.offset = walk->offset,
	};
	return -EINVAL;
}

static bool parse_hex(const char *text, uint32_t *value)
{
	*value = 0;
	for (int i = 0; i < 8; i++) {
		char c = text[i];
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (uint32_t)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			digit = (uint32_t)(c - 'A') + 10;
		else
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

/* Between parts: zeros. 0: a header may follow at walk->offset; 1: the archive ends. */
static int skip_zeros(struct newc_walk *walk)
{
	char chunk[ZEROS_CHUNK];

	while (walk->offset < walk->bytes) {
		size_t bytes = (size_t)min((uint64_t)sizeof(chunk), walk->bytes - walk->offset);
		int err = walk->read(walk, walk->offset, chunk, bytes);

		if (err)
			return err;
		for (size_t i = 0; i < bytes; i++, walk->offset++)
			if (chunk[i] != '\0')
				return 0;
	}
	return 1;
}

static int read_header(struct newc_walk *walk, uint32_t fields[FIELDS], struct archive_error *error)
{
	char header[NEWC_HEADER_BYTES];
	int err;

	if (walk->bytes - walk->offset < sizeof(header))
		return fail(walk, error, "header cut short");
	err = walk->read(walk, walk->offset, header, sizeof(header));
	if (err)
		return err;
	if (memcmp(header, MAGIC, strlen(MAGIC)) != 0)
		return fail(walk, error, "bad magic");
	for (int i = 0; i < FIELDS; i++)
		if (!parse_hex(header + strlen(MAGIC) + i * 8, &fields[i]))
			return fail(walk, error, "a number is not hexadecimal");
	return 0;
}

/* Take "./" and "/" off the front. */
static void path_trim(char *path)
{
	char *start = path;

	for (;;) {
		if (start[0] == '/')
			start++;
		else if (start[0] == '.' && (start[1] == '/' || start[1] == '\0'))
			start++;
		else
			break;
	}
	memmove(path, start, strlen(start) + 1);
}

bool newc_component(const char *path, const char **start, size_t *bytes, const char **rest)
{
	while (*path == '/')
		path++;
	*start = path;
	while (*path && *path != '/')
		path++;
	*bytes = (size_t)(path - *start);
	while (*path == '/')
		path++;
	*rest = path;
	return *bytes <= NEWC_NAME_MAX &&
	       !(*bytes == 2 && (*start)[0] == '.' && (*start)[1] == '.') &&
	       !(*bytes == 1 && (*start)[0] == '.');
}

static bool path_is_sane(const char *path)
{
	const char *start, *rest = path;
	size_t bytes;

	while (*rest)
		if (!newc_component(rest, &start, &bytes, &rest))
			return false;
	return true;
}

static int read_name(struct newc_walk *walk, struct newc_member *member, uint32_t name_bytes,
	struct archive_error *error)
{
	uint64_t at = walk->offset + NEWC_HEADER_BYTES;
	int err;

	if (name_bytes == 0 || name_bytes > sizeof(member->path))
		return fail(walk, error, "name of a wrong length");
	if (walk->bytes - at < name_bytes)
		return fail(walk, error, "name cut short");
	err = walk->read(walk, at, member->path, name_bytes);
	if (err)
		return err;
	if (member->path[name_bytes - 1] != '\0')
		return fail(walk, error, "name without an end");
	return 0;
}

static int check_member(
	struct newc_walk *walk, struct newc_member *member, struct archive_error *error)
{
	uint32_t type = member->mode & S_IFMT;

	if (member->data_offset > walk->bytes || member->size > walk->bytes - member->data_offset)
		return fail(walk, error, "contents cut short");
	if (!path_is_sane(member->path))
		return fail(walk, error, "path with a forbidden component");
	if (type != S_IFREG && type != S_IFDIR && type != S_IFLNK && type != S_IFCHR &&
		type != S_IFBLK && type != S_IFIFO && type != S_IFSOCK)
		return fail(walk, error, "unknown file type");
	if (type == S_IFLNK && (member->size == 0 || member->size >= NEWC_PATH_MAX))
		return fail(walk, error, "link target of a wrong length");
	if (member->path[0] == '\0' && type != S_IFDIR)
		return fail(walk, error, "the root is not a directory");
	return 0;
}

int newc_next(struct newc_walk *walk, struct newc_member *member, struct archive_error *error)
{
	uint32_t field[FIELDS];
	int err;

	for (;;) {
		err = skip_zeros(walk);
		if (err == 1 && (walk->in_part || (walk->part == 0 && walk->bytes > 0)))
			return fail(walk, error, "no " TRAILER " at the end");
		if (!err)
			err = read_header(walk, field, error);
		if (!err)
			err = read_name(walk, member, field[NAMESIZE], error);
		if (err)
			return err;
		member->data_offset =
			ALIGN_UP(walk->offset + NEWC_HEADER_BYTES + field[NAMESIZE], 4);
		if (strcmp(member->path, TRAILER) != 0)
			break;
		walk->offset = min(member->data_offset, walk->bytes);
		walk->part++;
		walk->in_part = false;
		walk->number++;
	}
	path_trim(member->path);
	member->part = walk->part;
	member->ino = field[INO];
	member->mode = field[MODE];
	member->uid = field[UID];
	member->gid = field[GID];
	member->nlink = field[NLINK];
	member->mtime = field[MTIME];
	member->size = field[SIZE];
	member->dev_major = field[DEV_MAJOR];
	member->dev_minor = field[DEV_MINOR];
	member->rdev_major = field[RDEV_MAJOR];
	member->rdev_minor = field[RDEV_MINOR];
	err = check_member(walk, member, error);
	if (err)
		return err;
	walk->offset = min(ALIGN_UP(member->data_offset + member->size, 4), walk->bytes);
	walk->number++;
	walk->in_part = true;
	return 0;
}
