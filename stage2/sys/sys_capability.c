/*
 * Capabilities: what of root's power a process has, capabilities(7). Three sets can be asked for
 * and given up by capget(2) and capset(2), two more and the rules about them by prctl(2). As all
 * credentials they are the process's; on Linux each thread has its own, and only libraries make
 * them the same.
 */
#include "abi/capability.h"

#include "abi/prctl.h"
#include "sys/sys.h"

/* ---- the three sets ---------------------------------------------------------------------- */

static int cap_words(uint32_t version)
{
	switch (version) {
	case CAPABILITY_VERSION_1:
		return 1;
	case CAPABILITY_VERSION_2:
	case CAPABILITY_VERSION_3:
		return 2;
	default:
		return 0;
	}
}

/* The header, checked; an unknown version is answered with the one to use. *words 0: no more. */
static int cap_begin(uptr_t address, struct cap_header *header, uptr_t data, int *words)
{
	uint32_t version = CAPABILITY_VERSION_3;

	if (get_user(header, address))
		return -EFAULT;
	*words = cap_words(header->version);
	if (*words)
		return header->pid < 0 ? -EINVAL : 0;
	if (put_user(address, &version))
		return -EFAULT;
	return data ? -EINVAL : 0;
}

/* Word `i` of a set. */
static uint32_t word(uint64_t set, int i)
{
	return (uint32_t)(set >> (32 * i));
}

long sys_capget(uptr_t address, uptr_t data)
{
	struct cap_data sets[2];
	struct cap_header header;
	struct uthread *uthread;
	struct cred *cred;
	int words, err;

	err = cap_begin(address, &header, data, &words);
	if (err || !words || !data)
		return err;
	err = uthread_lock((uint32_t)header.pid, &uthread);
	if (err)
		return err;
	cred = uthread->proc->cred;
	for (int i = 0; i < words; i++)
		sets[i] = (struct cap_data){ word(cred->effective, i), word(cred->permitted, i),
			word(cred->inheritable, i) };
	uthread_unlock(uthread);
	return copy_to_user(data, sets, (size_t)words * sizeof(sets[0]));
}

long sys_capset(uptr_t address, uptr_t data)
{
	uint64_t effective = 0, permitted = 0, inheritable = 0;
	const struct cred *now = cred_current();
	struct cap_data sets[2];
	struct cap_header header;
	struct cred *cred;
	int words, err;

	err = cap_begin(address, &header, data, &words);
	if (err || !words)
		return err ? err : -EINVAL;
	if (header.pid != 0 && (uint32_t)header.pid != uthread_current()->tid->number)
		return -EPERM;
	if (copy_from_user(sets, data, (size_t)words * sizeof(sets[0])))
		return -EFAULT;
	for (int i = 0; i < words; i++) {
		effective |= (uint64_t)sets[i].effective << (32 * i) & CAP_ALL;
		permitted |= (uint64_t)sets[i].permitted << (32 * i) & CAP_ALL;
		inheritable |= (uint64_t)sets[i].inheritable << (32 * i) & CAP_ALL;
	}
	err = cred_copy(now, &cred);
	if (err)
		return err;
	err = cred_set_capabilities(cred, now, effective, permitted, inheritable);
	if (err) {
		cred_put(cred);
		return err;
	}
	return sys_cred_install(cred);
}

/* ---- prctl ------------------------------------------------------------------------------- */

/* `cred` is a copy of the caller's, to be changed; so below. */
static int bounding_drop(struct cred *cred, uint64_t capability)
{
	if (!cred_may(cred, CAP_SETPCAP))
		return -EPERM;
	if (capability > CAP_LAST)
		return -EINVAL;
	cred->bounding &= ~CAP_BIT(capability);
	return 0;
}

static int ambient_change(struct cred *cred, uint64_t what, uint64_t capability)
{
	uint64_t bit = CAP_BIT(capability);

	switch (what) {
	case PR_CAP_AMBIENT_CLEAR_ALL:
		cred->ambient = 0;
		return 0;
	case PR_CAP_AMBIENT_LOWER:
		cred->ambient &= ~bit;
		return 0;
	default:
		if (!(cred->permitted & cred->inheritable & bit) ||
			(cred->securebits & SECBIT_NO_CAP_AMBIENT_RAISE))
			return -EPERM;
		cred->ambient |= bit;
		return 0;
	}
}

static int keep_change(struct cred *cred, uint64_t keep)
{
	if (keep > 1)
		return -EINVAL;
	if (cred->securebits & SECBIT_KEEP_CAPS_LOCKED)
		return -EPERM;
	cred->securebits &= ~SECBIT_KEEP_CAPS;
	if (keep)
		cred->securebits |= SECBIT_KEEP_CAPS;
	return 0;
}

/* A lock stays, and so does the bit below it. */
static int securebits_change(struct cred *cred, uint64_t bits)
{
	uint32_t old = cred->securebits, locks = old & SECBITS_LOCKS;

	if (!cred_may(cred, CAP_SETPCAP) || (bits & ~(uint64_t)(SECBITS | SECBITS_LOCKS)) ||
		(locks & ~bits) || ((locks >> 1) & (old ^ bits)))
		return -EPERM;
	cred->securebits = (uint32_t)bits;
	return 0;
}

static long capability_change(int option, uint64_t arg2, uint64_t arg3)
{
	struct cred *cred;
	int err = cred_copy(cred_current(), &cred);

	if (err)
		return err;
	if (option == PR_CAPBSET_DROP)
		err = bounding_drop(cred, arg2);
	else if (option == PR_CAP_AMBIENT)
		err = ambient_change(cred, arg2, arg3);
	else if (option == PR_SET_KEEPCAPS)
		err = keep_change(cred, arg2);
	else
		err = securebits_change(cred, arg2);
	if (err) {
		cred_put(cred);
		return err;
	}
	return sys_cred_install(cred);
}

static long ambient_control(uint64_t what, uint64_t capability, uint64_t arg4, uint64_t arg5)
{
	if (arg4 || arg5 || capability > CAP_LAST || what < PR_CAP_AMBIENT_IS_SET ||
		what > PR_CAP_AMBIENT_CLEAR_ALL ||
		(what == PR_CAP_AMBIENT_CLEAR_ALL && capability != 0))
		return -EINVAL;
	if (what == PR_CAP_AMBIENT_IS_SET)
		return (cred_current()->ambient & CAP_BIT(capability)) != 0;
	return capability_change(PR_CAP_AMBIENT, what, capability);
}

long sys_capability_control(int option, uint64_t arg2, uint64_t arg3, uint64_t arg4, uint64_t arg5)
{
	const struct cred *cred = cred_current();

	switch (option) {
	case PR_CAPBSET_READ:
		return arg2 <= CAP_LAST ? (cred->bounding & CAP_BIT(arg2)) != 0 : -EINVAL;
	case PR_GET_KEEPCAPS:
		return (cred->securebits & SECBIT_KEEP_CAPS) != 0;
	case PR_GET_SECUREBITS:
		return cred->securebits;
	case PR_CAP_AMBIENT:
		return ambient_control(arg2, arg3, arg4, arg5);
	default:
		return capability_change(option, arg2, arg3);
	}
}
