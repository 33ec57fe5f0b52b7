#ifndef PROCFS_SUBJECT_H
#define PROCFS_SUBJECT_H
/*
 * The process that a file of /proc/PID tells of. It may end at any time, and its number may be
 * given to another: the key has the time of its start as well.
 *
 * In a key: object is the process's number, stamp its start, part a thread's number (below task/)
 * or a descriptor (below fd/).
 */
#include <stdbool.h>

#include "fs/synth/synth.h"
#include "lib/compiler.h"
#include "proc/proc.h"

/* The key of a process. */
struct synth_key subject_key(const struct proc *proc);
/* The process, with a reference. -ESRCH: it has gone. */
__must_check int subject_get(const struct synth_key *key, struct proc **proc);
/* The same of an open directory /proc/PID. -EBADF: it is none. */
__must_check int subject_of_directory(const struct file *file, struct proc **proc);

/* Its parts, with a reference; NULL: it has ended, and has none any more. */
struct aspace *subject_aspace(struct proc *proc);
struct fs_context *subject_fs(struct proc *proc);
struct file *subject_exe(struct proc *proc);
/* The open file of a descriptor. */
struct file *subject_file(struct proc *proc, int fd);
/* The lowest open descriptor from `fd` on; -1: none. */
int subject_next_fd(struct proc *proc, int fd);

/* May the running thread look into it: ptrace(2), PTRACE_MODE_READ_FSCREDS. */
bool subject_open_to_us(struct proc *proc);
/* The same of its memory and descriptors by a call: PTRACE_MODE_ATTACH_REALCREDS. */
bool subject_traceable_by_us(struct proc *proc);
/* The same as synth_entry.permit: -EACCES, -ESRCH. And for what anybody may see: -ESRCH. */
int subject_permit(const struct synth_key *key);
int subject_permit_all(const struct synth_key *key);
/* struct synth_fs.owner */
void subject_owner(const struct synth_key *key, uint32_t mode, uint32_t *uid, uint32_t *gid);

/* The thread that a key tells of: part, or the first one. NULL: none. Under proc->lock. */
struct uthread *subject_thread_locked(const struct synth_key *key, struct proc *proc);

#endif
