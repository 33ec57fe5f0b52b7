/*
 * What a process or thread is doing: stat, status, comm, limits.
 *
 * Main idea: one look at the process, under its locks, becomes a struct look; the files print that.
 */
#include "abi/capability.h"
#include "abi/errno.h"
#include "abi/time.h"
#include "io/fdtable.h"
#include "lib/string.h"
#include "proc/stop.h"
#include "procfs/files.h"
#include "procfs/subject.h"

struct look {
	uint32_t number, tgid, parent, group, session;
	char name[16];
	char state;
	uint32_t threads, cpu;
	int nice;
	bool no_new_privs;
	int terminal, foreground; /* device number and group; 0 and -1: none */
	struct proc_usage usage, children;
	sigset_t pending, shared_pending, blocked, ignored, caught;
	int exit_signal, exit_status;
	uint32_t umask;
	size_t descriptors;
	uint64_t signal_limit;
};

static char thread_letter(const struct proc *proc, const struct uthread *uthread)
{
	const struct thread *thread = uthread->thread;
	uint32_t state = READ_ONCE(thread->state);

	if (state == THREAD_DEAD || uthread->ended)
		return 'Z';
	/* Not before its parent can know. */
	if (uthread->stopped && proc->stopped)
		return proc_has_stopped_locked(proc) ? 'R' : 'T';
	if (state != THREAD_SLEEPING)
		return 'R';
	return READ_ONCE(thread->sleep_mode) == WAIT_INTERRUPTIBLE ? 'S' : 'D';
}

static void look_at_actions(const struct proc *proc, struct look *look)
{
	for (int signal = 1; signal <= SIGNAL_COUNT; signal++) {
		uint64_t handler = proc_action(proc, signal)->handler;

		if (handler == SIG_IGN)
			look->ignored |= signal_bit(signal);
		else if (handler != SIG_DFL)
			look->caught |= signal_bit(signal);
	}
}

static void look_at_thread(const struct synth_key *key, struct proc *proc, struct look *look)
{
	struct uthread *uthread = subject_thread_locked(key, proc);

	look->state = 'R'; /* without a thread it is still at its end */
	strlcpy(look->name, proc->name, sizeof(look->name));
	look->number = key->part ? (uint32_t)key->part : proc_number(proc);
	if (!uthread)
		return;
	look->state = thread_letter(proc, uthread);
	look->cpu = uthread->thread->cpu;
	look->nice = uthread->thread->nice;
	look->no_new_privs = uthread->no_new_privs;
	look->pending = uthread->pending.set;
	look->blocked = uthread->blocked;
	if (key->part)
		uthread_usage_locked(uthread, &look->usage);
	strlcpy(look->name, uthread->thread->name, sizeof(look->name));
}

static void look_at_process(struct proc *proc, struct look *look)
{
	look->foreground = -1;
	proc_tree_lock();
	if (proc->terminal) {
		look->terminal = (int)proc->terminal->rdev;
		if (proc->terminal->group)
			look->foreground = (int)proc->terminal->group->number;
	}
	look->parent = proc->parent ? proc_number(proc->parent) : 0;
	look->group = proc->group ? proc->group->number : 0;
	look->session = proc->session ? proc->session->number : 0;
	look->children = proc->children_usage;
	if (proc->state == PROC_ZOMBIE)
		look->state = 'Z';
	look->exit_signal = proc->exit_signal;
	look->exit_status = proc->state == PROC_ZOMBIE ? proc->wait_status : 0;
	proc_tree_unlock();
}

static void look_at(const struct synth_key *key, struct proc *proc, struct look *look)
{
	*look = (struct look){ .tgid = proc_number(proc) };
	proc_lock(proc);
	if (!key->part)
		proc_usage_locked(proc, &look->usage);
	look_at_thread(key, proc, look);
	look_at_actions(proc, look);
	look->threads = proc->thread_count;
	look->shared_pending = proc->pending.set;
	look->signal_limit = proc->limits[RLIMIT_SIGPENDING].rlim_cur;
	if (proc->fs)
		look->umask = READ_ONCE(proc->fs->umask);
	if (proc->files)
		look->descriptors = fdtable_capacity(proc->files);
	proc_unlock(proc);
	look_at_process(proc, look);
}

/* ---- stat ----------------------------------------------------------------------------------- */

/* Addresses are for who may look into the process; others see 0, or 1 where 0 would mean more. */
static void stat_print_space(struct proc *proc, struct synth_text *text)
{
	bool open = subject_open_to_us(proc);
	struct aspace *aspace = subject_aspace(proc);
	uint64_t bytes = aspace ? READ_ONCE(aspace->areas.bytes) : 0;
	uint64_t resident = aspace ? READ_ONCE(aspace->resident_pages) : 0;

	synth_print(text, "%lu %lu %lu ", bytes, resident, UINT64_MAX);
	if (aspace && open)
		synth_print(text, "%lu %lu %lu 0 0 ", aspace->code_start, aspace->code_end,
			aspace->stack_start);
	else
		synth_print(text, "%d %d 0 0 0 ", aspace != NULL, aspace != NULL);
	if (aspace)
		aspace_put(aspace);
}

