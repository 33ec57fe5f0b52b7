/* What each capability is for: a call with it alone, and with all but it. */
#include "caps.h"

#include <grp.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <termios.h>

static int others_queue, others_pid;

static int change_owner(void)
{
	return chown("own", 7, 7) ? -1 : chown("own", 0, 0);
}

static int write_any(void)
{
	return open("closed/file", O_WRONLY);
}

static int read_any(void)
{
	return open("closed/file", O_RDONLY);
}

static int run_any(void)
{
	return access("closed/file", X_OK);
}

static int list_any(void)
{
	return open("closed", O_RDONLY | O_DIRECTORY);
}

static int make_anywhere(void)
{
	return mkdir("closed/new", 0700) ? -1 : rmdir("closed/new");
}

static int mode_any(void)
{
	return chmod("others", 0645);
}

static int times_any(void)
{
	return utimensat(AT_FDCWD, "others", (struct timespec[2]){ { 1, 0 }, { 2, 0 } }, 0);
}

static int remove_sticky(void)
{
	int fd = open("sticky/file", O_RDONLY);

	close(fd);
	return rename("sticky/file", "sticky/file2") ? -1 : rename("sticky/file2", "sticky/file");
}

static int quiet_any(void)
{
	return open("others", O_RDONLY | O_NOATIME);
}

static int group_bit(void)
{
	struct stat stat_now;

	chmod("foreign-group", 0755);
	if (chmod("foreign-group", 02755))
		return -1;
	stat("foreign-group", &stat_now);
	return (stat_now.st_mode & S_ISGID) != 0;
}

static int written_setuid(void)
{
	struct stat stat_now;
	int fd;

	chmod("own-setuid", 04755);
	fd = open("own-setuid", O_WRONLY);
	if (write(fd, "x", 1) != 1)
		return -1;
	fstat(fd, &stat_now);
	return (stat_now.st_mode & S_ISUID) != 0;
}

static int signal_any(void)
{
	return kill(others_pid, 0);
}

static int limits_of_any(void)
{
	struct rlimit limit;

	return prlimit(others_pid, RLIMIT_CORE, NULL, &limit);
}

static int look_into_any(void)
{
	char name[64], link[64];

	snprintf(name, sizeof(name), "/proc/%d/cwd", others_pid);
	return readlink(name, link, sizeof(link)) < 0 ? -1 : 0;
}

static int nice_any(void)
{
	return setpriority(PRIO_PROCESS, (id_t)others_pid, 5);
}

static int nice_less(void)
{
	return setpriority(PRIO_PROCESS, 0, -5);
}

static int disk_first(void)
{
	return (int)syscall(SYS_ioprio_set, 1, 0, 1 << 13);
}

static int user_any(void)
{
	return setuid(7);
}

static int group_any(void)
{
	return setgid(7);
}

static int groups_any(void)
{
	return setgroups(0, NULL);
}

static int root_any(void)
{
	return chroot(".");
}

static int device(void)
{
	return mknod("null", S_IFCHR | 0600, makedev(1, 3)) ? -1 : unlink("null");
}

static int host_name(void)
{
	char name[65];

	gethostname(name, sizeof(name));
	return sethostname(name, strlen(name));
}

static int mount_any(void)
{
	return mount("none", "closed", "tmpfs", 0, "") ? -1 : umount("closed");
}

static int read_log(void)
{
	return klogctl(10, NULL, 0) < 0 ? -1 : 0;
}

static int restart(void)
{
	return (int)syscall(SYS_reboot, 1, 2, 3, 0);
}

static int set_time(void)
{
	return (int)syscall(SYS_settimeofday, NULL, &(struct timezone){ 24 * 60, 0 });
}

static int limit_more(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_CORE, &limit);
	limit.rlim_cur = limit.rlim_max = 1 << 20;
	setrlimit(RLIMIT_CORE, &limit);
	limit.rlim_max += 1 << 20;
	return setrlimit(RLIMIT_CORE, &limit);
}

static int lock_more(void)
{
	static char bytes[1 << 18];
	struct rlimit limit = { 4096, 4096 };

	setrlimit(RLIMIT_MEMLOCK, &limit);
	return mlock(bytes, sizeof(bytes));
}

static int hang_up(void)
{
	setsid(); /* it has no terminal */
	return vhangup();
}

static int queue_any(void)
{
	return msgsnd(others_queue, &(struct {
		long type;
		char text[1];
	}){ 1, "x" },
		1, IPC_NOWAIT);
}

static int queue_change(void)
{
	struct msqid_ds queue = { 0 };

	queue.msg_perm.uid = queue.msg_perm.gid = 9;
	queue.msg_qbytes = 1000;
	return msgctl(others_queue, IPC_SET, &queue);
}

static int buffer_any(void)
{
	int pair[2], bytes = 1 << 22;

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	return setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
}

static int send_ids(int pid, uid_t uid, gid_t gid)
{
	struct ucred ids = { pid, uid, gid };
	char control[CMSG_SPACE(sizeof(ids))] = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr message = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int pair[2];

	socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_CREDENTIALS;
	header->cmsg_len = CMSG_LEN(sizeof(ids));
	memcpy(CMSG_DATA(header), &ids, sizeof(ids));
	return sendmsg(pair[0], &message, 0) == 1 ? 0 : -1;
}

static int send_pid(void)
{
	return send_ids(others_pid, 0, 0);
}

