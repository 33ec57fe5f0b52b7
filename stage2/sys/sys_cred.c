/*
 * Credentials: who a process is, and becoming somebody else.
 *
 * The main idea: credentials are never changed once shared. Each call here copies them, changes the
 * copy if it may, and puts it in the place of the old ones.
 */
#include "sys/sys.h"

#define KEEP UINT32_MAX /* -1: leave this one */

/* What the process holds in memory may be more than its new user may see. */
long sys_cred_install(struct cred *cred)
{
	struct proc *proc = proc_current();
	struct cred *old;

	proc_lock(proc);
	if (proc_charge_locked(proc, cred->uid)) {
		proc_unlock(proc);
		cred_put(cred);
		return -EAGAIN;
	}
	old = proc->cred;
	proc_set_cred_locked(proc, cred);
	if (cred_acts_otherwise(old, cred)) {
		proc->dumpable = false;
		proc->death_signal = 0;
	}
	proc_unlock(proc);
	cred_put(old);
	return 0;
}

static int cred_begin(struct cred **cred)
{
	return cred_copy(cred_current(), cred);
}

static bool may_set_uid(void)
{
	return cred_may(cred_current(), CAP_SETUID);
}

static bool may_set_gid(void)
{
	return cred_may(cred_current(), CAP_SETGID);
}

/* ---- asking --------------------------------------------------------------------------------- */

long sys_getuid(void)
{
	return cred_current()->uid;
}

long sys_geteuid(void)
{
	return cred_current()->euid;
}

long sys_getgid(void)
{
	return cred_current()->gid;
}

long sys_getegid(void)
{
	return cred_current()->egid;
}

static long put_three(const uint32_t values[3], const uptr_t addresses[3])
{
	for (int i = 0; i < 3; i++) {
		if (put_user(addresses[i], &values[i]))
			return -EFAULT;
	}
	return 0;
}

long sys_getresuid(uptr_t ruid, uptr_t euid, uptr_t suid)
{
	const struct cred *cred = cred_current();

	return put_three(
		(uint32_t[]){ cred->uid, cred->euid, cred->suid }, (uptr_t[]){ ruid, euid, suid });
}

long sys_getresgid(uptr_t rgid, uptr_t egid, uptr_t sgid)
{
	const struct cred *cred = cred_current();

	return put_three(
		(uint32_t[]){ cred->gid, cred->egid, cred->sgid }, (uptr_t[]){ rgid, egid, sgid });
}

long sys_getgroups(int size, uptr_t list)
{
	const struct cred *cred = cred_current();

	if (size < 0 || (size > 0 && (uint32_t)size < cred->group_count))
		return -EINVAL;
	if (size > 0 && copy_to_user(list, cred->groups, cred->group_count * sizeof(uint32_t)))
		return -EFAULT;
	return cred->group_count;
}

/* ---- user ids ------------------------------------------------------------------------------- */

static bool is_own_uid(const struct cred *cred, uint32_t uid)
{
	return uid == KEEP || uid == cred->uid || uid == cred->euid || uid == cred->suid;
}

long sys_setresuid(uint32_t ruid, uint32_t euid, uint32_t suid)
{
	const struct cred *now = cred_current();
	struct cred *cred;
	int err;

	if (!may_set_uid() &&
		!(is_own_uid(now, ruid) && is_own_uid(now, euid) && is_own_uid(now, suid)))
		return -EPERM;
	err = cred_begin(&cred);
	if (err)
		return err;
	if (ruid != KEEP)
		cred->uid = ruid;
	if (euid != KEEP)
		cred->euid = euid;
	if (suid != KEEP)
		cred->suid = suid;
	cred->fsuid = cred->euid;
	cred_follow_uids(cred, now);
	return sys_cred_install(cred);
}

