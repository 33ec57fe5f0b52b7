#ifndef FS_SYNTH_NODE_H
#define FS_SYNTH_NODE_H
/*
 * Nodes of generated files: for synth alone.
 */
#include "fs/synth/synth.h"

struct synth_node {
	struct vnode vnode;
	const struct synth_entry *entry; /* [I] */
	struct synth_key key;            /* [I] */
};

static inline struct synth_node *synth_node_of(struct vnode *vnode)
{
	return container_of(vnode, struct synth_node, vnode);
}

/* file.c: open files. The file's operations are set. -EACCES ..., -ENOMEM. */
__must_check int synth_file_open(struct file *file);

#endif
