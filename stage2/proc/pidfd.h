#ifndef PROC_PIDFD_H
#define PROC_PIDFD_H
/*
 * pidfd_open(2): a process as a file, whose number is not given to another while that is open. It
 * can be read from, as poll(2) has it, when the process has ended.
 */
#include <stdbool.h>

#include "io/file.h"
#include "lib/compiler.h"

struct pid;
struct proc;

/* A file with refs 1. flags: O_NONBLOCK. -ENOMEM. */
__must_check int pidfd_create(
	struct pid *pid, uint32_t flags, struct cred *cred, struct file **file);
/* What it is of, without a reference; NULL: it is no such file. */
struct pid *pidfd_pid(const struct file *file);

/* All threads of the process have ended: those who wait for that look. */
void pidfd_notify(struct pid *pid);

#endif
