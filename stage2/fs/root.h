#ifndef FS_ROOT_H
#define FS_ROOT_H
/*
 * The root file system: a tmpfs whose nodes come from the root archive (abi/image.h) and whose
 * pages are filled from it on first use, and the device file system upon its /dev.
 *
 * All functions: once, at boot, in a thread. A damaged archive gives -EINVAL, after a log line that
 * says which member or entry is wrong and how; nothing is mounted then.
 */
#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

struct blk_device; /* dev/blk.h */
struct superblock;

/* An archive that the loader placed in memory; its pages become the files' pages, without a copy.
 */
__must_check int root_mount_archive_memory(paddr_t paddr, uint64_t bytes);
/* An archive on a disk, at a byte offset (a multiple of the sector): -EIO. */
__must_check int root_mount_archive_disk(struct blk_device *disk, uint64_t offset, uint64_t bytes);
/* No archive: an empty root with /dev. */
__must_check int root_mount_empty(void);

/* Mount a file system upon a directory ("proc", "dev/pts"), which is made if it is missing; takes
 * over the use of sb in any case. -ENOTDIR, -ENOMEM, -ENODEV: no root. */
__must_check int root_mount_upon(const char *path, struct superblock *sb, const char *source);

/* Look for the disk that the machine was booted from, by the id in its image header, and where the
 * archive lies on it. -ENODEV: no disk has it. *bytes 0: the image has no archive. */
__must_check int boot_disk_find(
	uint64_t image_id, struct blk_device **disk, uint64_t *offset, uint64_t *bytes);

#endif
