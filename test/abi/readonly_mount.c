/* Mounts and file systems that are read-only: what is refused, and with which error; who keeps one
 * from becoming so. */
#include "show.h"

#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <utime.h>

static void show_flags(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "r");
	char line[512], at[128], options[128], of_sb[128];
	struct statfs st;

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %*s %*s %*s %127s %127s - %*s %*s %127s", at, options,
			    of_sb) == 3 &&
			strstr(at, "readonly_mount/"))
			printf("%s %s - %s\n", at, options, of_sb);
	fclose(file);
	statfs("d", &st);
	printf("flags %lx\n", (long)st.f_flags);
}

/* All that writes, on "d" as it is. */
static void write_all(void)
{
	struct timeval times[2] = { { 1, 1 }, { 1, 1 } };
	int fd;

	SHOW(open("d/file", O_WRONLY));
	SHOW(open("d/file", O_RDWR));
	SHOW(open("d/file", O_RDONLY | O_TRUNC));
	SHOW(open("d/new", O_CREAT | O_WRONLY, 0644));
	SHOW(open("d/new", O_CREAT | O_RDONLY, 0644));
	SHOW(fd = open("d/file", O_CREAT | O_RDONLY, 0644));
	SHOW(open("d/file", O_CREAT | O_EXCL, 0644));
	SHOW(open("d/missing", O_RDWR));
	SHOW(open("d/dir", O_WRONLY));
	SHOW(fchmod(fd, 0600));
	SHOW(fchown(fd, 0, 0));
	SHOW(futimens(fd, NULL));
	SHOW(ftruncate(fd, 0));
	SHOW(close(fd));
	SHOW(mkdir("d/new", 0755));
	SHOW(mkdir("d/file", 0755));
	SHOW(mkdir("d/missing/x", 0755));
	SHOW(mknod("d/new", S_IFIFO | 0644, 0));
	SHOW(symlink("x", "d/new"));
	SHOW(symlink("x", "d/file"));
	SHOW(link("d/file", "d/new"));
	SHOW(link("d/file", "d/file"));
	SHOW(link("outside", "d/new"));
	SHOW(unlink("d/file"));
	SHOW(unlink("d/missing"));
	SHOW(unlink("d/dir"));
	SHOW(rmdir("d/dir"));
	SHOW(rmdir("d/missing"));
	SHOW(rmdir("d/."));
	SHOW(rename("d/file", "d/new"));
	SHOW(rename("d/missing", "d/new"));
	SHOW(rename("d/file", "outside"));
	SHOW(chmod("d/file", 0600));
	SHOW(chmod("d/missing", 0600));
	SHOW(chown("d/file", 1, 1));
	SHOW(utimes("d/file", times));
	SHOW(truncate("d/file", 0));
	SHOW(truncate("d/dir", 0));
	SHOW(truncate("d/pipe", 0));
	SHOW(access("d/file", R_OK));
	SHOW(access("d/file", W_OK));
	SHOW(access("d/dir", W_OK));
	SHOW(access("d/pipe", W_OK));
	SHOW(fd = open("d/pipe", O_RDWR));
	SHOW(write(fd, "x", 1));
	SHOW(close(fd));
	SHOW(fd = open("d/null", O_WRONLY));
	SHOW(write(fd, "x", 1));
	SHOW(close(fd));
}

static void as_user(void)
{
	SHOW(seteuid(1000));
	SHOW(open("d/file", O_WRONLY));
	SHOW(open("d/secret", O_WRONLY));
	SHOW(access("d/secret", W_OK));
	SHOW(mkdir("d/new", 0755));
	SHOW(unlink("d/file"));
	SHOW(chmod("d/file", 0777));
	SHOW(truncate("d/secret", 0));
	SHOW(seteuid(0));
}

static void times_stay(void)
{
	struct stat before, after;
	char byte;
	int fd;

	SHOW(stat("d/file", &before));
	usleep(20000);
	SHOW(fd = open("d/file", O_RDONLY));
	SHOW(read(fd, &byte, 1));
	close(fd);
	SHOW(stat("d/file", &after));
	printf("atime stays: %d\n", before.st_atim.tv_nsec == after.st_atim.tv_nsec);
}

static void writers(void)
{
	int fd = open("d/file", O_WRONLY), other;

	SHOW(mount(NULL, "d", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	SHOW(mount(NULL, "d", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	SHOW(mkdir("d/still", 0755));
	SHOW(rmdir("d/still"));
	SHOW(close(fd));
	SHOW(mount("d", "e", NULL, MS_BIND, NULL));
	SHOW(fd = open("e/file", O_WRONLY));
	SHOW(mount(NULL, "d", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	SHOW(mount(NULL, "d", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	SHOW(other = open("d/file", O_WRONLY));
	SHOW(write(fd, "written", 7));
	SHOW(close(fd));
	show_flags();
	SHOW(mount(NULL, "e", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	show_flags();
	SHOW(mkdir("e/x", 0755));
	SHOW(mount(NULL, "d", NULL, MS_REMOUNT | MS_BIND, NULL));
	show_flags();
	SHOW(mkdir("d/x", 0755));
	SHOW(mount(NULL, "d", NULL, MS_REMOUNT, NULL));
	show_flags();
	SHOW(mkdir("d/x", 0755));
	SHOW(mkdir("e/y", 0755));
	SHOW(umount("e"));
}

int main(void)
{
	SHOW(mkdir("d", 0755));
	SHOW(mkdir("e", 0755));
	SHOW(close(open("outside", O_CREAT | O_WRONLY, 0644)));
	SHOW(mount("none", "d", "tmpfs", 0, NULL));
	SHOW(mkdir("d/dir", 0755));
	SHOW(close(open("d/file", O_CREAT | O_WRONLY, 0666)));
	SHOW(truncate("d/file", 10));
	SHOW(close(open("d/secret", O_CREAT | O_WRONLY, 0600)));
	SHOW(mknod("d/pipe", S_IFIFO | 0666, 0));
	SHOW(mknod("d/null", S_IFCHR | 0666, 0x103));
	printf("-- the mount\n");
	SHOW(mount(NULL, "d", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	show_flags();
	write_all();
	as_user();
	times_stay();
	printf("-- the file system\n");
	SHOW(mount(NULL, "d", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	show_flags();
	write_all();
	as_user();
	times_stay();
	printf("-- writable\n");
	SHOW(mount(NULL, "d", NULL, MS_REMOUNT, NULL));
	writers();
	SHOW(umount("d"));
	SHOW(mount("none", "d", "tmpfs", MS_RDONLY, NULL));
	show_flags();
	SHOW(mkdir("d/x", 0755));
	SHOW(umount("d"));
	return 0;
}
