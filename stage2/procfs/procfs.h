#ifndef PROCFS_PROCFS_H
#define PROCFS_PROCFS_H
/*
 * /proc: what the kernel tells of itself and of its processes, in the form that programs know from
 * Linux (proc(5)). docs/proc.md says which files there are.
 */
#include "lib/compiler.h"

/* Mount it upon /proc; once, when there is a root. -ENOTDIR, -ENOMEM. May sleep. */
__must_check int procfs_mount(void);

#endif
