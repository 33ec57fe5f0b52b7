/* Modes and owners for somebody who is not user 0. */
#include "show.h"

static void try_all(void)
{
	SHOW(access("f", F_OK));
	SHOW(access("f", R_OK | W_OK));
	SHOW(access("f", X_OK));
	SHOW(access("private", R_OK));
	SHOW(access("private", X_OK));
	SHOW(access("dir", R_OK | W_OK | X_OK));
	SHOW(access("dir/inside", F_OK));
	SHOW(access("missing", F_OK));
	SHOW(access("f", 99));
	SHOW(close(open("private", O_RDONLY)));
	SHOW(close(open("f", O_WRONLY)));
	SHOW(unlink("dir/inside"));
	SHOW(chmod("f", 0600));
	SHOW(chown("f", 7, 7));
	SHOW(rmdir("sticky/root"));
}

int main(void)
{
	umask(077);
	close(open("private", O_CREAT | O_WRONLY, 0666));
	mkdir("dir", 0777);
	close(open("dir/inside", O_CREAT | O_WRONLY, 0666));
	umask(0);
	close(open("f", O_CREAT | O_WRONLY, 0644));
	mkdir("sticky", 01777);
	mkdir("sticky/root", 0755);
	SHOW(syscall(SYS_setgroups, 0, NULL));
	SHOW(syscall(SYS_setresgid, 1000, 1000, 1000));
	SHOW(syscall(SYS_setresuid, 1000, 1000, 1000));
	SHOW(getuid());
	SHOW(getegid());
	try_all();
	SHOW(setuid(0));
	return 0;
}
