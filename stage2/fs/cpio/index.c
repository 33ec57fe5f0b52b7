/*
 * Checking the archive's index. It may come from a damaged disk: every number in it is doubted
 * once, here.
 */
#include "fs/cpio/index.h"

#include <stdbool.h>

#include "abi/errno.h"
#include "abi/stat.h"
#include "lib/crc32.h"
#include "lib/string.h"

#define INDEX_NAME_MAX   255
#define INDEX_TARGET_MAX 4095

uint64_t archive_index_bytes(const struct archive_index *header, uint64_t archive_bytes)
{
	uint64_t bytes = sizeof(*header) + (uint64_t)header->count * sizeof(struct archive_entry) +
	                 header->names_bytes;

	if (memcmp(header->magic, ARCHIVE_INDEX_MAGIC, sizeof(header->magic)) != 0 ||
		header->count == 0 || bytes > archive_bytes)
		return 0;
	return bytes;
}

static const char *check_name(const struct archive_names *names, const struct archive_entry *entry)
{
	const char *name = names->names + entry->name_offset;

	if (entry->name_offset > names->header->names_bytes ||
		entry->name_bytes > names->header->names_bytes - entry->name_offset)
		return "name out of bounds";
	if (entry->name_bytes == 0 || entry->name_bytes > INDEX_NAME_MAX)
		return "name of a wrong length";
	if (memchr(name, '/', entry->name_bytes) || memchr(name, '\0', entry->name_bytes))
		return "name with a forbidden character";
	if (name[0] == '.' &&
		(entry->name_bytes == 1 || (entry->name_bytes == 2 && name[1] == '.')))
		return "name is . or ..";
	return NULL;
}

static const char *check_contents(const struct archive_entry *entry, uint64_t archive_bytes)
{
	uint32_t mode = entry->mode;

	if (!S_ISREG(mode) && !S_ISLNK(mode))
		return NULL;
	if (entry->size > 0 && (entry->data_offset > archive_bytes ||
				       entry->size > archive_bytes - entry->data_offset))
		return "contents out of bounds";
	if (S_ISLNK(mode) && (entry->size == 0 || entry->size > INDEX_TARGET_MAX))
		return "link target of a wrong length";
	return NULL;
}

static bool mode_is_known(uint32_t mode)
{
	if (mode & ~(uint32_t)(S_IFMT | S_IALLUGO))
		return false;
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) || S_ISCHR(mode) || S_ISBLK(mode) ||
	       S_ISFIFO(mode) || S_ISSOCK(mode);
}

static const char *check_link(const struct archive_names *names, uint32_t number)
{
	const struct archive_entry *entry = &names->entries[number];
	const struct archive_entry *first;

	if (entry->link > number)
		return "link to a later entry";
	if (entry->link == number)
		return NULL;
	first = &names->entries[entry->link];
	if (first->link != entry->link)
		return "link to a link";
	if (S_ISDIR(entry->mode) || first->mode != entry->mode)
		return "link to a file of another kind";
	return NULL;
}

static const char *check_entry(
	const struct archive_names *names, uint32_t number, uint64_t archive_bytes)
{
	const struct archive_entry *entry = &names->entries[number];
	const char *wrong;

	if (!mode_is_known(entry->mode))
		return "unknown file type";
	if (number == 0)
		return !S_ISDIR(entry->mode) || entry->parent != 0 ? "not a root directory" : NULL;
	if (entry->parent >= number)
		return "parent is not before its child";
	if (!S_ISDIR(names->entries[entry->parent].mode))
		return "parent is not a directory";
	wrong = check_name(names, entry);
	if (!wrong)
		wrong = check_contents(entry, archive_bytes);
	if (!wrong)
		wrong = check_link(names, number);
	return wrong;
}

int archive_index_check(const void *buf, uint64_t bytes, uint64_t archive_bytes,
	struct archive_names *names, struct archive_error *error)
{
	const struct archive_index *header = buf;

	*error = (struct archive_error){ .unit = "entry" };
	if (bytes < sizeof(*header) || archive_index_bytes(header, archive_bytes) == 0 ||
		archive_index_bytes(header, archive_bytes) > bytes)
		error->what = "not an index, or cut short";
	else if (header->archive_bytes > archive_bytes)
		error->what = "the archive is cut short";
	else if (crc32(0, header + 1,
			 archive_index_bytes(header, archive_bytes) - sizeof(*header)) !=
		 header->crc32)
		error->what = "wrong checksum of the index";
	if (error->what)
		return -EINVAL;
	names->header = header;
	names->entries = (const struct archive_entry *)(header + 1);
	names->names = (const char *)(names->entries + header->count);
	for (uint32_t i = 0; i < header->count; i++) {
		error->what = check_entry(names, i, archive_bytes);
		if (error->what) {
			error->number = i;
			error->offset = sizeof(*header) + (uint64_t)i * sizeof(*names->entries);
			return -EINVAL;
		}
	}
	return 0;
}
