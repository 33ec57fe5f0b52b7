/*
 * Properties of processes and threads: prctl(2), personality(2).
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
		return 0;
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
	case PR_CAPBSET_READ:
	case PR_CAPBSET_DROP:
	case PR_CAP_AMBIENT:
	case PR_GET_KEEPCAPS:
	case PR_SET_KEEPCAPS:
	case PR_GET_SECUREBITS:
	case PR_SET_SECUREBITS:
		return sys_capability_control(option, arg2, arg3, arg4, arg5);
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
