#ifndef IO_EPOLL_H
#define IO_EPOLL_H
/*
 * epoll(7): a set of files of which one waits for events; waiting costs by what is ready, not by
 * how many are in the set.
 */
#include <stdint.h>

#include "abi/epoll.h"
#include "io/file.h"
#include "lib/compiler.h"

/* An empty set as a file with refs 1. -ENOMEM. */
__must_check int epoll_create_file(struct cred *cred, struct file **file);

/* epoll_ctl(2) on set `epoll` about `file`, which the caller knows as `fd` and holds a reference
 * to. The set holds none: a file leaves it when its last reference goes. -EEXIST, -ENOENT, -ENOMEM,
 * -EPERM (file cannot be polled), -EINVAL (epoll is no set, or the same one; EPOLLEXCLUSIVE where
 * it cannot be), -ELOOP (a set would be in itself, or too deep in others). */
int epoll_control(struct file *epoll, int command, int fd, struct file *file,
	const struct epoll_event *event);

/* Up to `max` events to the program's array; waits until the deadline for the first. Their number
 * (0: time is up), -EINVAL (no set), -EINTR, -EFAULT. */
int epoll_collect(struct file *epoll, uptr_t events, int max, uint64_t deadline_ns);

/* file_put: the last reference to a file that is in sets has gone. */
void epoll_forget(struct file *file);

#endif
