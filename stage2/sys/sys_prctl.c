/*
 * Properties of processes and threads: prctl(2), personality(2), capabilities(7).
 */
#include "abi/capability.h"
#include "abi/prctl.h"
#include "core/fail.h"
#include "lib/string.h"
#include "sys/sys.h"

#define NAME_BYTES 16 /* of a thread, PR_SET_NAME */

/* ---- prctl ------------------------------------------------------------------------------- */

static long set_name(uptr_t address)
{
	char name[NAME_BYTES];
	ssize_t length = copy_string_from_user(name, address, sizeof(name));

	if (length < 0 && length != -ENAMETOOLONG)
		return length;
	name[NAME_BYTES - 1] = 0;
	memset(thread_current()->name, 0, sizeof(name)); /* all of it is read by PR_GET_NAME */
	strlcpy(thread_current()->name, name, sizeof(name));
	return 0;
}

static long put_int(uptr_t address, int value)
{
	return put_user(address, &value);
}

static long set_death_signal(uint64_t signal)
{
	if (signal > SIGNAL_COUNT)
		return -EINVAL;
	WRITE_ONCE(proc_current()->death_signal, (int)signal);
	return 0;
}

static long set_dumpable(uint64_t value)
{
	if (value > 1)
		return -EINVAL;
	WRITE_ONCE(proc_current()->dumpable, value == 1);
	return 0;
}

static long set_subreaper(bool value)
{
	proc_tree_lock();
	proc_current()->subreaper = value;
	proc_tree_unlock();
	return 0;
}

static long set_timer_slack(uint64_t slack_ns)
{
	uthread_current()->timer_slack_ns = (int64_t)slack_ns > 0 ? slack_ns : TIMER_SLACK_NS;
	return 0;
}

static long set_no_new_privs(uint64_t value, uint64_t arg3, uint64_t arg4, uint64_t arg5)
{
	if (value != 1 || arg3 || arg4 || arg5)
		return -EINVAL;
	uthread_current()->no_new_privs = true;
	return 0;
}

static long get_no_new_privs(uint64_t arg2, uint64_t arg3, uint64_t arg4, uint64_t arg5)
{
	return arg2 || arg3 || arg4 || arg5 ? -EINVAL : uthread_current()->no_new_privs;
}

static long get_tid_address(uptr_t address)
{
	return put_user(address, &uthread_current()->clear_child_tid);
}

/* The bounding set is whole, for nothing can be taken out of it here. */
static long get_bounding(uint64_t capability)
{
	return capability <= CAP_LAST ? 1 : -EINVAL;
}

/* Nobody has any: one must be inheritable to become ambient, and none is. */
static long ambient_control(uint64_t what, uint64_t capability, uint64_t arg4, uint64_t arg5)
{
	bool valid = capability <= CAP_LAST && arg4 == 0 && arg5 == 0;

	switch (what) {
	case PR_CAP_AMBIENT_CLEAR_ALL:
		return capability == 0 && valid ? 0 : -EINVAL;
	case PR_CAP_AMBIENT_IS_SET:
	case PR_CAP_AMBIENT_LOWER:
		return valid ? 0 : -EINVAL;
	case PR_CAP_AMBIENT_RAISE:
		return valid ? -EPERM : -EINVAL;
	default:
		return -EINVAL;
	}
}

#ifdef DEBUG
static long fail_control(int option, uint64_t n)
{
	if (option == PR_COR_FAIL_LEFT)
		return fail_left();
	if (option != PR_COR_FAIL || n > UINT32_MAX)
		return -EINVAL;
	fail_arm((uint32_t)n);
	return 0;
}
#else
static long fail_control(int option, uint64_t n)
{
	return -EINVAL;
}
#endif

