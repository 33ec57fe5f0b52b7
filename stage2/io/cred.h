#ifndef IO_CRED_H
#define IO_CRED_H
/*
 * Credentials: counted, never changed once shared; setuid and the like make a new one.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/compiler.h"

#define CRED_GROUPS_MAX 64

struct cred {
	uint32_t refs; /* [a] */
	/* [I] once shared */
	uint32_t uid, euid, suid, fsuid;
	uint32_t gid, egid, sgid, fsgid;
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

/* Its rights to files or to processes are others. */
static inline bool cred_acts_otherwise(const struct cred *old, const struct cred *new)
{
	return old->euid != new->euid || old->egid != new->egid || old->fsuid != new->fsuid ||
	       old->fsgid != new->fsgid;
}

static inline bool cred_is_root(const struct cred *cred)
{
	return cred->fsuid == 0;
}

#endif
