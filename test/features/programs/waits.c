/*
 * Makes one of everything that can be waited for, waits for all of it in threads and children, and
 * is killed. What outlives processes (System V IPC) is removed before, while it is in use.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };

static const struct itimerspec soon = { { 0, 1000000 }, { 0, 1000000 } };
static const struct itimerspec late = { { 0, 0 }, { 3600, 0 } };

static int sems, msgs, epoll;
static pid_t killed[3];

static void watch(int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.fd = fd };

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void timers(void)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC,
		CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID };
	const struct itimerval profile = { { 0, 1000 }, { 0, 1000 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	timer_t timer;

	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		timer_create(clocks[i], &event, &timer);
		timer_settime(timer, 0, &soon, NULL);
		timer_create(clocks[i], &event, &timer);
		timer_settime(timer, 0, &late, NULL);
	}
	setitimer(ITIMER_PROF, &profile, NULL);
	setitimer(ITIMER_REAL, &profile, NULL);
	for (int clock = CLOCK_REALTIME; clock <= CLOCK_MONOTONIC; clock++) {
		int fd = timerfd_create(clock, 0);

		timerfd_settime(fd, 0, &soon, NULL);
		watch(fd);
	}
}

static void files(void)
{
	int inotify = inotify_init(), memory = memfd_create("m", MFD_ALLOW_SEALING);
	int inner = epoll_create1(0), ends[2];
	struct epoll_event event = { .events = EPOLLIN };
	sigset_t all;
	char *map;

	mkdir("/tmp/watched", 0700);
	inotify_add_watch(inotify, "/tmp/watched", IN_ALL_EVENTS);
	inotify_add_watch(inotify, "/tmp", IN_ALL_EVENTS);
	close(open("/tmp/watched/file", O_CREAT | O_RDWR, 0600));
	unlink("/tmp/watched/file");
	rmdir("/tmp/watched");
	watch(inotify);
	sigfillset(&all);
	watch(signalfd(-1, &all, 0));
	pipe(ends);
	epoll_ctl(inner, EPOLL_CTL_ADD, ends[0], &event);
	watch(inner);
	watch(eventfd(0, 0));
	ftruncate(memory, 20 * PAGE);
	map = mmap(NULL, 20 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	memset(map, 1, 10 * PAGE);
	fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
	copy_file_range(memory, NULL, memfd_create("n", 0), NULL, 8 * PAGE, 0);
}

static pid_t start(void (*fn)(int), int arg)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	fn(arg);
	_exit(0);
}

static void operate(int by)
{
	struct sembuf op = { 0, (short)by, SEM_UNDO };

	semop(sems, &op, 1);
}

static void waits_for_semaphore(int by)
{
	operate(1);
	operate(by);
}

static void waits_for_message(int type)
{
	struct {
		long type;
		char text[100];
	} message;

	msgrcv(msgs, &message, sizeof(message.text), type, 0);
}

static void waits_for_room(int unused)
{
	struct {
		long type;
		char text[6000];
	} message = { .type = 1 };

	while (msgsnd(msgs, &message, sizeof(message.text), 0) == 0)
		;
}

static void ipc(void)
{
	int shm = shmget(IPC_PRIVATE, 30 * PAGE, 0600);
	char *map = shmat(shm, NULL, 0);

	sems = semget(IPC_PRIVATE, 3, 0600);
	msgs = msgget(IPC_PRIVATE, 0600);
	memset(map, 1, 15 * PAGE);
	shmctl(shm, IPC_RMID, NULL);
	operate(5);
	killed[0] = start(waits_for_semaphore, -100);
	killed[1] = start(waits_for_message, 999);
	killed[2] = start(waits_for_room, 0);
	for (int i = 0; i < 3; i++) {
		start(waits_for_semaphore, -100);
		start(waits_for_message, 1000 + i);
		start(waits_for_room, 0);
	}
	shmdt(shmat(shm, NULL, SHM_RDONLY));
	munmap(map + 3 * PAGE, PAGE);
}

static void *splices(void *unused)
{
	int in[2], out[2];

	pipe(in);
	pipe(out);
	write(in[1], "some", 4);
	tee(in[0], out[1], 4, 0);
	splice(in[0], NULL, out[1], NULL, 100, 0);
	splice(in[0], NULL, out[1], NULL, 100, 0);
	return NULL;
}

static void *polls(void *unused)
{
	struct epoll_event events[4];

	for (;;)
		epoll_wait(epoll, events, 4, -1);
}

static void *sleeps_by_cpu_time(void *unused)
{
	struct timespec long_time = { 3600, 0 };

	clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &long_time, NULL);
	return NULL;
}

int main(void)
{
	static void *(*const fns[])(void *) = { splices, polls, sleeps_by_cpu_time };
	struct timespec while_ = { 0, 50000000 };
	pthread_t thread;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	epoll = epoll_create1(0);
	ipc();
	timers();
	files();
	watch((int)syscall(SYS_pidfd_open, getpid(), 0));
	for (unsigned i = 0; i < sizeof(fns) / sizeof(fns[0]); i++)
		pthread_create(&thread, NULL, fns[i], NULL);
	nanosleep(&while_, NULL);
	for (unsigned i = 0; i < sizeof(killed) / sizeof(killed[0]); i++)
		kill(killed[i], SIGKILL);
	semctl(sems, 0, IPC_RMID);
	msgctl(msgs, IPC_RMID, NULL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	kill(getpid(), SIGKILL);
}
