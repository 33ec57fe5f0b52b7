/*
 * Things that programs do, each of which needs memory of the kernel's: for programs that look at
 * what becomes of them when something goes wrong. Each gives 0 or -errno and leaves nothing behind.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The running program, for exec. */
static char *self = "/proc/self/exe";

static int forks(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return -errno;
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? 0 : -EFAULT;
}

static int execs(void)
{
	char *argv[] = { self, "nothing", NULL }, *envp[] = { "A=b", NULL };

	execve(self, argv, envp);
	return -errno;
}

static int maps(void)
{
	char *area =
		mmap(NULL, 1 << 22, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err = 0;

	if (area == MAP_FAILED)
		return -errno;
	area[0] = area[1 << 21] = 1;
	if (mprotect(area + 4096, 4096, PROT_READ) || munmap(area + 3 * 4096, 4096) ||
		madvise(area, 8192, MADV_DONTNEED))
		err = -errno;
	munmap(area, 1 << 22);
	return err;
}

static int remaps(void)
{
	char *area = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *moved;
	int err = 0;

	if (area == MAP_FAILED)
		return -errno;
	area[0] = 1;
	moved = mremap(area, 8192, 1 << 21, MREMAP_MAYMOVE);
	if (moved == MAP_FAILED) {
		err = -errno;
		munmap(area, 8192);
		return err;
	}
	munmap(moved, 1 << 21);
	return 0;
}

static int opens(void)
{
	int fd = open("/tmp/made", O_RDWR | O_CREAT, 0600), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, "text", 4) != 4 || pread(fd, &(char[4]){ 0 }, 4, 0) != 4 ||
		ftruncate(fd, 1 << 20) || pwrite(fd, "x", 1, 1 << 19) != 1)
		err = -errno;
	close(fd);
	unlink("/tmp/made");
	return err;
}

static int names(void)
{
	char longer[200];
	int err = 0;

	memset(longer, 'n', sizeof(longer));
	memcpy(longer, "/tmp/", 5);
	longer[199] = 0;
	if (mkdir("/tmp/dir", 0700))
		return -errno;
	if (symlink("dir", "/tmp/link") || mknod("/tmp/dir/fifo", S_IFIFO | 0600, 0) ||
		link("/tmp/dir/fifo", "/tmp/dir/other") || rename("/tmp/dir/fifo", longer) ||
		access("/tmp/link/other", F_OK) || chdir("/tmp/link"))
		err = -errno;
	chdir("/");
	unlink(longer);
	unlink("/tmp/dir/other");
	unlink("/tmp/dir/fifo");
	unlink("/tmp/link");
	rmdir("/tmp/dir");
	return err;
}

static int lists(void)
{
	static char buf[4096];
	int fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY), err = 0;

	if (fd < 0)
		return -errno;
	if (syscall(SYS_getdents64, fd, buf, sizeof(buf)) < 0 ||
		readlink("/proc/self/exe", buf, sizeof(buf)) < 0)
		err = -errno;
	close(fd);
	fd = open("/proc/self/maps", O_RDONLY);
	if (fd < 0)
		return -errno;
	if (read(fd, buf, sizeof(buf)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int pipes(void)
{
	static char bytes[3 * 4096];
	int fds[2], err = 0;

	if (pipe(fds))
		return -errno;
	if (write(fds[1], bytes, sizeof(bytes)) < 0 || fcntl(fds[1], F_SETPIPE_SZ, 1 << 18) < 0 ||
		read(fds[0], bytes, sizeof(bytes)) < 0)
		err = -errno;
	close(fds[0]);
	close(fds[1]);
	return err;
}

static int thread(void *unused)
{
	return 0;
}

static int threads(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	static volatile int tid;
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
	            CLONE_SYSVSEM | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID;

	tid = 1;
	if (clone(thread, stack + sizeof(stack), flags, NULL, &tid, NULL, &tid) < 0)
		return -errno;
	while (tid)
		sched_yield();
	return 0;
}

static int polls(void)
{
	struct pollfd fds[300];
	struct timespec now = { 0 };

	for (int i = 0; i < 300; i++)
		fds[i] = (struct pollfd){ .fd = 0, .events = POLLIN };
	return ppoll(fds, 300, &now, NULL) < 0 ? -errno : 0;
}

static int epolls(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int set = epoll_create1(0), one = -1, err = 0;

	if (set < 0)
		return -errno;
	one = eventfd(1, 0);
	if (one < 0 || epoll_ctl(set, EPOLL_CTL_ADD, one, &event) ||
		epoll_wait(set, &event, 1, 0) < 0)
		err = -errno;
	close(one);
	close(set);
	return err;
}

static int pass_descriptor(int from, int to)
{
	char byte = 'x', control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec piece = { &byte, 1 };
	struct msghdr message = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &from, sizeof(from));
	if (sendmsg(from, &message, 0) < 0)
		return -errno;
	memset(control, 0, sizeof(control));
	message.msg_controllen = sizeof(control);
	if (recvmsg(to, &message, 0) < 0)
		return -errno;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS) {
		memcpy(&from, CMSG_DATA(header), sizeof(from));
		close(from);
	}
	return 0;
}

