#ifndef FS_FIFO_H
#define FS_FIFO_H
/*
 * FIFOs: nodes of a file system that stand for a pipe while they are open.
 */
#include "fs/vnode.h"
#include "io/file.h"
#include "lib/compiler.h"

/* Operations of an open FIFO. */
extern const struct file_ops fifo_file_ops;

/* Make file, of a FIFO's vnode, an end of its pipe: waits for the other side as open(2) does.
 * -EINTR, -ENXIO, -ENOMEM. */
__must_check int fifo_open(struct file *file);

#endif
