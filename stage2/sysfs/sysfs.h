#ifndef SYSFS_SYSFS_H
#define SYSFS_SYSFS_H
/*
 * /sys: the devices of the machine, as far as programs look for them there. docs/proc.md lists it.
 */
#include "lib/compiler.h"

/* Mount it upon /sys of the root, which must be mounted, and add its kind. Once, at boot. -ENOMEM,
 * -ENOTDIR. */
__must_check int sysfs_mount(void);

#endif
