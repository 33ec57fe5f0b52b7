/* Scheduling calls with one policy; nice values and who may set them. */
#define _GNU_SOURCE
#include "show.h"

#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int nice_of(int which, int who)
{
	errno = 0;
	int nice = getpriority(which, who);

	return errno ? -1000 - errno : nice;
}

static void nices(void)
{
	struct rlimit limit = { 15, 15 };
	int status;
	pid_t pid;

	SHOW(nice_of(PRIO_PROCESS, 0));
	SHOW(setpriority(PRIO_PROCESS, 0, 5));
	SHOW(nice_of(PRIO_PROCESS, 0));
	SHOW(setpriority(PRIO_PROCESS, 0, 100));
	SHOW(nice_of(PRIO_PROCESS, 0));
	SHOW(setpriority(PRIO_PROCESS, getpid(), -100));
	SHOW(nice_of(PRIO_PROCESS, getpid()));
	SHOW(setpriority(PRIO_PROCESS, 0, 3));
	SHOW(syscall(SYS_getpriority, PRIO_PROCESS, 0));
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		if (nice_of(PRIO_PROCESS, 0) != 3)
			_exit(1);
		setpriority(PRIO_PROCESS, 0, 7);
		_exit(nice_of(PRIO_PGRP, 0));
	}
	waitpid(pid, &status, 0);
	SHOW(WEXITSTATUS(status));
	SHOW(nice_of(PRIO_PROCESS, 99999));
	SHOW(nice_of(PRIO_PGRP, 99999));
	SHOW(nice_of(PRIO_USER, 99999));
	SHOW(nice_of(9, 0));
	SHOW(setpriority(9, 0, 0));
	SHOW(setpriority(PRIO_PROCESS, 99999, 0));
	SHOW(setpriority(PRIO_PROCESS, -1, 0));
	setrlimit(RLIMIT_NICE, &limit);
	pid = fork();
	if (pid == 0) {
		setuid(1000);
		SHOW(setpriority(PRIO_PROCESS, 0, 10));
		SHOW(setpriority(PRIO_PROCESS, 0, 9));
		SHOW(setpriority(PRIO_PROCESS, 0, 5));
		SHOW(setpriority(PRIO_PROCESS, 0, 4));
		SHOW(setpriority(PRIO_PROCESS, 1, 10));
		SHOW(nice_of(PRIO_PROCESS, 0));
		SHOW(nice_of(PRIO_USER, 1000));
		SHOW(nice_of(PRIO_USER, 0));
		exit(0);
	}
	waitpid(pid, NULL, 0);
	SHOW(setpriority(PRIO_PROCESS, 0, 0));
}

/* A group of two users' processes, of which one of the two may change its own, but not make it less
 * nice than 5. The last error is told: what the oldest member, `first`, gives. */
static void mixed(int first)
{
	static const uid_t users[] = { 2000, 1000, 1000 };
	pid_t pids[3], pid;
	int ready[2];
	char byte;

	pipe(ready);
	for (int i = 0; i < 3; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			setpgid(0, i ? pids[0] : 0);
			setpriority(PRIO_PROCESS, 0, 6);
			setuid(users[(first + i) % 3]);
			write(ready[1], "", 1);
			pause();
		}
		read(ready[0], &byte, 1);
	}
	pid = fork();
	if (pid == 0) {
		setuid(1000);
		SHOW(setpriority(PRIO_PGRP, pids[0], 4));
		SHOW(nice_of(PRIO_PGRP, pids[0]));
		SHOW(setpriority(PRIO_PGRP, pids[0], 5));
		SHOW(setpriority(PRIO_USER, 2000, 10));
		exit(0);
	}
	waitpid(pid, NULL, 0);
	for (int i = 0; i < 3; i++)
		printf("of %u: nice %d\n", users[(first + i) % 3], nice_of(PRIO_PROCESS, pids[i]));
	fflush(stdout);
	kill(-pids[0], SIGKILL);
	while (wait(NULL) > 0)
		;
	close(ready[0]);
	close(ready[1]);
}

static void policies(void)
{
	struct sched_param param = { 0 };
	struct timespec slice = { -1, -1 };
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = { 0 };

	SHOW(syscall(SYS_sched_getscheduler, 0));
	SHOW(syscall(SYS_sched_getscheduler, -1));
	SHOW(syscall(SYS_sched_getscheduler, 99999));
	SHOW(syscall(SYS_sched_getparam, 0, &param));
	SHOW(param.sched_priority);
	SHOW(syscall(SYS_sched_getparam, 0, NULL));
	SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param));
	SHOW(syscall(SYS_sched_setparam, 0, &param));
	param.sched_priority = 1;
	SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param));
	SHOW(syscall(SYS_sched_setscheduler, 0, 77, &param));
	SHOW(syscall(SYS_sched_setscheduler, -1, SCHED_OTHER, &param));
	SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, NULL));
	SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, 8));
	for (int policy = 0; policy < 8; policy++)
		printf("policy %d: %d to %d\n", policy, sched_get_priority_min(policy),
			sched_get_priority_max(policy));
	SHOW(sched_rr_get_interval(0, &slice));
	/* In ticks on Linux: none, where many want the CPU. */
	SHOW(slice.tv_sec == 0 && slice.tv_nsec >= 0);
	SHOW(sched_rr_get_interval(-1, &slice));
	setpriority(PRIO_PROCESS, 0, 2);
	SHOW(syscall(SYS_sched_getattr, 0, &attr, 48, 0));
	printf("size %u, policy %u, nice %d\n", attr.size, attr.policy, attr.nice);
	attr.nice = 4;
	SHOW(syscall(SYS_sched_setattr, 0, &attr, 0));
	SHOW(nice_of(PRIO_PROCESS, 0));
	SHOW(syscall(SYS_sched_getattr, 0, &attr, 40, 0));
	SHOW(syscall(SYS_sched_getattr, 0, &attr, 48, 1));
	SHOW(syscall(SYS_sched_setattr, 0, &attr, 1));
	SHOW(syscall(SYS_sched_setattr, 0, NULL, 0));
	attr.policy = 99;
	SHOW(syscall(SYS_sched_setattr, 0, &attr, 0));
}

static void cpus(void)
{
	unsigned long mask[2] = { 0 };

	SHOW(syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask));
	SHOW(mask[0]);
	SHOW(syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask));
	mask[0] = 2;
	SHOW(syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask));
	mask[0] = 3;
	SHOW(syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask));
	SHOW(syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask));
	SHOW(mask[0]);
	SHOW(syscall(SYS_sched_getaffinity, 0, 4, mask));
	SHOW(syscall(SYS_sched_getaffinity, 0, 9, mask));
	SHOW(syscall(SYS_sched_getaffinity, 99999, 8, mask));
	SHOW(syscall(SYS_sched_setaffinity, 99999, 8, mask));
	SHOW(syscall(SYS_sched_setaffinity, 0, 8, 8));
	SHOW(sched_yield());
}

int main(void)
{
	nices();
	for (int first = 0; first < 3; first++)
		mixed(first);
	policies();
	cpus();
	return 0;
}
