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

struct fdtable;

__must_check int fdtable_create(struct fdtable **table);
/* A copy for fork: the same files, each with another reference. -ENOMEM. */
__must_check int fdtable_copy(struct fdtable *from, struct fdtable **copy);
void fdtable_get(struct fdtable *table);
void fdtable_put(struct fdtable *table); /* closes all with the last reference; may sleep */
/* exec: close what has FD_CLOEXEC. */
void fdtable_close_on_exec(struct fdtable *table);
bool fdtable_shared(struct fdtable *table);
/* No descriptor is above this, whatever RLIMIT_NOFILE says now. */
size_t fdtable_end(struct fdtable *table);

/* The file of fd, with a reference for the caller. -EBADF. */
__must_check int fd_get(struct fdtable *table, int fd, struct file **file);
/* For who looks from outside, and does not hold the table, but keeps it from going: the file of fd,
 * with a reference (NULL: none); the lowest open descriptor from fd on (-1: none); how many the
 * table has room for. They do not sleep. */
struct file *fd_look(struct fdtable *table, int fd);
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