static int socketpairs(void)
{
	static char bytes[5000];
	int fds[2], err = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return -errno;
	if (write(fds[0], bytes, sizeof(bytes)) < 0 || read(fds[1], bytes, sizeof(bytes)) < 0)
		err = -errno;
	if (!err)
		err = pass_descriptor(fds[0], fds[1]);
	close(fds[0]);
	close(fds[1]);
	return err;
}

static int sockets(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/tmp/socket" };
	int server = socket(AF_UNIX, SOCK_STREAM, 0), client = -1, accepted = -1, err = 0;

	if (server < 0)
		return -errno;
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (client < 0 || bind(server, (void *)&address, sizeof(address)) || listen(server, 4) ||
		connect(client, (void *)&address, sizeof(address)) ||
		(accepted = accept(server, NULL, NULL)) < 0)
		err = -errno;
	close(accepted);
	close(client);
	close(server);
	unlink("/tmp/socket");
	return err;
}

static int signals(void)
{
	union sigval value = { .sival_int = 1 };
	siginfo_t info;
	sigset_t set;
	int fd, err = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	if (sigqueue(getpid(), SIGRTMIN + 3, value) || sigwaitinfo(&set, &info) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int timers(void)
{
	struct itimerspec when = { .it_value.tv_sec = 1000 };
	timer_t timer;
	int fd = timerfd_create(CLOCK_MONOTONIC, 0), err = 0;

	if (fd < 0)
		return -errno;
	if (timerfd_settime(fd, 0, &when, NULL))
		err = -errno;
	close(fd);
	if (timer_create(CLOCK_MONOTONIC, NULL, &timer))
		return -errno;
	if (timer_settime(timer, 0, &when, NULL))
		err = -errno;
	timer_delete(timer);
	return err;
}

static int watches(void)
{
	int fd = inotify_init1(IN_NONBLOCK), err = 0;
	char buf[512];

	if (fd < 0)
		return -errno;
	if (inotify_add_watch(fd, "/tmp", IN_CREATE | IN_DELETE) < 0 || mkdir("/tmp/seen", 0700) ||
		read(fd, buf, sizeof(buf)) < 0)
		err = -errno;
	rmdir("/tmp/seen");
	close(fd);
	return err == -EAGAIN ? -ENOMEM : err; /* the event was lost */
}

static int ipcs(void)
{
	struct sembuf op = { .sem_op = 1, .sem_flg = SEM_UNDO };
	struct {
		long type;
		char text[3000];
	} message = { 1, "" };
	int shm = shmget(IPC_PRIVATE, 8192, 0600), sem = -1, queue = -1, err = 0;
	char *at;

	if (shm < 0)
		return -errno;
	at = shmat(shm, NULL, 0);
	shmctl(shm, IPC_RMID, NULL);
	if (at == (void *)-1)
		return -errno;
	at[5000] = 1;
	shmdt(at);
	sem = semget(IPC_PRIVATE, 3, 0600);
	if (sem < 0 || semop(sem, &op, 1))
		err = -errno;
	queue = msgget(IPC_PRIVATE, 0600);
	if (queue < 0 || msgsnd(queue, &message, 3000, IPC_NOWAIT) ||
		msgrcv(queue, &message, 3000, 0, IPC_NOWAIT) < 0)
		err = -errno;
	semctl(sem, 0, IPC_RMID);
	msgctl(queue, IPC_RMID, NULL);
	return err;
}

#include "scenarios_files.h"

static const struct {
	const char *name;
	int (*run)(void);
} scenarios[] = {
	{ "fork", forks },
	{ "exec", execs },
	{ "mmap", maps },
	{ "mremap", remaps },
	{ "open", opens },
	{ "names", names },
	{ "proc", lists },
	{ "pipe", pipes },
	{ "clone", threads },
	{ "poll", polls },
	{ "epoll", epolls },
	{ "socketpair", socketpairs },
	{ "socket", sockets },
	{ "signal", signals },
	{ "timer", timers },
	{ "inotify", watches },
	{ "ipc", ipcs },
	{ "mount", mounts },
	{ "bind", binds },
	{ "room", rooms },
	{ "disk", disks },
	{ "told", told },
};
