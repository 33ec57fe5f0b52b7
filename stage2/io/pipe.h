#ifndef IO_PIPE_H
#define IO_PIPE_H
/*
 * Pipes: a queue of bytes in memory between the files that write it and those that read it (POSIX
 * pipe(2), pipe(7) of Linux). A FIFO of a file system is a pipe that its node keeps while it is
 * open.
 */
#include <stdint.h>

#include "io/file.h"
#include "lib/compiler.h"

#define PIPE_BUF       4096  /* a write of at most this is never mixed with another */
#define PIPE_BYTES     65536 /* room, unless F_SETPIPE_SZ asked for another */
#define PIPE_BYTES_MAX (1024 * 1024)

struct pipe;

/* pipe2(2): both ends, each with refs 1. flags: O_NONBLOCK alone (O_CLOEXEC is the descriptor's).
 * -ENOMEM. */
__must_check int pipe_create_files(
	uint32_t flags, struct cred *cred, struct file **reader, struct file **writer);

/* FIFOs. A pipe with refs 1 and no ends yet; -ENOMEM. get and put count the nodes and files. */
__must_check int pipe_create(struct pipe **pipe);
void pipe_get(struct pipe *pipe);
void pipe_put(struct pipe *pipe);
/* Another end, by the file's access mode. Waits for the other side as open(2) of a FIFO does:
 * -EINTR; -ENXIO to write without waiting where nobody reads; -EINVAL: neither end. pipe_detach
 * undoes it. May sleep. */
__must_check int pipe_attach(struct pipe *pipe, struct file *file);
void pipe_detach(struct pipe *pipe, uint32_t flags);
/* File operations of any end: file->data is the pipe. */
ssize_t pipe_file_read(struct file *file, struct iter *iter, uint64_t *pos);
ssize_t pipe_file_write(struct file *file, struct iter *iter, uint64_t *pos);
uint32_t pipe_file_poll(struct file *file, struct poll_table *table);
long pipe_file_ioctl(struct file *file, unsigned request, uint64_t arg);

/*
 * Splicing. What is in a pipe, or what room is left in it, is held for oneself while it is moved
 * elsewhere: others wait meanwhile, or get -EAGAIN. Holding one, one does not wait for another.
 */
/* Bytes: 1; 0: the end. Room: how much, which only grows; -EPIPE. Both -EINTR, or -EAGAIN where one
 * does not wait. */
__must_check int pipe_hold_bytes(struct pipe *pipe, bool waits);
__must_check ssize_t pipe_hold_room(struct pipe *pipe, bool waits);
void pipe_release_bytes(struct pipe *pipe);
void pipe_release_room(struct pipe *pipe);
/* Copy bytes that are held, behind the first `skip`: how many, 0 where there are no more. Take the
 * first ones away. */
ssize_t pipe_peek(struct pipe *pipe, size_t skip, struct iter *iter);
void pipe_take_held(struct pipe *pipe, size_t bytes);
/* Into room that is held: how many; -ENOMEM, -EFAULT. */
ssize_t pipe_fill(struct pipe *pipe, struct iter *iter);

/* The pipe that an open file is an end of, or NULL. */
struct pipe *pipe_of(struct file *file);
/* fcntl F_SETPIPE_SZ: room for at least `bytes`; the new room. -EBUSY (more is in it), -EINVAL,
 * -EPERM (more than PIPE_BYTES_MAX), -ENOMEM. */
long pipe_resize(struct pipe *pipe, uint64_t bytes);
long pipe_room(const struct pipe *pipe);

#endif
