#ifndef FS_DEV_DEVICE_H
#define FS_DEV_DEVICE_H
/*
 * Device files: what opening a character device node means, on whichever file system the node lies.
 */
#include <stdint.h>

#include "io/file.h"
#include "lib/compiler.h"
#include "lib/list.h"

struct node_spec;

/* Devices that a higher room serves: a range of device numbers and what opening one means. It comes
 * before a character device (dev/chr.h) of the same number. */
struct device_class {
	struct list_head link;
	const char *name; /* [I] for /proc/devices */
	uint64_t rdev;    /* [I] the first number */
	uint64_t count;   /* [I] how many */
	const struct file_ops *ops;
	/* file->vnode is set, file->flags may have O_NOCTTY. May sleep. */
	int (*open)(struct file *file);
};

/* Add one, which must live for ever; at boot, before programs run. */
void device_class_add(struct device_class *class);
/* The index-th; NULL: there are no more. */
const struct device_class *device_class_at(unsigned index);
/* Operations for its files; what release does comes last in theirs. */
int device_stat(struct file *file, struct stat *stat);
void device_release(struct file *file);

/* The operations of the device with this number. -ENXIO: there is none. */
__must_check int device_file_ops(uint64_t rdev, const struct file_ops **ops);
/* A file with such operations, its vnode set, is being opened. -ENXIO, -EIO, -ENOMEM. */
__must_check int device_open(struct file *file);

/* Make the device file systems, mount them upon /dev and /dev/pts of the root, and add their kinds.
 * Once, at boot. -ENOMEM, -ENOTDIR. */
__must_check int devfs_mount(void);

/* A node in /dev (dir NULL) or in /dev/pts (dir "pts"). Nothing happens where the name is there.
 * -ENOENT (another dir), -ENOMEM. */
__must_check int devfs_add(const char *dir, const char *name, const struct node_spec *spec);
/* The node of a device that has gone. */
void devfs_remove(const char *dir, const char *name);

#endif
