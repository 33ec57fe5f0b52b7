#ifndef PROC_POSIX_TIMER_H
#define PROC_POSIX_TIMER_H
/*
 * The timers that a process makes, timer_create(2), each with a number. Functions without _locked
 * are about the running process and return 0 or -errno as the manual page says.
 */
#include <stdint.h>

#include "abi/signal.h"
#include "lib/compiler.h"
#include "lib/itimer.h"
#include "lib/rbtree.h"

struct posix_timer;
struct proc;

/* Part of struct proc; guarded by its lock. */
struct posix_timers {
	struct rb_tree by_id;
	int32_t next_id; /* where the search for a free number begins */
	uint32_t count;
};

void posix_timers_init(struct posix_timers *timers);
/* exec, exit: all go. Signals that were sent stay. Other threads of the process have gone. */
void posix_timers_end(struct proc *proc);

/* event NULL: SIGALRM, whose value is the number. -EAGAIN: more than RLIMIT_SIGPENDING, or no
 * memory; -EINVAL, -EOPNOTSUPP, -EPERM: the clock. */
__must_check int posix_timer_create(int clock, const struct sigevent *event, int32_t *id);
/* absolute: left_ns is a time of the clock; 0 is off in any case. old may be NULL. */
__must_check int posix_timer_set(int32_t id, bool absolute, const struct itimer_setting *setting,
	struct itimer_setting *old);
__must_check int posix_timer_get(int32_t id, struct itimer_setting *setting);
/* How many expiries the signal that was taken last stood for besides its own. */
__must_check int posix_timer_overrun(int32_t id);
int posix_timer_delete(int32_t id);

/* Its signal was taken, and gets its overrun; or forgotten (info NULL). The timer goes on. */
void posix_timer_taken_locked(struct posix_timer *timer, struct siginfo *info);

#endif
