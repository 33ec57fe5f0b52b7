#ifndef PROC_EXEC_H
#define PROC_EXEC_H
/*
 * Starting programs.
 */
#include <stdbool.h>
#include <stddef.h>

#include "lib/compiler.h"
#include "lib/types.h"

struct file;

struct exec_args {
	const char *path;
	struct file *base; /* where a relative path begins, or NULL: the working directory; with */
	unsigned at_flags; /* AT_EMPTY_PATH and an empty path: the program. AT_SYMLINK_NOFOLLOW */
	const char *shown; /* how the new program finds its file: AT_EXECFN, a script's name */
	bool lost;         /* it will not: `shown` goes by a descriptor that exec closes */
	uptr_t argv, envp; /* addresses in the old program */
};

/* execve(2), execveat(2) of the running thread. On 0 its frame, address space and signals are the
 * new program's. -errno: nothing has changed. */
__must_check int proc_exec(const struct exec_args *args);

/* The same with strings of the kernel's, for a thread that has not been in user mode yet. */
__must_check int proc_exec_kernel(
	const char *path, const char *const argv[], const char *const envp[]);

/* Start process 1 from an ELF image in kernel memory. on_exit is called, never to return, with the
 * wait status (abi/wait.h) when it ends. The root must be mounted. -errno. */
__must_check int proc_start_init(const void *image, size_t bytes, void (*on_exit)(int wait_status));

/* fn is called once, when a process other than 1 is about to enter its program. Before process 1
 * starts. */
void proc_set_on_first_program(void (*fn)(void));

#endif
