#ifndef FS_CPIO_POPULATE_H
#define FS_CPIO_POPULATE_H
/*
 * An archive's nodes become those of a tmpfs.
 */
#include "fs/cpio/archive.h"
#include "fs/superblock.h"
#include "lib/compiler.h"

/* Enter every member of the archive into an empty tmpfs that nobody sees yet. Contents are read
 * later; with an index, nothing but that is read now. The archive must live for ever. -EINVAL after
 * a log line that says what is wrong; -EIO, -ENOMEM, -ENOSPC. What was entered so far stays.
 * Sleeps. */
__must_check int archive_populate(struct archive *archive, struct superblock *sb);

#endif