long sys_prctl(int option, uint64_t arg2, uint64_t arg3, uint64_t arg4, uint64_t arg5)
{
	struct proc *self = proc_current();

	switch (option) {
	case PR_SET_PDEATHSIG:
		return set_death_signal(arg2);
	case PR_GET_PDEATHSIG:
		return put_int(arg2, READ_ONCE(self->death_signal));
	case PR_SET_DUMPABLE:
		return set_dumpable(arg2);
	case PR_GET_DUMPABLE:
		return READ_ONCE(self->dumpable);
	case PR_SET_NAME:
		return set_name(arg2);
	case PR_GET_NAME:
		return copy_to_user(arg2, thread_current()->name, NAME_BYTES);
	case PR_GET_SECCOMP:
	case PR_GET_KEEPCAPS:
	case PR_GET_SECUREBITS:
		return 0;
	case PR_CAPBSET_READ:
		return get_bounding(arg2);
	case PR_GET_TSC:
		return put_int(arg2, PR_TSC_ENABLE);
	case PR_SET_TIMERSLACK:
		return set_timer_slack(arg2);
	case PR_GET_TIMERSLACK:
		return (long)uthread_current()->timer_slack_ns;
	case PR_SET_CHILD_SUBREAPER:
		return set_subreaper(arg2 != 0);
	case PR_GET_CHILD_SUBREAPER:
		return put_int(arg2, READ_ONCE(self->subreaper));
	case PR_SET_NO_NEW_PRIVS:
		return set_no_new_privs(arg2, arg3, arg4, arg5);
	case PR_GET_NO_NEW_PRIVS:
		return get_no_new_privs(arg2, arg3, arg4, arg5);
	case PR_GET_TID_ADDRESS:
		return get_tid_address(arg2);
	case PR_CAP_AMBIENT:
		return ambient_control(arg2, arg3, arg4, arg5);
	default:
		return fail_control(option, arg2);
	}
}

/* ---- personality ------------------------------------------------------------------------- */

/* Of all the ways to be another system, two are here: with a name of the processor by which those
 * who build for 32 bits know it (uname), and without random addresses from the next program on. */
long sys_personality(uint32_t persona)
{
	struct proc *self = proc_current();
	uint32_t old = READ_ONCE(self->persona);

	if (persona == PERSONA_ASK)
		return old;
	if (persona & ~(PER_LINUX32 | ADDR_NO_RANDOMIZE))
		return -EINVAL;
	WRITE_ONCE(self->persona, persona);
	return old;
}

/* ---- capabilities ------------------------------------------------------------------------ */

/* Root has all of them, nobody else any: there is no choice between. */
static uint64_t capabilities_of(const struct cred *cred)
{
	return cred->euid == 0 ? CAP_ALL : 0;
}

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

long sys_capget(uptr_t address, uptr_t data)
{
	struct cap_data sets[2] = { 0 };
	struct cap_header header;
	struct uthread *uthread;
	uint64_t own;
	int words, err;

	err = cap_begin(address, &header, data, &words);
	if (err || !words || !data)
		return err;
	err = uthread_lock((uint32_t)header.pid, &uthread);
	if (err)
		return err;
	own = capabilities_of(uthread->proc->cred);
	uthread_unlock(uthread);
	for (int i = 0; i < words; i++)
		sets[i].effective = sets[i].permitted = (uint32_t)(own >> (32 * i));
	return copy_to_user(data, sets, (size_t)words * sizeof(sets[0]));
}

/* Only what one has: to keep less is not possible, to get more nobody may. */
long sys_capset(uptr_t address, uptr_t data)
{
	uint64_t own = capabilities_of(cred_current());
	struct cap_data sets[2] = { 0 };
	struct cap_header header;
	int words, err;

	err = cap_begin(address, &header, data, &words);
	if (err || !words)
		return err ? err : -EINVAL;
	if (header.pid != 0 && (uint32_t)header.pid != uthread_current()->tid->number)
		return -EPERM;
	if (copy_from_user(sets, data, (size_t)words * sizeof(sets[0])))
		return -EFAULT;
	for (int i = 0; i < words; i++) {
		uint32_t mine = (uint32_t)(own >> (32 * i));

		if (sets[i].effective != mine || sets[i].permitted != mine || sets[i].inheritable)
			return -EPERM;
	}
	return 0;
}
