#ifndef IO_TIMERFD_H
#define IO_TIMERFD_H
/*
 * timerfd_create(2): a timer as a file. A read waits until it is due and says how often it was.
 */
#include <stdbool.h>

#include "io/file.h"
#include "lib/compiler.h"
#include "lib/itimer.h"

/* A file with refs 1, its timer off. number: CLOCK_*, which goes by the wall clock or does not.
 * flags: O_NONBLOCK. -ENOMEM. */
__must_check int timerfd_create(
	int number, bool wall, uint32_t flags, struct cred *cred, struct file **file);

/* flags: TFD_TIMER_*. -EINVAL: the file is no timer; -ECANCELED: it has been set, but the wall
 * clock was set meanwhile, and it is to tell. old: what it was. */
__must_check int timerfd_set(struct file *file, int flags, const struct itimer_setting *setting,
	struct itimer_setting *old);
__must_check int timerfd_get(struct file *file, struct itimer_setting *setting);
/* The clock's number. -EINVAL. */
__must_check int timerfd_clock(struct file *file);

/* The wall clock has been set: those that want to know are told. */
void timerfd_wall_was_set(void);

#endif
