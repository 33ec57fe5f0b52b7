#ifndef IO_EVENTFD_H
#define IO_EVENTFD_H
/*
 * eventfd(2): a counter as a file. A read takes it (or 1 of it) and waits while it is 0; a write
 * adds.
 */
#include "io/file.h"
#include "lib/compiler.h"

/* A file with refs 1. flags: O_NONBLOCK; semaphore: a read takes 1. -ENOMEM. */
__must_check int eventfd_create(
	uint64_t initial, bool semaphore, uint32_t flags, struct cred *cred, struct file **file);

#endif
