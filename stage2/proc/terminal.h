#ifndef PROC_TERMINAL_H
#define PROC_TERMINAL_H
/*
 * Controlling terminals (POSIX 11.1), as far as processes know them: which session a terminal
 * belongs to, which of its groups is in the foreground, and who gets its signals. Its bytes are
 * tty's, which embeds a struct terminal in each of its own.
 *
 * All of this is under the tree lock; functions take it themselves and may sleep, those named
 * _locked expect it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/compiler.h"

struct pid;
struct proc;
struct terminal;

/* Called with the tree lock held: they do not sleep. */
struct terminal_ops {
	/* Count who holds it; put may free it. */
	void (*get)(struct terminal *terminal);
	void (*put)(struct terminal *terminal);
	/* The leader of its session ends. */
	void (*session_ended)(struct terminal *terminal);
};

struct terminal {
	const struct terminal_ops *ops; /* [I] */
	uint64_t rdev;                  /* [I] for /proc/PID/stat */
	struct pid *session;            /* [tree lock] reference held; NULL: of no session */
	struct pid *group;              /* [tree lock] in the foreground; reference held */
};

/* The controlling terminal of the running process, with a reference; NULL: none. */
struct terminal *terminal_current(void);
/* Is it that of the running process? */
bool terminal_is_current(struct terminal *terminal);

/* TIOCSCTTY: the running process leads a session without a terminal, and the terminal has no
 * session, or `steal` lets root take it. -EPERM. */
__must_check int terminal_acquire(struct terminal *terminal, bool steal);
/* The same by opening it: where it cannot be done, nothing happens. */
void terminal_acquire_by_open(struct terminal *terminal);
/* TIOCNOTTY: the running process gives it up; a session's leader for all of them, and the group in
 * the foreground gets SIGHUP and SIGCONT. -ENOTTY. */
__must_check int terminal_release(struct terminal *terminal);

/* tcsetpgrp, tcgetpgrp (0: there is none), tcgetsid. -ENOTTY, -EINVAL, -ESRCH, -EPERM. */
__must_check int terminal_set_group(struct terminal *terminal, int group);
int terminal_get_group(struct terminal *terminal);
__must_check int terminal_get_session(struct terminal *terminal, int *number);

/* May the running process read (SIGTTIN), or write and change settings (SIGTTOU)? In the background
 * its group gets the signal: -EINTR; -EIO: nobody would continue it, or it must not read. */
__must_check int terminal_check(struct terminal *terminal, int signal);
/* A signal for the group in the foreground. */
void terminal_signal(struct terminal *terminal, int signal);
/* The line is gone: SIGHUP and SIGCONT for the session's leader; it is nobody's terminal any more.
 */
void terminal_hangup(struct terminal *terminal);

/* For proc: a child inherits it, a new session is without, a process ends: with a session's leader
 * its group in the foreground gets SIGHUP. */
void terminal_inherit_locked(struct proc *child, struct proc *parent);
void terminal_drop_locked(struct proc *proc);
void terminal_exit_locked(struct proc *proc);

#endif
