#ifndef IO_FDTABLE_H
#define IO_FDTABLE_H
/*
 * Descriptor tables: small numbers for open files. A table may be shared by several processes
 * (CLONE_FILES). Lookup takes no lock that other CPUs wait for.
 */
#include <stdbool.h>
#include <stdint.h>

#include "io/file.h"
#include "lib/compiler.h"

#define FD_INLINE    64
#define FD_LIMIT_MAX 1048576 /* what RLIMIT_NOFILE can be at most (fs.nr_open) */

/* Known here for the sake of fd_borrow alone. */
struct fdtable {
	uint32_t refs;            /* [a] */
	struct spinlock lock;     /* RANK_REFS */
	size_t capacity;          /* [lock] a multiple of 64 */
	struct file **files;      /* [lock] */
	uint64_t *open, *cloexec; /* [lock] in one allocation with files, behind it */
	struct file *inline_files[FD_INLINE];
	uint64_t inline_open, inline_cloexec;
};

__must_check int fdtable_create(struct fdtable **table);
/* A copy for fork: the same files, each with another reference. -ENOMEM. */
__must_check int fdtable_copy(struct fdtable *from, struct fdtable **copy);
void fdtable_get(struct fdtable *table);
void fdtable_put(struct fdtable *table); /* closes all with the last reference; may sleep */
/* exec: close what has FD_CLOEXEC. */
void fdtable_close_on_exec(struct fdtable *table);
static inline bool fdtable_shared(const struct fdtable *table)
{
	return READ_ONCE(table->refs) > 1;
}
/* No descriptor is above this, whatever RLIMIT_NOFILE says now. */
size_t fdtable_end(struct fdtable *table);

/* The file of fd, with a reference (NULL: it is not open), also for who looks at a table from
 * outside and keeps it from going. Does not sleep. */
struct file *fd_look(struct fdtable *table, int fd);

/* The file of fd (NULL: it is not open) of the running thread's own table, until fd_return, which
 * is to come before the end of the call. A reference is counted only where somebody else could
 * close fd meanwhile. */
struct fd_ref {
	struct file *file;
	bool counted;
};

/* The same while the table is not shared, as it is while its only thread makes a call. */
static inline struct file *fd_own(const struct fdtable *table, int fd)
{
	return (unsigned)fd < table->capacity ? table->files[(unsigned)fd] : NULL;
}

static inline struct fd_ref fd_borrow(struct fdtable *table, int fd)
{
	if (unlikely(fdtable_shared(table))) {
		struct file *file = fd_look(table, fd);

		return (struct fd_ref){ file, file != NULL };
	}
	return (struct fd_ref){ fd_own(table, fd), false };
}

static inline void fd_return(struct fd_ref ref)
{
	if (unlikely(ref.counted))
		file_put(ref.file);
}

/* The file of fd, with a reference for the caller. -EBADF. */
__must_check int fd_get(struct fdtable *table, int fd, struct file **file);
/* Are all descriptors of a set (a bitmap of so many words) open? */
bool fds_are_open(struct fdtable *table, const uint64_t *set, size_t words);
/* For who looks from outside, and does not hold the table, but keeps it from going: the lowest open
 * descriptor from fd on (-1: none); how many the table has room for. They do not sleep. */
int fd_next(struct fdtable *table, int fd);
size_t fdtable_capacity(struct fdtable *table);
/* Give the file the lowest free number >= lowest, below limit (RLIMIT_NOFILE); takes over the
 * caller's reference on success. -EMFILE, -ENOMEM. */
__must_check int fd_install(struct fdtable *table, struct file *file, int lowest, uint64_t limit,
	bool cloexec, int *fd);
/* The same in two steps: the lowest free number is taken, but not open until it is filled, which
 * takes over the caller's reference, or given back. */
__must_check int fd_reserve(struct fdtable *table, uint64_t limit, int *fd);
void fd_fill(struct fdtable *table, int fd, struct file *file, bool cloexec);
void fd_unreserve(struct fdtable *table, int fd);
/* dup2, dup3: at exactly `fd`, closing what was there. -EBADF (fd >= limit), -ENOMEM, -EBUSY
 * (another thread has reserved it). */
__must_check int fd_install_at(
	struct fdtable *table, struct file *file, int fd, uint64_t limit, bool cloexec);
int fd_close(struct fdtable *table, int fd);
/* FD_CLOEXEC of fd. -EBADF. */
__must_check int fd_get_cloexec(struct fdtable *table, int fd, bool *cloexec);
__must_check int fd_set_cloexec(struct fdtable *table, int fd, bool cloexec);

#endif