static int send_uid(void)
{
	return send_ids(getpid(), 7, 0);
}

static int send_gid(void)
{
	return send_ids(getpid(), 0, 7);
}

static int wake_machine(void)
{
	return timerfd_create(9 /* CLOCK_BOOTTIME_ALARM */, 0);
}

static int bounds_less(void)
{
	return prctl(PR_CAPBSET_DROP, CAP_SYS_RAWIO);
}

static int link_nameless(void)
{
	int fd = open("own", O_PATH);
	int result = linkat(fd, "", AT_FDCWD, "linked", AT_EMPTY_PATH);

	if (result == 0)
		unlink("linked");
	return result;
}

static const struct {
	const char *name;
	int (*call)(void);
	int capability;
} calls[] = {
#define CALL(call, capability)                                                                     \
	{                                                                                          \
#call ", " #capability, call, capability                                           \
	}
	CALL(change_owner, CAP_CHOWN),
	CALL(write_any, CAP_DAC_OVERRIDE),
	CALL(make_anywhere, CAP_DAC_OVERRIDE),
	CALL(run_any, CAP_DAC_OVERRIDE),
	CALL(read_any, CAP_DAC_READ_SEARCH),
	CALL(read_any, CAP_DAC_OVERRIDE),
	CALL(list_any, CAP_DAC_READ_SEARCH),
	CALL(list_any, CAP_DAC_OVERRIDE),
	CALL(link_nameless, CAP_DAC_READ_SEARCH),
	CALL(mode_any, CAP_FOWNER),
	CALL(times_any, CAP_FOWNER),
	CALL(remove_sticky, CAP_FOWNER),
	CALL(quiet_any, CAP_FOWNER),
	CALL(group_bit, CAP_FSETID),
	CALL(written_setuid, CAP_FSETID),
	CALL(signal_any, CAP_KILL),
	CALL(limits_of_any, CAP_SYS_RESOURCE),
	CALL(limit_more, CAP_SYS_RESOURCE),
	CALL(look_into_any, CAP_SYS_PTRACE),
	CALL(nice_any, CAP_SYS_NICE),
	CALL(nice_less, CAP_SYS_NICE),
	CALL(disk_first, CAP_SYS_NICE),
	CALL(disk_first, CAP_SYS_ADMIN),
	CALL(user_any, CAP_SETUID),
	CALL(group_any, CAP_SETGID),
	CALL(groups_any, CAP_SETGID),
	CALL(root_any, CAP_SYS_CHROOT),
	CALL(device, CAP_MKNOD),
	CALL(host_name, CAP_SYS_ADMIN),
	CALL(mount_any, CAP_SYS_ADMIN),
	CALL(read_log, CAP_SYSLOG),
	CALL(restart, CAP_SYS_BOOT),
	CALL(set_time, CAP_SYS_TIME),
	CALL(lock_more, CAP_IPC_LOCK),
	CALL(hang_up, CAP_SYS_TTY_CONFIG),
	CALL(queue_any, CAP_IPC_OWNER),
	CALL(queue_change, CAP_SYS_ADMIN),
	CALL(buffer_any, CAP_NET_ADMIN),
	CALL(send_pid, CAP_SYS_ADMIN),
	CALL(send_uid, CAP_SETUID),
	CALL(send_gid, CAP_SETGID),
	CALL(wake_machine, CAP_WAKE_ALARM),
	CALL(bounds_less, CAP_SETPCAP),
};

static void try(const char *how, uint64_t set, int (*call)(void))
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		int result;

		/* In effect alone: what it looks into has no more than what is permitted. */
		caps_set(set, caps_get().permitted, 0);
		errno = 0;
		result = call();
		printf("  %s: %s\n", how,
			result < 0             ? strerror(errno)
			: result && result < 3 ? "kept"
					       : "done");
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void make(const char *name, int uid, int gid, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0600);

	if (fchown(fd, uid, gid) || fchmod(fd, mode))
		perror(name);
	close(fd);
}

static void prepare(void)
{
	int ready[2];

	umask(0);
	mkdir("closed", 0755);
	make("closed/file", 7, 7, 0100);
	if (chown("closed", 7, 7) || chmod("closed", 0))
		perror("closed");
	mkdir("sticky", 0755);
	make("sticky/file", 7, 7, 0644);
	if (chown("sticky", 8, 8) || chmod("sticky", 01777))
		perror("sticky");
	make("own", 0, 0, 0644);
	make("own-setuid", 0, 0, 04755);
	make("others", 7, 7, 0644);
	make("foreign-group", 0, 7, 0755);
	setgroups(0, NULL);
	pipe(ready);
	others_pid = fork();
	if (others_pid == 0) {
		setresuid(7, 7, 7);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		others_queue = msgget(IPC_PRIVATE, 0);
		write(ready[1], &others_queue, sizeof(others_queue));
		for (;;)
			pause();
	}
	read(ready[0], &others_queue, sizeof(others_queue));
}

int main(void)
{
	uint64_t all = caps_get().permitted;

	prepare();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		uint64_t own = BIT(calls[i].capability);

		puts(calls[i].name);
		try("with it alone", own, calls[i].call);
		try("with all else", all & ~own, calls[i].call);
		try("with none", 0, calls[i].call);
	}
	kill(others_pid, SIGKILL);
	waitpid(others_pid, NULL, 0);
	msgctl(others_queue, IPC_RMID, NULL);
	return 0;
}
