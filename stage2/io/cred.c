/*
 * Credentials: who acts. A struct cred that more than one holder can see never changes; who wants
 * other ids copies it, changes the copy, and puts that in its place. So reading one takes no lock.
 *
 * What is more than a user's right is asked for by capability, never by user 0: that is who has
 * them all, unless some were given up. Files have none (security.capability is not kept), so a
 * program gets them by running as root, or by what its caller made ambient: capabilities(7).
 */
#include "io/cred.h"

#include "abi/errno.h"
#include "lib/assert.h"
#include "mm/slab.h"

static struct slab_cache cred_cache = SLAB_CACHE("cred", struct cred);
static struct cred root_cred = {
	.refs = 1, .permitted = CAP_ALL, .effective = CAP_ALL, .bounding = CAP_ALL
};

struct cred *cred_root(void)
{
	return &root_cred;
}

int cred_copy(const struct cred *from, struct cred **copy)
{
	struct cred *cred = slab_alloc(&cred_cache);

	if (!cred)
		return -ENOMEM;
	*cred = *from;
	cred->refs = 1;
	*copy = cred;
	return 0;
}

void cred_get(struct cred *cred)
{
	__atomic_add_fetch(&cred->refs, 1, __ATOMIC_RELAXED);
}

void cred_put(struct cred *cred)
{
	if (__atomic_sub_fetch(&cred->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	assert(cred != &root_cred);
	slab_free(&cred_cache, cred);
}

bool cred_in_group(const struct cred *cred, uint32_t gid)
{
	if (cred->fsgid == gid)
		return true;
	for (uint32_t i = 0; i < cred->group_count; i++)
		if (cred->groups[i] == gid)
			return true;
	return false;
}

/* ---- capabilities ------------------------------------------------------------------------ */

/* Those to files, which go with fsuid. */
#define FILE_CAPABILITIES                                                                          \
	(CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_DAC_READ_SEARCH) |           \
		CAP_BIT(CAP_FOWNER) | CAP_BIT(CAP_FSETID) | CAP_BIT(CAP_LINUX_IMMUTABLE) |         \
		CAP_BIT(CAP_MKNOD) | CAP_BIT(CAP_MAC_OVERRIDE))

static bool has_root_id(const struct cred *cred)
{
	return cred->uid == 0 || cred->euid == 0 || cred->suid == 0;
}

void cred_follow_uids(struct cred *cred, const struct cred *old)
{
	if (cred->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (has_root_id(old) && !has_root_id(cred)) {
		if (!(cred->securebits & SECBIT_KEEP_CAPS))
			cred->permitted = 0;
		cred->ambient = 0;
		cred->effective &= cred->permitted;
	}
	if (old->euid == 0 && cred->euid != 0)
		cred->effective = 0;
	if (old->euid != 0 && cred->euid == 0)
		cred->effective = cred->permitted;
}

void cred_follow_fsuid(struct cred *cred, const struct cred *old)
{
	if (cred->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (old->fsuid == 0 && cred->fsuid != 0)
		cred->effective &= ~FILE_CAPABILITIES;
	if (old->fsuid != 0 && cred->fsuid == 0)
		cred->effective |= cred->permitted & FILE_CAPABILITIES;
}

static uint64_t real_effective(const struct cred *cred)
{
	if (cred->securebits & SECBIT_NO_SETUID_FIXUP)
		return cred->effective;
	return cred->uid == 0 ? cred->permitted : 0;
}

bool cred_acts_real(const struct cred *cred)
{
	return cred->fsuid == cred->uid && cred->fsgid == cred->gid &&
	       cred->effective == real_effective(cred);
}

void cred_act_real(struct cred *cred)
{
	cred->fsuid = cred->uid;
	cred->fsgid = cred->gid;
	cred->effective = real_effective(cred);
}

bool cred_begin_program(
	struct cred *cred, const struct cred *old, bool root_shared, bool no_new_privs)
{
	bool root_counts = !(cred->securebits & SECBIT_NOROOT);
	bool other_ids = cred->euid != old->uid || cred->egid != old->gid;
	bool all = root_counts && cred->euid == 0;

	cred->permitted = 0;
	if (root_counts && (cred->euid == 0 || cred->uid == 0))
		cred->permitted = old->bounding | old->inheritable;
	if ((root_shared || no_new_privs) && (other_ids || (cred->permitted & ~old->permitted))) {
		cred->permitted &= old->permitted;
		if (no_new_privs || !cred_may(old, CAP_SETUID)) {
			cred->euid = cred->uid;
			cred->egid = cred->gid;
		}
	}
	cred->suid = cred->fsuid = cred->euid;
	cred->sgid = cred->fsgid = cred->egid;
	if (other_ids)
		cred->ambient = 0;
	cred->permitted |= cred->ambient;
	cred->effective = all ? cred->permitted : cred->ambient;
	cred->securebits &= ~SECBIT_KEEP_CAPS;
	return other_ids || (cred->uid != 0 && (all || (cred->permitted & ~cred->ambient)));
}

int cred_set_capabilities(struct cred *cred, const struct cred *old, uint64_t effective,
	uint64_t permitted, uint64_t inheritable)
{
	uint64_t may_inherit = old->inheritable;

	may_inherit |= cred_may(old, CAP_SETPCAP) ? old->bounding : old->permitted & old->bounding;
	if ((inheritable & ~may_inherit) || (permitted & ~old->permitted) ||
		(effective & ~permitted))
		return -EPERM;
	cred->effective = effective;
	cred->permitted = permitted;
	cred->inheritable = inheritable;
	cred->ambient &= permitted & inheritable;
	return 0;
}
