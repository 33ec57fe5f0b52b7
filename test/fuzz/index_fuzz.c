/*
 * fs/cpio/index.h on any bytes, their checksum made right: what passes needs no further check.
 *
 * links: stage2/fs/cpio/index.c
 */
#include "abi/stat.h"
#include "fs/cpio/index.h"
#include "lib/crc32.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ARCHIVE_BYTES (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void check_entry(const struct archive_names *names, uint32_t number)
{
	const struct archive_entry *entry = &names->entries[number];

	check(entry->parent < number && S_ISDIR(names->entries[entry->parent].mode));
	check(entry->name_bytes > 0 && entry->name_bytes <= 255);
	check((uint64_t)entry->name_offset + entry->name_bytes <= names->header->names_bytes);
	check(!memchr(names->names + entry->name_offset, '/', entry->name_bytes));
	check(entry->link <= number && names->entries[entry->link].link == entry->link);
	if (S_ISREG(entry->mode) && entry->size)
		check(entry->data_offset <= ARCHIVE_BYTES &&
			entry->size <= ARCHIVE_BYTES - entry->data_offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct archive_index *index = malloc(bytes ? bytes : 1);
	struct archive_names names;
	struct archive_error error;

	memcpy(index, data, bytes);
	if (bytes >= sizeof(*index)) {
		uint64_t span = archive_index_bytes(index, ARCHIVE_BYTES);

		if (span >= sizeof(*index) && span <= bytes)
			index->crc32 = crc32(0, index + 1, span - sizeof(*index));
	}
	if (archive_index_check(index, bytes, ARCHIVE_BYTES, &names, &error) == 0)
		for (uint32_t i = 1; i < names.header->count; i++)
			check_entry(&names, i);
	else
		check(error.what);
	free(index);
	return 0;
}
