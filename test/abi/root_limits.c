/* What even root may not, or may in a way of its own: files of /proc/sys, frozen file systems,
 * guarded disks, ambient capabilities, being another system, the first of all mounts. */
#include "show.h"

#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#define BLKROSET _IO(0x12, 93)
#define BLKROGET _IO(0x12, 94)
#define FIFREEZE _IOWR('X', 119, int)
#define FITHAW   _IOWR('X', 120, int)

static void settings(void)
{
	SHOW(open("/proc/sys/kernel/ostype", O_WRONLY));
	SHOW(open("/proc/sys/kernel/ostype", O_RDWR));
	SHOW(access("/proc/sys/kernel/ostype", W_OK));
	SHOW(access("/proc/sys/kernel/ostype", R_OK));
	SHOW(access("/proc/sys/kernel/hostname", R_OK | W_OK));
	SHOW(open("/proc/sys/kernel/ostype", O_RDONLY));
	SHOW(open("/proc/version", O_WRONLY));
}

static void frozen(void)
{
	int dir = open(".", O_RDONLY), ends[2];

	pipe(ends);
	SHOW(ioctl(dir, FIFREEZE, 0));
	SHOW(ioctl(dir, FITHAW, 0));
	SHOW(ioctl(ends[0], FIFREEZE, 0));
	fflush(stdout);
	if (fork() == 0) {
		setresuid(1234, 1234, 1234);
		SHOW(ioctl(dir, FIFREEZE, 0));
		SHOW(ioctl(dir, FITHAW, 0));
		_exit(0);
	}
	wait(NULL);
}

static void guarded(void)
{
	int disk = open("/dev/vdb", O_RDWR), on = 1, off = 0, is = -1;
	char sector[512] = "text";

	SHOW(pwrite(disk, sector, 512, 0));
	SHOW(ioctl(disk, BLKROSET, NULL));
	SHOW(ioctl(disk, BLKROSET, &on));
	SHOW(ioctl(disk, BLKROGET, &is));
	printf("read-only: %d\n", is);
	SHOW(pwrite(disk, sector, 512, 0));
	SHOW(pread(disk, sector, 512, 0));
	SHOW(fsync(disk));
	close(disk);
	SHOW((disk = open("/dev/vdb", O_RDWR)) >= 0);
	SHOW(pwrite(disk, sector, 512, 0));
	SHOW(ioctl(disk, BLKROSET, &off));
	SHOW(pwrite(disk, sector, 512, 0));
	close(disk);
}

static void ambient(void)
{
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 40, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 41, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 1, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 0, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 41, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, 0, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, 5, 0, 0, 0));
}

static void show_machine(void)
{
	struct utsname name;

	SHOW(personality(0xffffffff));
	uname(&name);
	puts(name.machine);
	fflush(stdout);
}

static void another(void)
{
	show_machine();
	SHOW(personality(PER_LINUX32));
	show_machine();
	if (fork() == 0) {
		show_machine();
		SHOW(personality(PER_LINUX32 | ADDR_NO_RANDOMIZE));
		show_machine();
		_exit(0);
	}
	wait(NULL);
	SHOW(personality(PER_LINUX));
	show_machine();
}

int main(void)
{
	settings();
	frozen();
	guarded();
	ambient();
	another();
	mkdir("old", 0755);
	SHOW(syscall(SYS_pivot_root, ".", "old"));
	SHOW(syscall(SYS_pivot_root, "/", "old"));
	SHOW(syscall(SYS_pivot_root, "/proc", "old"));
	return 0;
}
