/* nosuid, nodev, noexec, nosymfollow, noatime and the like: what each forbids. */
#include "show.h"

#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/wait.h>

static void show_options(void)
{
	FILE *file = fopen("/proc/self/mounts", "r");
	char line[512], at[128], options[256];

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %127s %*s %255s", at, options) == 2 &&
			strstr(at, "mount_flags/d"))
			printf("%s\n", options);
	fclose(file);
}

static void remount(unsigned long flags)
{
	struct statfs st;

	printf("flags %lx\n", flags);
	SHOW(mount(NULL, "d", NULL, MS_REMOUNT | MS_BIND | flags, NULL));
	show_options();
	statfs("d", &st);
	printf("statfs %lx\n", (long)st.f_flags);
}

/* Ourselves, started from there: says with which effective ids. */
static void run(const char *path)
{
	char *argv[] = { (char *)path, (char *)"ids", NULL };
	int status;

	fflush(stdout);
	if (fork() == 0) {
		execve(path, argv, NULL);
		printf("%s: %s\n", path, strerror(errno));
		exit(1);
	}
	wait(&status);
	printf("status %x\n", status);
}

static void copy_self(const char *to)
{
	static char buffer[65536];
	int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_CREAT | O_WRONLY, 0755);
	ssize_t bytes;

	while ((bytes = read(in, buffer, sizeof(buffer))) > 0)
		write(out, buffer, bytes);
	close(in);
	close(out);
}

static void executes(void)
{
	int fd = open("d/program", O_RDONLY);
	void *map;

	SHOW(access("d/program", X_OK));
	SHOW(access("d/dir", X_OK));
	run("d/program");
	SHOW_MAP(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0));
	SHOW_MAP(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0));
	map = SHOW_MAP(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
	SHOW(mprotect(map, 4096, PROT_READ | PROT_EXEC));
	munmap(map, 4096);
	close(fd);
}

static void devices(void)
{
	int fd;

	SHOW(fd = open("d/null", O_RDWR));
	close(fd);
	SHOW(fd = open("d/null", O_PATH));
	close(fd);
	SHOW(open("d/disk", O_RDONLY));
	SHOW(fd = open("d/pipe", O_RDWR));
	close(fd);
}

static void symlinks(void)
{
	struct stat st;
	char text[16];

	SHOW(stat("d/link", &st));
	SHOW(lstat("d/link", &st));
	SHOW(stat("d/to-dir/x", &st));
	SHOW(readlink("d/link", text, sizeof(text)));
	SHOW(open("d/link", O_RDONLY | O_NOFOLLOW));
	SHOW(open("d/link", O_RDONLY));
	SHOW(unlink("d/to-dir/x"));
}

/* Which reads move the time of access? */
static void atime(const char *path, int is_dir)
{
	struct timespec old[2] = { { 1000, 0 }, { 2000, 0 } };
	struct timespec newer[2] = { { 3000, 0 }, { 2000, 0 } };
	static char buffer[4096];
	struct stat st;

	for (int i = 0; i < 2; i++) {
		int fd = open(path, O_RDONLY);

		utimensat(AT_FDCWD, path, i ? newer : old, 0);
		if (is_dir)
			syscall(SYS_getdents64, fd, buffer, sizeof(buffer));
		else
			read(fd, buffer, 1);
		close(fd);
		stat(path, &st);
		printf("%s: %s\n", path, st.st_atime == (i ? 3000 : 1000) ? "stays" : "moves");
	}
}

static void atimes(unsigned long flags)
{
	remount(flags);
	atime("d/file", 0);
	atime("d/dir", 1);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "ids") == 0) {
		printf("ids %d %d, %d %d\n", getuid(), geteuid(), getgid(), getegid());
		return 7;
	}
	SHOW(mkdir("d", 0755));
	SHOW(mount("none", "d", "tmpfs", 0, NULL));
	SHOW(mkdir("d/dir", 0755));
	SHOW(close(open("d/dir/x", O_CREAT | O_WRONLY, 0644)));
	SHOW(close(open("d/file", O_CREAT | O_WRONLY, 0644)));
	SHOW(truncate("d/file", 10));
	SHOW(mknod("d/null", S_IFCHR | 0666, 0x103));
	SHOW(mknod("d/disk", S_IFBLK | 0666, 0x0f3f));
	SHOW(mknod("d/pipe", S_IFIFO | 0666, 0));
	SHOW(symlink("file", "d/link"));
	SHOW(symlink("dir", "d/to-dir"));
	copy_self("d/program");
	SHOW(chown("d/program", 1000, 1001));
	SHOW(chmod("d/program", 06755));
	executes();
	remount(MS_NOSUID);
	executes();
	remount(MS_NOEXEC);
	executes();
	remount(MS_NODEV);
	devices();
	remount(256);
	symlinks();
	remount(0);
	devices();
	symlinks();
	atimes(0);
	atimes(MS_NOATIME);
	atimes(MS_NODIRATIME);
	atimes(0);
	atimes(MS_RELATIME);
	atimes(MS_STRICTATIME);
	atimes(0);
	atimes(MS_NOATIME | MS_STRICTATIME);
	SHOW(umount("d"));
	SHOW(mount("none", "d", "tmpfs",
		MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_SYNCHRONOUS | MS_DIRSYNC, NULL));
	show_options();
	SHOW(mount("none", "d", "tmpfs", MS_REMOUNT | MS_LAZYTIME | 0xc0ed0000, NULL));
	show_options();
	SHOW(umount("d"));
	SHOW(rmdir("d"));
	return 0;
}
