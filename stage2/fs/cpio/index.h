#ifndef FS_CPIO_INDEX_H
#define FS_CPIO_INDEX_H
/*
 * The archive's index (abi/image.h), checked: whatever the bytes are, what passes can be used
 * without further checks. Pure: no locks, no sleep, nothing allocated.
 */
#include <stddef.h>
#include <stdint.h>

#include "abi/image.h"
#include "lib/compiler.h"

/* What is wrong with an archive, for the log: "archive: member 17: bad magic at offset 12345". */
struct archive_error {
	const char *what; /* a literal */
	const char *unit; /* "entry" of the index or "member" of the archive */
	uint64_t number;  /* which */
	uint64_t offset;  /* where in the archive, or in the index */
};

struct archive_names {
	const struct archive_index *header;
	const struct archive_entry *entries; /* header->count of them */
	const char *names;
};

/* Bytes that an index with this header takes, or 0 if it cannot be one of an archive of that size.
 */
uint64_t archive_index_bytes(const struct archive_index *header, uint64_t archive_bytes);

/* Check the index in buf[0 .. bytes), 8-byte aligned: checksum; every name, offset, size and
 * reference in bounds; parents are directories before their children; links lead to files before
 * them. It is not checked that names are unique: who enters them finds out. -EINVAL with *error
 * filled. */
__must_check int archive_index_check(const void *buf, uint64_t bytes, uint64_t archive_bytes,
	struct archive_names *names, struct archive_error *error);

#endif