/* The saved id follows where the real one is set, or the effective one to something else. */
long sys_setreuid(uint32_t ruid, uint32_t euid)
{
	const struct cred *now = cred_current();
	uint32_t suid = KEEP;

	if (!may_set_uid() && ruid != KEEP && ruid != now->uid && ruid != now->euid)
		return -EPERM;
	if (ruid != KEEP || (euid != KEEP && euid != now->uid))
		suid = euid != KEEP ? euid : now->euid;
	if (!may_set_uid() && !is_own_uid(now, euid))
		return -EPERM;
	return sys_setresuid(ruid, euid, suid);
}

long sys_setuid(uint32_t uid)
{
	if (uid == KEEP)
		return -EINVAL;
	if (may_set_uid())
		return sys_setresuid(uid, uid, uid);
	if (uid != cred_current()->uid && uid != cred_current()->suid)
		return -EPERM;
	return sys_setresuid(KEEP, uid, KEEP);
}

/* Returns the old id, whether or not it could be changed. */
long sys_setfsuid(uint32_t uid)
{
	const struct cred *now = cred_current();
	uint32_t old = now->fsuid;
	struct cred *cred;

	if (uid == KEEP || !(may_set_uid() || is_own_uid(now, uid) || uid == old) ||
		cred_begin(&cred))
		return old;
	cred->fsuid = uid;
	cred_follow_fsuid(cred, now);
	sys_cred_install(cred);
	return old;
}

/* ---- group ids ------------------------------------------------------------------------------ */

static bool is_own_gid(const struct cred *cred, uint32_t gid)
{
	return gid == KEEP || gid == cred->gid || gid == cred->egid || gid == cred->sgid;
}

long sys_setresgid(uint32_t rgid, uint32_t egid, uint32_t sgid)
{
	const struct cred *now = cred_current();
	struct cred *cred;
	int err;

	if (!may_set_gid() &&
		!(is_own_gid(now, rgid) && is_own_gid(now, egid) && is_own_gid(now, sgid)))
		return -EPERM;
	err = cred_begin(&cred);
	if (err)
		return err;
	if (rgid != KEEP)
		cred->gid = rgid;
	if (egid != KEEP)
		cred->egid = egid;
	if (sgid != KEEP)
		cred->sgid = sgid;
	cred->fsgid = cred->egid;
	return sys_cred_install(cred);
}

long sys_setregid(uint32_t rgid, uint32_t egid)
{
	const struct cred *now = cred_current();
	uint32_t sgid = KEEP;

	if (!may_set_gid() && rgid != KEEP && rgid != now->gid && rgid != now->egid)
		return -EPERM;
	if (rgid != KEEP || (egid != KEEP && egid != now->gid))
		sgid = egid != KEEP ? egid : now->egid;
	if (!may_set_gid() && !is_own_gid(now, egid))
		return -EPERM;
	return sys_setresgid(rgid, egid, sgid);
}

long sys_setgid(uint32_t gid)
{
	if (gid == KEEP)
		return -EINVAL;
	if (may_set_gid())
		return sys_setresgid(gid, gid, gid);
	if (gid != cred_current()->gid && gid != cred_current()->sgid)
		return -EPERM;
	return sys_setresgid(KEEP, gid, KEEP);
}

long sys_setfsgid(uint32_t gid)
{
	const struct cred *now = cred_current();
	uint32_t old = now->fsgid;
	struct cred *cred;

	if (gid == KEEP || !(may_set_gid() || is_own_gid(now, gid) || gid == old) ||
		cred_begin(&cred))
		return old;
	cred->fsgid = gid;
	sys_cred_install(cred);
	return old;
}

/* Linux takes 65536 groups, Cor CRED_GROUPS_MAX. */
long sys_setgroups(int size, uptr_t list)
{
	struct cred *cred;
	int err;

	if (!may_set_gid())
		return -EPERM;
	if (size < 0 || size > CRED_GROUPS_MAX)
		return -EINVAL;
	err = cred_begin(&cred);
	if (err)
		return err;
	if (copy_from_user(cred->groups, list, (size_t)size * sizeof(uint32_t))) {
		cred_put(cred);
		return -EFAULT;
	}
	cred->group_count = (uint32_t)size;
	return sys_cred_install(cred);
}