static void stat_print_data(struct proc *proc, struct synth_text *text)
{
	struct aspace *aspace = subject_open_to_us(proc) ? subject_aspace(proc) : NULL;

	if (!aspace) {
		synth_print(text, "0 0 0 0 0 0 0 ");
		return;
	}
	synth_print(text, "%lu %lu %lu %lu %lu %lu %lu ", aspace->data_start, aspace->data_end,
		aspace->brk_start, aspace->args_start, aspace->args_end, aspace->env_start,
		aspace->env_end);
	aspace_put(aspace);
}

int stat_read(const struct synth_key *key, struct synth_text *text)
{
	struct proc *proc;
	struct look look;
	int err = subject_get(key, &proc);

	if (err)
		return err;
	look_at(key, proc, &look);
	/* Faults are not counted. */
	synth_print(text,
		"%u (%s) %c %u %u %u %d %d 4194304 0 0 0 0 %lu %lu %lu %lu %d %d %u 0 %lu ",
		look.number, look.name, look.state, look.parent, look.group, look.session,
		look.terminal, look.foreground, look.usage.user_ns / CLOCK_TICK_NS,
		look.usage.system_ns / CLOCK_TICK_NS, look.children.user_ns / CLOCK_TICK_NS,
		look.children.system_ns / CLOCK_TICK_NS, 20 + look.nice, look.nice, look.threads,
		proc->start_ns / CLOCK_TICK_NS);
	stat_print_space(proc, text);
	synth_print(text, "%lu %lu %lu %lu 0 0 0 %d %u 0 0 0 0 0 ", look.pending & INT32_MAX,
		look.blocked & INT32_MAX, look.ignored & INT32_MAX, look.caught & INT32_MAX,
		look.exit_signal, look.cpu);
	stat_print_data(proc, text);
	synth_print(text, "%d\n", subject_open_to_us(proc) ? look.exit_status : 0);
	proc_put(proc);
	return 0;
}

/* ---- status --------------------------------------------------------------------------------- */

static const char *state_name(char letter)
{
	switch (letter) {
	case 'R':
		return "R (running)";
	case 'S':
		return "S (sleeping)";
	case 'D':
		return "D (disk sleep)";
	case 'T':
		return "T (stopped)";
	default:
		return "Z (zombie)";
	}
}

static void status_print_ids(struct proc *proc, struct synth_text *text)
{
	struct cred *cred = proc_cred_get(proc);

	synth_print(text, "Uid:\t%u\t%u\t%u\t%u\n", cred->uid, cred->euid, cred->suid, cred->fsuid);
	synth_print(text, "Gid:\t%u\t%u\t%u\t%u\n", cred->gid, cred->egid, cred->sgid, cred->fsgid);
	cred_put(cred);
}

static void status_print_groups(struct proc *proc, const struct look *look, struct synth_text *text)
{
	struct cred *cred = proc_cred_get(proc);

	synth_print(text, "FDSize:\t%zu\nGroups:\t", look->descriptors);
	for (uint32_t i = 0; i < cred->group_count; i++)
		synth_print(text, "%s%u", i ? " " : "", cred->groups[i]);
	synth_print(text, " \nNStgid:\t%u\nNSpid:\t%u\nNSpgid:\t%u\nNSsid:\t%u\n", look->tgid,
		look->number, look->group, look->session);
	cred_put(cred);
}

static void size_print(struct synth_text *text, const char *label, uint64_t pages)
{
	synth_print(text, "%s:\t%8lu kB\n", label, pages * 4);
}

static void status_print_sizes(struct proc *proc, struct synth_text *text)
{
	struct space_sizes sizes;

	if (space_sizes(proc, &sizes))
		return;
	size_print(text, "VmSize", sizes.total);
	size_print(text, "VmLck", sizes.locked);
	size_print(text, "VmPin", 0);
	size_print(text, "VmHWM", sizes.resident_peak);
	size_print(text, "VmRSS", sizes.resident);
	size_print(text, "RssAnon", sizes.anonymous);
	size_print(text, "RssFile", sizes.resident - sizes.anonymous);
	size_print(text, "RssShmem", 0);
	size_print(text, "VmData", sizes.data);
	size_print(text, "VmStk", sizes.stack);
	size_print(text, "VmExe", sizes.code);
	size_print(text, "VmLib", sizes.libraries);
	size_print(text, "VmSwap", 0);
}

