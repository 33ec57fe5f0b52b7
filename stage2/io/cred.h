#ifndef IO_CRED_H
#define IO_CRED_H
/*
 * Credentials: counted, never changed once shared; setuid and the like make a new one.
 */
#include <stdbool.h>
#include <stdint.h>

#include "abi/capability.h"
#include "lib/compiler.h"

#define CRED_GROUPS_MAX 64

struct cred {
	uint32_t refs; /* [a] */
	/* [I] once shared */
	uint32_t uid, euid, suid, fsuid;
	uint32_t gid, egid, sgid, fsgid;
	/* capabilities(7): sets of CAP_BIT()s */
	uint64_t permitted, effective, inheritable, bounding, ambient;
	uint32_t securebits;
	uint32_t group_count;
	uint32_t groups[CRED_GROUPS_MAX];
};

/* Root's; its reference is never dropped. */
struct cred *cred_root(void);
/* A private copy with refs 1. -ENOMEM. */
__must_check int cred_copy(const struct cred *from, struct cred **copy);
void cred_get(struct cred *cred);
void cred_put(struct cred *cred);
/* fsgid or a supplementary group. */
bool cred_in_group(const struct cred *cred, uint32_t gid);
/* Way up: the running thread's credentials and its process's number; the kernel's own threads are
 * root, and number 0. No reference. pid may be NULL. */
struct cred *on_caller_wanted(uint32_t *pid);

/* Has it the capability (CAP_...) in effect? */
static inline bool cred_may(const struct cred *cred, unsigned capability)
{
	return cred->effective & CAP_BIT(capability);
}
/* Either of two. */
static inline bool cred_may_either(const struct cred *cred, unsigned one, unsigned other)
{
	return cred->effective & (CAP_BIT(one) | CAP_BIT(other));
}

/* Its rights to files or to processes are others; of capabilities, more. */
static inline bool cred_acts_otherwise(const struct cred *old, const struct cred *new)
{
	return old->euid != new->euid || old->egid != new->egid || old->fsuid != new->fsuid ||
	       old->fsgid != new->fsgid || (new->permitted & ~old->permitted);
}

/* `cred`, a copy of `old`, has got other user ids: which capabilities go or come with them. The
 * second for the one of files alone. */
void cred_follow_uids(struct cred *cred, const struct cred *old);
void cred_follow_fsuid(struct cred *cred, const struct cred *old);

/* Are the ids and capabilities in effect those that the real ids would have? A private copy is to
 * act as these: access(2). */
bool cred_acts_real(const struct cred *cred);
void cred_act_real(struct cred *cred);

/* `cred`, a copy of `old`, whose euid and egid are what the file's bits say, begins a program: its
 * capabilities, saved and file ids. It gets no capabilities that `old` has not where its root is
 * shared with others, who could show it other files, or with no_new_privs; nor, then, other ids.
 * Returns whether it is to be on its guard against its user (AT_SECURE). */
bool cred_begin_program(
	struct cred *cred, const struct cred *old, bool root_shared, bool no_new_privs);

/* May the sets be a thread's that has `old`? -EPERM. They are `cred`'s then. */
__must_check int cred_set_capabilities(struct cred *cred, const struct cred *old,
	uint64_t effective, uint64_t permitted, uint64_t inheritable);

#endif
