#ifndef PROC_SIGNALFD_H
#define PROC_SIGNALFD_H
/*
 * signalfd(2): signals read from a file. Who reads or polls it takes and sees its own signals,
 * whoever made it: a child that has inherited one gets the child's.
 */
#include "abi/signal.h"
#include "io/file.h"
#include "lib/compiler.h"

struct proc;

/* A file with refs 1. flags: O_NONBLOCK. -ENOMEM. */
__must_check int signalfd_create(
	sigset_t wanted, uint32_t flags, struct cred *cred, struct file **file);
/* Other signals from now on. -EINVAL: it is no such file. */
__must_check int signalfd_set(struct file *file, sigset_t wanted);

/* A signal was sent to proc or one of its threads: those who wait for it look. Lock held. */
void signalfd_notify_locked(struct proc *proc);

#endif
