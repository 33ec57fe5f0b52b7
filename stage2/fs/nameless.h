#ifndef FS_NAMELESS_H
#define FS_NAMELESS_H
/*
 * Files in memory that have no name in any directory: memfd_create(2). And seals: what is never
 * again done to such a file (fcntl(2), F_ADD_SEALS).
 */
#include <stdbool.h>
#include <stdint.h>

#include "fs/vnode.h"
#include "io/file.h"
#include "lib/compiler.h"

/* A file of a file system that nobody can see, open to read and write, refs 1. text: what is shown
 * for its name. It is the caller's to be sealed if `sealable`, else it is sealed for good. -ENOMEM,
 * -ENOSPC. */
__must_check int nameless_create(
	const char *text, uint32_t mode, bool sealable, struct cred *cred, struct file **file);

/* F_ADD_SEALS, F_GET_SEALS. -EPERM (not open for writing; no more seals), -EINVAL (no file in
 * memory; no such seal), -EBUSY (it is mapped, shared, by who may write). */
int file_add_seals(struct file *file, uint32_t seals);
int file_get_seals(struct file *file);

/* May it be done? The vnode's lock is held. -EPERM. */
__must_check int seals_check_write(const struct vnode *vnode, uint64_t pos, size_t bytes);
__must_check int seals_check_size(const struct vnode *vnode, uint64_t bytes);
/* A shared mapping, without lock: *max_prot loses what is sealed. -EPERM. */
__must_check int seals_check_map(const struct file *file, uint32_t prot, uint32_t *max_prot);

#endif
