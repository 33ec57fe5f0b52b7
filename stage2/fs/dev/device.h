#ifndef FS_DEV_DEVICE_H
#define FS_DEV_DEVICE_H
/*
 * Device files: what opening a character device node means, on whichever file system the node lies.
 */
#include <stdint.h>

#include "io/file.h"
#include "lib/compiler.h"

struct superblock;

/* The operations of the device with this number. -ENXIO: there is none. */
__must_check int device_file_ops(uint64_t rdev, const struct file_ops **ops);
/* A file with such operations, its vnode set, is being opened. -ENXIO, -EIO, -ENOMEM. */
__must_check int device_open(struct file *file);

/* The device file system: a tmpfs with a node for each device, those that appear later included.
 * -ENOMEM. */
__must_check int devfs_create(struct superblock **sb);

#endif
