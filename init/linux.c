/*
 * linux: what makes a Linux kernel with nothing but our archive into the machine that Cor is by
 * itself.
 */
#include "abi/errno.h"
#include "abi/fcntl.h"
#include "init.h"
#include "sys.h"

static void load_modules(void)
{
	for (long i = 0;; i++) {
		char path[64] = "/lib/modules/cor/";
		long fd, error;

		text_add_number(path, sizeof(path), i);
		text_add(path, sizeof(path), ".ko");
		fd = sys3(open, path, O_RDONLY | O_CLOEXEC, 0);
		if (fd < 0)
			return;
		error = sys3(finit_module, fd, "", 0);
		if (error && error != -EEXIST)
			say(path, error);
		sys1(close, fd);
		sys1(unlink, path);
	}
}

void kernel_complete(void)
{
	/* bin/run puts them into Linux's archive alone. */
	if (sys2(access, "/lib/modules/cor", 0))
		return;
	sys6(mount, "devtmpfs", "/dev", "devtmpfs", 0, 0, 0);
	sys2(mkdir, "/dev/pts", 0755);
	sys6(mount, "devpts", "/dev/pts", "devpts", 0, "mode=620,gid=5,ptmxmode=666", 0);
	sys2(symlink, "/proc/self/fd", "/dev/fd");
	sys2(symlink, "/proc/self/fd/0", "/dev/stdin");
	sys2(symlink, "/proc/self/fd/1", "/dev/stdout");
	sys2(symlink, "/proc/self/fd/2", "/dev/stderr");
	sys2(mkdir, "/dev/shm", 0755);
	sys6(mount, "tmpfs", "/dev/shm", "tmpfs", 0, 0, 0);
	sys6(mount, "proc", "/proc", "proc", 0, 0, 0);
	sys6(mount, "sysfs", "/sys", "sysfs", 0, 0, 0);
	load_modules();
	/* Of what Linux alone needs, nothing is left for programs to see. */
	sys1(rmdir, "/lib/modules/cor");
	sys1(rmdir, "/lib/modules");
	sys1(rmdir, "/lib");
	sys1(unlink, "/init");
}
