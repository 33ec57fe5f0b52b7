#ifndef IO_LOCK_H
#define IO_LOCK_H
/*
 * Advisory locks on files: record locks (fcntl), whose owner is a descriptor table (POSIX) or an
 * open file (F_OFD_SETLK), and whole-file locks (flock), whose owner is an open file. Records and
 * whole-file locks do not see each other. A file is known by its vnode; files without one (pipes,
 * sockets) cannot be locked.
 *
 * All may sleep; no lock is held on entry or return.
 */
#include <stdbool.h>
#include <stdint.h>

#include "io/file.h"
#include "lib/compiler.h"

struct fdtable;

enum lock_type { LOCK_NONE, LOCK_SHARED, LOCK_EXCLUSIVE };

#define LOCK_PID_NONE UINT32_MAX

struct lock_range {
	enum lock_type type;
	uint64_t first, last; /* bytes, both included */
	uint32_t pid;         /* who asks, an open file: LOCK_PID_NONE; of a conflict: who has it */
};

/* Set, change or (LOCK_NONE) remove the locks of the owner, a struct fdtable or the file itself, on
 * a range. -EAGAIN: another owner's lock is in the way and wait is false; -EINTR; -EDEADLK: waiting
 * would never end; -ENOLCK: no memory; -EINVAL: the file cannot be locked. */
__must_check int lock_set_record(
	struct file *file, const void *owner, const struct lock_range *range, bool wait);
__must_check int lock_set_whole(struct file *file, enum lock_type type, bool wait);

/* The first record lock of another owner that is in the way of *range, which becomes that lock;
 * type LOCK_NONE: none is. */
void lock_test_record(struct file *file, const void *owner, struct lock_range *range);

/* A descriptor of the file was closed: the table's record locks on it go (POSIX), whatever other
 * descriptors of it there are. The last reference to an open file has gone: so do its own locks. */
void lock_release_records(struct file *file, struct fdtable *owner);
void lock_release_own(struct file *file);

#endif
