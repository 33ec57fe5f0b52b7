#ifndef FS_CONTEXT_H
#define FS_CONTEXT_H
/*
 * Where a process stands in the tree of names: root, working directory, umask. Counted, so that
 * threads (CLONE_FS) share one.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "fs/mount.h"
#include "lib/compiler.h"

struct fs_context {
	uint32_t refs;         /* [a] */
	uint32_t umask;        /* [a] */
	struct spinlock lock;  /* RANK_REFS */
	struct path root, cwd; /* [lock] */
	uint32_t processes;    /* [lock] that stand here */
	uint32_t execs;        /* [lock] by the only one of them: nobody is to join it meanwhile */
};

/* Root and working directory are the root mount's root, umask 022. -ENODEV: no root; -ENOMEM. */
__must_check int fs_context_create(struct fs_context **context);
/* For fork. -ENOMEM. */
__must_check int fs_context_copy(struct fs_context *from, struct fs_context **copy);
void fs_context_get(struct fs_context *context);
void fs_context_put(struct fs_context *context);
/* A process, with a reference: of that which made the context, it is the first one. -EAGAIN: the
 * only one executes a program. */
__must_check int fs_context_join(struct fs_context *context);
void fs_context_leave(struct fs_context *context);
bool fs_context_shared(struct fs_context *context);
/* exec: true if no other process stands there, nor joins until the end. */
__must_check bool fs_context_exec_begin(struct fs_context *context);
void fs_context_exec_end(struct fs_context *context);

/* Root or working directory, with references for the caller. */
void fs_context_root(struct fs_context *context, struct path *root);
void fs_context_cwd(struct fs_context *context, struct path *cwd);
/* Takes over the references. */
void fs_context_set_root(struct fs_context *context, const struct path *root);
void fs_context_set_cwd(struct fs_context *context, const struct path *cwd);
/* Whoever stands at `from` stands at `to`. */
void fs_context_replace(struct fs_context *context, const struct path *from, const struct path *to);

#endif
