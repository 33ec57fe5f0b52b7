/*
 * init: process 1 where nobody else is. It is a part of the kernel's image, and uses no libc.
 *
 * With a job in the archive (bin/run PROGRAM) it runs that and turns the machine off. With a
 * /sbin/init it makes way for it. With neither it says hello, proves that the machine works, and
 * turns it off. It runs on Linux as well as on Cor, so that both can be compared.
 *
 * The job's streams and its end: job.c. What Linux needs before it can begin: linux.c.
 */
#include "init.h"

#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/utsname.h"
#include "sys.h"

void init_main(long *stack);

/* Fills descriptors 0, 1 and 2, whatever the kernel has given us. */
static void console_open(void)
{
	long fd;

	do {
		fd = sys3(open, "/dev/console", O_RDWR, 0);
		if (fd < 0)
			fd = sys3(open, "/dev/null", O_RDWR, 0);
	} while (fd >= 0 && fd < CONSOLE_FD);
	if (fd > CONSOLE_FD)
		sys1(close, fd);
}

static void hello(void)
{
	struct utsname name;
	char line[160] = "hello from process ";

	text_add_number(line, sizeof(line), sys1(getpid, 0));
	if (sys1(uname, &name) == 0) {
		text_add(line, sizeof(line), " on ");
		text_add(line, sizeof(line), name.sysname);
		text_add(line, sizeof(line), " ");
		text_add(line, sizeof(line), name.release);
	}
	say(line, 0);
}

void init_main(long *stack)
{
	static const char *const argv[] = { "/sbin/init", NULL };
	long argc = stack[0];
	char **envp = (char **)stack + 1 + argc + 1;

	kernel_complete();
	console_open();
	job_run();
	if (sys3(execve, argv[0], argv, envp) != -ENOENT)
		say("/sbin/init cannot be started", 0);
	hello();
	if (checks_run() == 0)
		say("all is well, the machine goes off", 0);
	power_off();
}
