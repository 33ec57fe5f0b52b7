/*
 * Starting programs.
 *
 * The main idea: the new program is complete - file found, headers checked, address space filled,
 * its stack built, descriptors unshared - before the old one loses anything. From commit on nothing
 * fails.
 *
 * Steps: exec_prepare collects the strings and follows "#!" lines to the file to load; program_load
 * makes the address space; exec_commit puts it in the place of the old one.
 */
#include "proc/exec.h"

#include "abi/capability.h"
#include "abi/errno.h"
#include "abi/stat.h"
#include "core/log.h"
#include "fs/fs.h"
#include "fs/vnode.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "proc/exit.h"
#include "proc/load.h"
#include "proc/proc.h"
#include "proc/robust.h"
#include "proc/script.h"

#define SCRIPT_DEPTH_MAX 5
#define EXEC_TRIES       32

struct exec {
	struct program program;
	struct strings args, env, path;
	struct script_line line;
	char name[16];         /* of the thread: the path's last part */
	struct fdtable *files; /* a table of its own where it was shared; else NULL */
	struct cred *cred;     /* reference held */
	bool alone;            /* nobody else can move its root and working directory */
	bool hidden;           /* others of its user may not look into it */
};

/* ---- collecting ----------------------------------------------------------------------------- */

static void exec_init(struct exec *exec)
{
	struct proc *proc = proc_current();
	size_t limit = proc_limit(proc, RLIMIT_STACK) / 4;

	limit = max(limit, (size_t)STRING_BYTES_MAX);
	strings_init(&exec->args, limit);
	strings_init(&exec->env, limit);
	strings_init(&exec->path, PAGE_SIZE);
	exec->files = NULL;
	exec->alone = fs_context_exec_begin(proc->fs);
	exec->cred = proc_cred_get(proc);
	cred_get(exec->cred); /* program.call's, which stay the caller's */
	exec->program = (struct program){
		.args = &exec->args,
		.env = &exec->env,
		.path = &exec->path,
		.call = { .context = proc->fs, .cred = exec->cred },
		.cred = exec->cred,
		.stack_limit_bytes = proc_limit(proc, RLIMIT_STACK),
		.data_limit_bytes = proc_limit(proc, RLIMIT_DATA),
		.size_limit_bytes = proc_limit(proc, RLIMIT_AS),
		.fixed_layout = READ_ONCE(proc->persona) & ADDR_NO_RANDOMIZE,
	};
}

static void exec_free(struct exec *exec)
{
	if (exec->program.file)
		file_put(exec->program.file);
	if (exec->files)
		fdtable_put(exec->files);
	if (exec->alone)
		fs_context_exec_end(proc_current()->fs);
	cred_put(exec->cred);
	cred_put(exec->program.call.cred);
	strings_free(&exec->args);
	strings_free(&exec->env);
	strings_free(&exec->path);
	kfree(exec);
}

static int exec_set_path(struct exec *exec, const char *path)
{
	const char *slash = strrchr(path, '/');

	strlcpy(exec->name, slash ? slash + 1 : path, sizeof(exec->name));
	return strings_add(&exec->path, path);
}

/* As on Linux the path and the pointers to the strings count, too. */
static bool exec_is_too_big(const struct exec *exec)
{
	size_t pointers = ((size_t)exec->args.count + exec->env.count) * sizeof(uptr_t);

	return exec->path.bytes + exec->args.bytes + exec->env.bytes + pointers > exec->args.limit;
}

static int exec_add_user_strings(struct exec *exec, uptr_t argv, uptr_t envp)
{
	int err = strings_add_user_array(&exec->args, argv);

	/* As on Linux: a program always has a name. */
	if (err == 0 && exec->args.count == 0)
		err = strings_add(&exec->args, "");
	if (err == 0)
		err = strings_add_user_array(&exec->env, envp);
	return err == 0 && exec_is_too_big(exec) ? -E2BIG : err;
}

/* ---- finding the file ----------------------------------------------------------------------- */

static int exec_open(struct exec *exec, const char *path, unsigned at_flags)
{
	if (exec->program.file)
		file_put(exec->program.file);
	exec->program.file = NULL;
	return fs_open_exec(&exec->program.call, path, at_flags, &exec->program.file);
}

/* The script's arguments become: interpreter, its argument, the script's path, the rest. */
static int exec_insert_interpreter(struct exec *exec, const char *script)
{
	struct strings args;
	int err;

	strings_init(&args, exec->args.limit);
	err = strings_add(&args, exec->line.interpreter);
	if (err == 0 && exec->line.argument)
		err = strings_add(&args, exec->line.argument);
	if (err == 0)
		err = strings_add(&args, script);
	if (err == 0)
		err = strings_add_all(&args, &exec->args, 1);
	if (err) {
		strings_free(&args);
		return err;
	}
	strings_free(&exec->args);
	strings_move(&exec->args, &args);
	return exec_is_too_big(exec) ? -E2BIG : 0;
}

