/* /proc of other processes: who may look, what is left of one that has ended; hostile reading. */
#include "show.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/statfs.h>
#include <sys/wait.h>

static const char *at(int pid, const char *name)
{
	static char path[4][64];
	static int next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof(path[0]), "/proc/%d/%s", pid, name);
	return path[next];
}

static int sleeper(void)
{
	int pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		for (;;)
			pause();
	}
	return pid;
}

static long read_all(int fd)
{
	char buf[4096];
	long got, all = 0;

	while ((got = read(fd, buf, sizeof(buf))) > 0)
		all += got;
	return got < 0 ? -1 : all;
}

static char state_of(int pid)
{
	return state_in(at(pid, "stat"));
}

/* A child that is stopped, continued, killed and waited for, with its files open all the time. */
static void follow_to_the_end(void)
{
	static const char *const names[] = { "stat", "status", "maps", "cmdline", "comm",
		"limits" };
	int pid = sleeper(), fds[6], dir = open(at(pid, ""), O_RDONLY), status;
	char buf[64];

	for (int i = 0; i < 6; i++)
		SHOW((fds[i] = open(at(pid, names[i]), O_RDONLY)) >= 0);
	while (state_of(pid) != 'S')
		usleep(1000);
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	printf("stopped: %c\n", state_of(pid));
	kill(pid, SIGKILL);
	while (state_of(pid) != 'Z')
		usleep(1000);
	printf("ended: %c\n", state_of(pid));
	SHOW(readlink(at(pid, "exe"), buf, sizeof(buf)));
	SHOW(read_all(fds[3]));
	SHOW(read_all(open(at(pid, "maps"), O_RDONLY)));
	SHOW(waitpid(pid, &status, 0) == pid);
	for (int i = 0; i < 6; i++)
		if (i != 2 && i != 3)
			SHOW(read(fds[i], buf, sizeof(buf)));
	SHOW(open(at(pid, "stat"), O_RDONLY));
	SHOW(openat(dir, "stat", O_RDONLY));
	SHOW(access(at(pid, "fd"), F_OK));
}

/* What has no name is opened by its link. */
static void open_pipes(void)
{
	char path[32], buf[16] = "";
	int ends[2], again;

	SHOW(pipe(ends) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[1]);
	SHOW((again = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600)) >= 0);
	SHOW(write(again, "abc", 3));
	close(again);
	close(ends[1]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	SHOW((again = open(path, O_RDONLY | O_NONBLOCK)) >= 0);
	SHOW(read(again, buf, sizeof(buf)));
	puts(buf);
	SHOW(read(ends[0], buf, sizeof(buf)));
	close(again);
	close(ends[0]);
	SHOW(open(path, O_RDONLY));
}

static bool is_listed(int pid)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	bool listed = false;

	while ((entry = readdir(dir)))
		listed |= atoi(entry->d_name) == pid;
	closedir(dir);
	return listed;
}

static void show_rights(void)
{
	int pid = sleeper(), status;
	char buf[64];
	struct stat st;

	SHOW(is_listed(pid));
	if (fork() == 0) {
		setgid(1000);
		setuid(1000);
		SHOW(read_all(open(at(pid, "stat"), O_RDONLY)) > 0);
		SHOW(read_all(open(at(pid, "status"), O_RDONLY)) > 0);
		SHOW(read_all(open(at(pid, "cmdline"), O_RDONLY)) > 0);
		SHOW(open(at(pid, "environ"), O_RDONLY));
		SHOW(open(at(pid, "auxv"), O_RDONLY));
		SHOW(open(at(pid, "fd"), O_RDONLY));
		SHOW(open(at(pid, "fd/0"), O_RDONLY));
		SHOW(readlink(at(pid, "exe"), buf, sizeof(buf)));
		SHOW(readlink(at(pid, "cwd"), buf, sizeof(buf)));
		SHOW(chdir(at(pid, "root")));
		SHOW(open(at(pid, "comm"), O_WRONLY));
		SHOW(open("/proc/slabinfo", O_RDONLY));
		SHOW(open("/proc/sys/vm/drop_caches", O_WRONLY));
		SHOW(open("/proc/sys/kernel/hostname", O_WRONLY));
		_exit(0);
	}
	wait(&status);
	SHOW(stat(at(pid, ""), &st));
	printf("mode %o, owner %d\n", st.st_mode, st.st_uid);
	stat(at(pid, "fd"), &st);
	printf("mode %o\n", st.st_mode);
	stat(at(pid, "environ"), &st);
	printf("mode %o\n", st.st_mode);
	kill(pid, SIGKILL);
	wait(&status);
	SHOW(is_listed(pid));
}

static void show_changes(void)
{
	struct statfs fs;

	SHOW(open("/proc/new", O_WRONLY | O_CREAT, 0600));
	SHOW(mkdir("/proc/new", 0700));
	SHOW(symlink("x", "/proc/new"));
	SHOW(unlink("/proc/version"));
	SHOW(rename("/proc/version", "/proc/uptime"));
	SHOW(link("/proc/version", "/proc/new"));
	SHOW(access("/proc/nothing", F_OK));
	SHOW(access("/proc/0", F_OK));
	SHOW(access("/proc/-1", F_OK));
	SHOW(access("/proc/01", F_OK));
	SHOW(access("/proc/99999999999999999999", F_OK));
	SHOW(statfs("/proc", &fs));
	printf("type %lx, %ld blocks\n", (long)fs.f_type, (long)fs.f_blocks);
}

static void show_hostile(void)
{
	int fd = open("/proc/self/limits", O_RDONLY);
	char buf[64];

	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(lseek(fd, -1, SEEK_SET));
	SHOW(lseek(fd, 6, SEEK_SET));
	SHOW(read(fd, buf, 5));
	printf("%.5s\n", buf);
	SHOW(lseek(fd, 1, SEEK_CUR));
	SHOW(pread(fd, buf, 5, 0));
	printf("%.5s\n", buf);
	SHOW(pread(fd, buf, 5, 1 << 20));
	SHOW(pread(fd, buf, 5, -1));
	SHOW(read(fd, (char *)8, 5));
	SHOW(read(fd, buf, 0));
	SHOW(write(fd, buf, 1));
	fd = open("/proc/version", O_WRONLY);
	SHOW(write(fd, "x", 1));
	fd = open("/proc/self/maps", O_RDONLY | O_DIRECTORY);
	SHOW(fd);
	fd = open("/proc/self", O_RDONLY | O_NOFOLLOW);
	SHOW(fd);
	fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_TRUNC);
	SHOW(write(fd, "9", 1));
	SHOW(write(fd, "x", 1));
	SHOW(write(fd, "", 0));
	SHOW(write(fd, (char *)8, 1));
	SHOW(write(fd, " 3 \n", 4));
	fd = open("/proc/sys/kernel/hostname", O_RDWR);
	SHOW(write(fd, "other\nline", 10));
	SHOW(gethostname(buf, sizeof(buf)));
	puts(buf);
	SHOW(pread(fd, buf, sizeof(buf), 0));
	printf("%.6s", buf);
}

int main(void)
{
	follow_to_the_end();
	open_pipes();
	show_rights();
	show_changes();
	show_hostile();
	return 0;
}