static void status_print_rights(struct proc *proc, const struct look *look, struct synth_text *text)
{
	struct cred *cred = proc_cred_get(proc);

	synth_print(text,
		"CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\nCapBnd:\t%016lx\n"
		"CapAmb:\t%016lx\nNoNewPrivs:\t%d\nSeccomp:\t0\n",
		cred->inheritable, cred->permitted, cred->effective, cred->bounding, cred->ambient,
		look->no_new_privs);
	cred_put(cred);
}

int status_read(const struct synth_key *key, struct synth_text *text)
{
	struct proc *proc;
	struct look look;
	int err = subject_get(key, &proc);

	if (err)
		return err;
	look_at(key, proc, &look);
	synth_print(text,
		"Name:\t%s\nUmask:\t%04o\nState:\t%s\nTgid:\t%u\nNgid:\t0\nPid:\t%u\nPPid:\t%u\n"
		"TracerPid:\t0\n",
		look.name, look.umask, state_name(look.state), look.tgid, look.number, look.parent);
	status_print_ids(proc, text);
	status_print_groups(proc, &look, text);
	status_print_sizes(proc, text);
	synth_print(text,
		"Threads:\t%u\nSigQ:\t0/%lu\nSigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n"
		"SigIgn:\t%016lx\nSigCgt:\t%016lx\n",
		look.threads, look.signal_limit, look.pending, look.shared_pending, look.blocked,
		look.ignored, look.caught);
	status_print_rights(proc, &look, text);
	/* The other CPUs are parked; all memory is one node. */
	synth_print(text, "Cpus_allowed:\t1\nCpus_allowed_list:\t0\nMems_allowed:\t1\n"
			  "Mems_allowed_list:\t0\n");
	proc_put(proc);
	return 0;
}

/* ---- comm ----------------------------------------------------------------------------------- */

int comm_read(const struct synth_key *key, struct synth_text *text)
{
	struct proc *proc;
	struct look look;
	int err = subject_get(key, &proc);

	if (err)
		return err;
	look_at(key, proc, &look);
	proc_put(proc);
	synth_print(text, "%s\n", look.name);
	return 0;
}

/* A thread's name is for its own process to change. */
int comm_write(const struct synth_key *key, const char *text, size_t bytes)
{
	struct uthread *uthread = NULL;
	struct proc *proc;
	int err = subject_get(key, &proc);

	if (err)
		return err;
	proc_lock(proc);
	if (proc == proc_current())
		uthread = subject_thread_locked(key, proc);
	if (uthread)
		strlcpy(uthread->thread->name, text, sizeof(uthread->thread->name));
	proc_unlock(proc);
	proc_put(proc);
	return uthread ? 0 : -EINVAL;
}

/* ---- limits --------------------------------------------------------------------------------- */

static const struct {
	const char *name, *unit;
} limit_names[RLIMIT_COUNT] = {
	[RLIMIT_CPU] = { "Max cpu time", "seconds" },
	[RLIMIT_FSIZE] = { "Max file size", "bytes" },
	[RLIMIT_DATA] = { "Max data size", "bytes" },
	[RLIMIT_STACK] = { "Max stack size", "bytes" },
	[RLIMIT_CORE] = { "Max core file size", "bytes" },
	[RLIMIT_RSS] = { "Max resident set", "bytes" },
	[RLIMIT_NPROC] = { "Max processes", "processes" },
	[RLIMIT_NOFILE] = { "Max open files", "files" },
	[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
	[RLIMIT_AS] = { "Max address space", "bytes" },
	[RLIMIT_LOCKS] = { "Max file locks", "locks" },
	[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
	[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
	[RLIMIT_NICE] = { "Max nice priority", NULL },
	[RLIMIT_RTPRIO] = { "Max realtime priority", NULL },
	[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
};

static void limit_print(struct synth_text *text, uint64_t limit)
{
	if (limit == RLIM_INFINITY)
		synth_print(text, "%-20s ", "unlimited");
	else
		synth_print(text, "%-20lu ", limit);
}

int limits_read(const struct synth_key *key, struct synth_text *text)
{
	struct rlimit limits[RLIMIT_COUNT];
	struct proc *proc;
	int err = subject_get(key, &proc);

	if (err)
		return err;
	proc_lock(proc);
	memcpy(limits, proc->limits, sizeof(limits));
	proc_unlock(proc);
	proc_put(proc);
	synth_print(
		text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (unsigned i = 0; i < RLIMIT_COUNT; i++) {
		synth_print(text, "%-25s ", limit_names[i].name);
		limit_print(text, limits[i].rlim_cur);
		limit_print(text, limits[i].rlim_max);
		if (limit_names[i].unit)
			synth_print(text, "%-10s", limit_names[i].unit);
		synth_print(text, "\n");
	}
	return 0;
}
