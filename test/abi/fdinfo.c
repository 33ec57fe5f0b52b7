/* /proc/PID/fdinfo: position and flags of each descriptor. */
#define _GNU_SOURCE
#include "show.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

/* The number behind a name in a descriptor's text, in `base`; -1: there is none. */
static long field(const char *file, const char *name, int base)
{
	char text[512], *at;
	int fd = open(file, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, name);
	return at ? strtol(at + strlen(name), NULL, base) : -1;
}

static void show_fd(const char *what, int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	printf("%s: pos %ld flags %#lo, mount %d, inode %d\n", what, field(path, "pos:\t", 10),
		field(path, "flags:\t", 8), field(path, "mnt_id:\t", 10) >= 0,
		field(path, "ino:\t", 10) > 0);
}

/* The mount's number is that of mountinfo. */
static int mount_known(int fd)
{
	char path[64], line[512];
	long id, number;
	int known = 0;
	FILE *in = fopen("/proc/self/mountinfo", "r");

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	id = field(path, "mnt_id:\t", 10);
	while (fgets(line, sizeof(line), in))
		if (sscanf(line, "%ld", &number) == 1 && number == id)
			known = 1;
	fclose(in);
	return known;
}

static long inode(int fd)
{
	struct stat st;

	fstat(fd, &st);
	return (long)st.st_ino;
}

int main(void)
{
	int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600), other, ends[2];
	struct dirent *entry;
	int listed = 0;
	char path[64];
	DIR *dir;
	pid_t pid;

	setvbuf(stdout, NULL, _IOLBF, 0);
	show_fd("new", fd);
	write(fd, "hello", 5);
	show_fd("written", fd);
	lseek(fd, 2, SEEK_SET);
	show_fd("seeked", fd);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK);
	show_fd("cloexec, append, nonblock", fd);
	other = dup(fd);
	show_fd("its duplicate", other);
	SHOW(mount_known(fd));
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	SHOW(field(path, "ino:\t", 10) == inode(fd));
	close(other);
	other = open("f", O_PATH);
	show_fd("a path", other);
	close(other);
	other = open(".", O_RDONLY | O_DIRECTORY);
	show_fd("a directory", other);
	close(other);
	other = open("/dev/null", O_WRONLY);
	show_fd("a device", other);
	close(other);
	pipe2(ends, O_NONBLOCK);
	show_fd("pipe, to read", ends[0]);
	show_fd("pipe, to write", ends[1]);

	dir = opendir("/proc/self/fdinfo");
	while ((entry = readdir(dir)))
		listed += atoi(entry->d_name) == fd || atoi(entry->d_name) == ends[1];
	closedir(dir);
	SHOW(listed);
	close(ends[1]);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", ends[1]);
	SHOW(open(path, O_RDONLY));
	SHOW(open("/proc/self/fdinfo/x", O_RDONLY));
	SHOW(open("/proc/self/fdinfo/0", O_WRONLY) >= 0 || errno == EACCES || errno == EINVAL ||
		errno == EIO);

	/* Another's are for who may look into it. */
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
	printf("a child's: pos %ld\n", field(path, "pos:\t", 10));
	if (fork() == 0) {
		setuid(1000);
		SHOW(open(path, O_RDONLY));
		snprintf(path, sizeof(path), "/proc/%d/fdinfo", pid);
		SHOW(open(path, O_RDONLY) >= 0 || errno == EACCES);
		_exit(0);
	}
	wait(NULL);
	kill(pid, SIGKILL);
	wait(NULL);
	return 0;
}
