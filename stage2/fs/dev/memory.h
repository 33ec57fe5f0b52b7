#ifndef FS_DEV_MEMORY_H
#define FS_DEV_MEMORY_H
/*
 * null, zero, full, random, urandom: for fs/dev alone.
 */
#include <stdint.h>

#include "io/file.h"

#define MEMORY_MAJOR 1

struct memory_device {
	const char *name;
	uint32_t minor;
	const struct file_ops *ops;
};

/* The index-th; NULL past the end. */
const struct memory_device *memory_device_at(unsigned index);
/* The operations of a device number; NULL: none of these. */
const struct file_ops *memory_device_ops(uint64_t rdev);

#endif