/* The first line of the open file. -ENOEXEC: it is not a script. */
static int exec_read_line(struct exec *exec)
{
	char data[SCRIPT_LINE_BYTES];
	struct iter iter;
	uint64_t pos = 0;
	ssize_t bytes;

	iter_kernel(&iter, data, sizeof(data));
	bytes = file_read(exec->program.file, &iter, &pos);
	return bytes < 0 ? (int)bytes : script_parse(data, (size_t)bytes, &exec->line);
}

/* The file itself, which alone may be named by where it lies from a base. */
static int exec_open_first(struct exec *exec, const struct exec_args *args)
{
	int err;

	exec->program.call.base = args->base;
	err = exec_open(exec, args->path, args->at_flags);
	exec->program.call.base = NULL;
	return err;
}

/* Open the file; while it is a script, its interpreter. */
static int exec_find(struct exec *exec, const struct exec_args *args)
{
	char script[SCRIPT_LINE_BYTES + 1];
	const char *path = args->shown;
	int err = exec_open_first(exec, args);

	for (unsigned depth = 0; err == 0; depth++) {
		err = exec_read_line(exec);
		if (err == -ENOEXEC)
			return 0;
		if (err == 0 && depth == SCRIPT_DEPTH_MAX)
			err = -ELOOP;
		if (err == 0 && args->lost)
			err = -ENOENT;
		if (err == 0)
			err = exec_insert_interpreter(exec, path);
		if (err)
			return err;
		strlcpy(script, exec->line.interpreter, sizeof(script));
		path = script;
		err = exec_open(exec, path, 0);
	}
	return err;
}

/* Set-user-ID and set-group-ID bits of the file, unless its mount says that they do not count. */
static void cred_follow_bits(struct cred *cred, const struct file *file, const struct stat *stat)
{
	if (uthread_current()->no_new_privs || (READ_ONCE(file->mount->flags) & ST_NOSUID))
		return;
	if (stat->st_mode & S_ISUID)
		cred->euid = stat->st_uid;
	if ((stat->st_mode & (S_ISGID | 0010)) == (S_ISGID | 0010))
		cred->egid = stat->st_gid;
}

static bool cred_has_other_rights(const struct cred *cred)
{
	return cred->euid != cred->uid || cred->egid != cred->gid;
}

/* What a user may not read it may not see in memory either, nor what runs with other rights. */
static bool exec_is_hidden(const struct cred *old, const struct cred *new, const struct stat *stat)
{
	return cred_has_other_rights(new) || cred_acts_otherwise(old, new) ||
	       mode_permission(stat->st_mode, stat->st_uid, stat->st_gid, old, R_OK);
}

/* The program's credentials. */
static int exec_set_cred(struct exec *exec)
{
	struct file *file = exec->program.file;
	struct cred *cred;
	struct stat stat;
	int err;

	assert(file);
	err = file_stat(file, &stat);
	if (err == 0)
		err = cred_copy(exec->cred, &cred);
	if (err)
		return err;
	cred_follow_bits(cred, file, &stat);
	exec->program.secure =
		cred_begin_program(cred, exec->cred, !exec->alone, uthread_current()->no_new_privs);
	exec->hidden = exec_is_hidden(exec->cred, cred, &stat);
	cred_put(exec->cred);
	exec->cred = cred;
	exec->program.cred = cred;
	return 0;
}

/* ---- the change ----------------------------------------------------------------------------- */

/* Mark all other threads as ending. -EINTR: this one is to end itself, for the process exits or
 * another thread's exec was first; then nothing is done. */
static int exec_mark_other_threads(struct uthread *self)
{
	struct proc *proc = self->proc;
	struct uthread *uthread;
	int err = 0;

	proc_lock(proc);
	if (thread_has_work(self->thread, THREAD_WORK_KILL)) {
		err = -EINTR;
	} else {
		list_for_each(uthread, &proc->threads, link) {
			if (uthread != self)
				thread_set_work(uthread->thread, THREAD_WORK_KILL);
		}
	}
	proc_unlock(proc);
	return err;
}

/* End all other threads of the process and take over its number. -EINTR: it is ending itself. */
static int exec_end_other_threads(struct uthread *self)
{
	struct proc *proc = self->proc;
	int err;

	err = exec_mark_other_threads(self);
	if (err)
		return err;
	err = wait_event(
		&proc->own_wait, WAIT_KILLABLE, WAIT_FOREVER, READ_ONCE(proc->thread_count) == 1);
	if (err)
		return err;
	if (self->tid != proc->pid) {
		pid_set_thread(self->tid, NULL);
		pid_put(self->tid);
		pid_get(proc->pid);
		self->tid = proc->pid;
		self->thread->tid = proc->pid->number;
		pid_set_thread(self->tid, self);
	}
	return 0;
}

static void exec_replace_aspace(struct proc *proc, struct aspace *aspace)
{
	struct aspace *of_proc, *of_thread;

	aspace_get(aspace); /* one reference is the process's, one the thread's */
	proc_lock(proc);
	of_proc = proc->aspace;
	proc->aspace = aspace;
	if (of_proc)
		proc->told.max_resident_pages =
			max(proc->told.max_resident_pages, READ_ONCE(of_proc->resident_pages));
	proc_unlock(proc);
	of_thread = aspace_install(aspace);
	proc_vfork_done(proc);
	if (of_proc)
		aspace_put(of_proc);
	if (of_thread)
		aspace_put(of_thread);
}

