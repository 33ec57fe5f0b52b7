/*
 * Process 1: from an ELF image that is linked into the kernel to the first program.
 *
 * The main idea: no special path. The image is written to a file in the root, and a new process
 * executes that file as any other would; the name goes away once it runs.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "core/log.h"
#include "fs/fs.h"
#include "proc/exec.h"
#include "proc/exit.h"
#include "proc/proc.h"

#define INIT_PATH "/.init"

static const char *const init_argv[] = { "/init", NULL };
static const char *const init_envp[] = { "HOME=/", "TERM=linux", NULL };

static int init_file_write(const struct fs_call *call, const void *image, size_t bytes)
{
	struct file *file;
	struct iter iter;
	ssize_t written;
	int err;

	err = fs_open(call, INIT_PATH, O_WRONLY | O_CREAT | O_TRUNC, 0700, &file);
	if (err)
		return err;
	iter_kernel(&iter, (void *)image, bytes);
	written = file_write(file, &iter, NULL);
	file_put(file);
	if (written < 0)
		return (int)written;
	return (size_t)written == bytes ? 0 : -ENOSPC;
}

/* Descriptors 0, 1 and 2, where there is a console. */
static void init_open_console(struct proc *proc, const struct fs_call *call)
{
	struct file *file;
	int err, fd;

	err = fs_open(call, "/dev/console", O_RDWR, 0, &file);
	if (err) {
		log_warn("init: no /dev/console: error %d", -err);
		return;
	}
	for (int i = 0; i < 3; i++) {
		file_get(file);
		if (fd_install(proc->files, file, 0, 3, false, &fd))
			file_put(file);
	}
	file_put(file);
}

/* First code of process 1's thread. */
static void init_start(void *unused)
{
	struct uthread *self = uthread_current();
	struct proc *proc = self->proc;
	struct fs_call call = { .context = proc->fs, .cred = proc->cred };
	int err;

	init_open_console(proc, &call);
	err = proc_exec_kernel(INIT_PATH, init_argv, init_envp);
	(void)fs_unlink(&call, INIT_PATH, 0);
	if (err) {
		log_error("init: cannot be started: error %d", -err);
		proc_exit_group(WAIT_STATUS_EXITED(127));
	}
	arch_enter_user(arch_user_frame(&self->thread->arch));
}

static int init_make_parts(struct proc *proc, const void *image, size_t bytes)
{
	struct fs_call call;
	int err;

	proc->cred = cred_root();
	cred_get(proc->cred);
	err = fdtable_create(&proc->files);
	if (err == 0)
		err = fs_context_create(&proc->fs);
	call = (struct fs_call){ .context = proc->fs, .cred = proc->cred };
	return err ? err : init_file_write(&call, image, bytes);
}

int proc_start_init(const void *image, size_t bytes, void (*on_exit)(int wait_status))
{
	struct uthread *uthread;
	struct proc *proc;
	int err;

	proc_set_on_init_exit(on_exit);
	err = proc_create(&proc);
	if (err)
		return err;
	proc->is_init = true;
	err = init_make_parts(proc, image, bytes);
	if (err == 0)
		err = uthread_create(proc, NULL, "init", init_start, NULL, &uthread);
	if (err)
		goto destroy_proc;
	err = uthread_add(uthread);
	if (err)
		goto destroy_thread;
	proc_tree_lock();
	proc_add_locked(proc, NULL, false);
	proc_tree_unlock();
	thread_run(uthread->thread);
	return 0;

destroy_thread:
	uthread_destroy(uthread);
destroy_proc:
	proc_destroy(proc);
	return err;
}