static void exec_replace_parts(struct proc *proc, struct exec *exec)
{
	struct file *exe = proc->exe;
	struct cred *cred = proc->cred;
	struct fdtable *files = proc->files;
	/* With threads that have gone it was shared, but is no longer: record locks are its own. */
	bool leaves_files = exec->files && fdtable_shared(files);

	proc_lock(proc);
	proc->exe = exec->program.file;
	proc_set_cred_locked(proc, exec->cred);
	if (leaves_files)
		proc->files = exec->files;
	proc_unlock(proc);
	/* exec_free puts what is left in exec: the old ones. */
	exec->program.file = exe;
	exec->cred = cred;
	if (leaves_files)
		exec->files = files;
	fdtable_close_on_exec(proc->files);
}

/* The registers of a fresh program. */
static void exec_reset_thread(struct uthread *self, const struct exec *exec)
{
	struct arch_thread *arch = &self->thread->arch;

	fpu_reset();
	if (arch_set_fs_base(arch, 0) || arch_set_gs_base(arch, 0))
		log_error("exec: base 0 was refused");
	self->clear_child_tid = 0;
	self->set_child_tid = 0;
	self->robust_list = 0;
	memset(self->thread->name, 0, sizeof(self->thread->name));
	strlcpy(self->thread->name, exec->name, sizeof(self->thread->name));
	arch_frame_init(arch_user_frame(arch), exec->program.start, exec->program.stack);
	arch_work_set(arch, ARCH_WORK_FRAME);
}

static void (*first_program)(void); /* [a] NULL once called */

void proc_set_on_first_program(void (*fn)(void))
{
	first_program = fn;
}

static void tell_first_program(const struct proc *proc)
{
	void (*fn)(void);

	if (proc->is_init || !READ_ONCE(first_program))
		return;
	fn = __atomic_exchange_n(&first_program, NULL, __ATOMIC_RELAXED);
	if (fn)
		fn();
}

static void exec_commit(struct exec *exec)
{
	struct uthread *self = uthread_current();
	struct proc *proc = self->proc;

	posix_timers_end(proc);
	robust_list_release();
	thread_clear_tid(self);
	exec_replace_aspace(proc, exec->program.aspace);
	exec_replace_parts(proc, exec);
	signal_exec(proc);
	exec_reset_thread(self, exec);
	WRITE_ONCE(proc->dumpable, !exec->hidden);
	if (exec->program.secure)
		WRITE_ONCE(proc->death_signal, 0);
	proc_tree_lock();
	proc->executed = true;
	proc->exit_signal = SIGCHLD;
	proc_tree_unlock();
	tell_first_program(proc);
}

/* Strings are there; find, load, change. */
static int exec_run(struct exec *exec, const struct exec_args *args)
{
	struct proc *proc = proc_current();
	int err;

	err = exec_find(exec, args);
	if (err == 0)
		err = exec_set_cred(exec);
	if (err == 0 && fdtable_shared(proc->files))
		err = fdtable_copy(proc->files, &exec->files);
	if (err == 0)
		err = program_load(&exec->program);
	if (err)
		return err;
	err = exec_end_other_threads(uthread_current());
	if (err) {
		aspace_put(exec->program.aspace);
		return err;
	}
	exec_commit(exec);
	return 0;
}

static int exec_once(const struct exec_args *args)
{
	struct exec *exec;
	int err;

	if (!proc_may_exec(proc_current()))
		return -EAGAIN;
	exec = kmalloc(sizeof(*exec));
	if (!exec)
		return -ENOMEM;
	exec_init(exec);
	err = exec_set_path(exec, args->shown);
	if (err == 0)
		err = exec_add_user_strings(exec, args->argv, args->envp);
	if (err == 0)
		err = exec_run(exec, args);
	exec_free(exec);
	return err;
}

/* A program that would be larger than it may be is refused like one for which there is no memory;
 * what is taken back for it comes again as its file is read. So there is an end. */
int proc_exec(const struct exec_args *args)
{
	unsigned tries = 0;
	int err;

	do
		err = exec_once(args);
	while (tries++ < EXEC_TRIES && frame_reclaim_for(err));
	return err;
}

int proc_exec_kernel(const char *path, const char *const argv[], const char *const envp[])
{
	const struct exec_args args = { .path = path, .shown = path };
	struct exec *exec = kmalloc(sizeof(*exec));
	int err;

	if (!exec)
		return -ENOMEM;
	exec_init(exec);
	err = exec_set_path(exec, path);
	for (; err == 0 && *argv; argv++)
		err = strings_add(&exec->args, *argv);
	for (; err == 0 && *envp; envp++)
		err = strings_add(&exec->env, *envp);
	if (err == 0)
		err = exec_run(exec, &args);
	exec_free(exec);
	return err;
}
