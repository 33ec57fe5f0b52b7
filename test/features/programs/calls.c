/*
 * calls ROUNDS CALLS SEED: in each round a child makes so many system calls with random numbers and
 * arguments: small numbers, bad and good addresses, paths, flags. Most children end by a fault. The
 * same seed makes the same calls. Prints "done" when the last one has gone; the kernel is what is
 * tested.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NUMBERS     452 /* of system calls, and a few beyond */
#define PATIENCE_MS 100

static uint64_t state;
static char area[65536];
static char *mapped;

static const char *const paths[] = { "/tmp/a", "/tmp/b", "/tmp/d", "/tmp/d/x", "/tmp/l", "/tmp",
	"/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/", "..", ".", "" };

/* SplitMix64. */
static uint64_t random64(void)
{
	uint64_t x = state += 0x9e3779b97f4a7c15ull;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

static uint64_t below(uint64_t limit)
{
	return random64() % limit;
}

static uint64_t random_argument(void)
{
	switch (below(16)) {
	case 0:
		return 0;
	case 1:
		return below(8);
	case 2:
		return below(64);
	case 3:
		return -below(128);
	case 4:
		return (uint64_t)area + below(sizeof(area));
	case 5:
	case 6:
		return (uint64_t)paths[below(sizeof(paths) / sizeof(*paths))];
	case 7:
		return random64();
	case 8:
		return (uint64_t)mapped + below(64) * 512;
	case 9:
		return 1ull << below(64);
	case 10:
		return (1ull << below(64)) - 1;
	case 11:
		return 0x7ffffffff000 - below(8192);
	case 12:
		return 0xffff800000000000 + below(1 << 20);
	case 13:
		return 4096 * below(32);
	case 14:
		return (uint32_t)AT_FDCWD;
	default:
		return below(4096);
	}
}

/* Calls that would end the test instead of the child. */
static int must_not(long number)
{
	switch (number) {
	case SYS_reboot:
	case SYS_kill:
	case SYS_tkill:
	case SYS_tgkill:
	case SYS_setsid:
	case SYS_setpgid:
	case SYS_vfork:
	case SYS_clock_settime:
		return 1;
	default:
		return 0;
	}
}

/* Calls that wait: seldom, as each costs the rest of the round. */
static int waits(long number)
{
	switch (number) {
	case SYS_pause:
	case SYS_exit:
	case SYS_exit_group:
	case SYS_rt_sigsuspend:
	case SYS_rt_sigtimedwait:
	case SYS_nanosleep:
	case SYS_clock_nanosleep:
	case SYS_select:
	case SYS_pselect6:
	case SYS_poll:
	case SYS_ppoll:
	case SYS_futex:
	case SYS_wait4:
	case SYS_fcntl:
	case SYS_flock:
	case SYS_accept:
	case SYS_accept4:
	case SYS_recvfrom:
	case SYS_recvmsg:
	case SYS_recvmmsg:
	case SYS_rt_sigreturn:
	case SYS_fork:
	case SYS_clone:
	case SYS_munmap:
		return 1;
	default:
		return 0;
	}
}

static void child(uint64_t seed, int calls, int null)
{
	int self = getpid();

	state = seed;
	dup2(null, 1);
	dup2(null, 2);
	for (int type = 0; type < 3; type++)
		socketpair(AF_UNIX, (int[]){ SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET }[type], 0,
			(int[2]){ 0 });
	mapped = mmap(
		NULL, sizeof(area), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < sizeof(area); i += 8)
		*(uint64_t *)(area + i) = random64() & (below(3) ? 0xff : ~0ull);
	for (int i = 0; i < calls; i++) {
		long number = below(NUMBERS);
		uint64_t a[6];

		for (int k = 0; k < 6; k++)
			a[k] = random_argument();
		if (must_not(number) || (waits(number) && below(8)))
			continue;
		/* A copy, not another thread in this memory. */
		if (number == SYS_clone)
			a[0] &= 0xff;
		syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
		if (syscall(SYS_getpid) != self)
			_exit(0);
	}
	_exit(0);
}

/* Waits, not for ever. */
static void end_of(pid_t pid)
{
	struct timespec ms = { 0, 1000000 };

	for (int i = 0; i < PATIENCE_MS; i++) {
		if (waitpid(pid, NULL, WNOHANG))
			break;
		nanosleep(&ms, NULL);
	}
	kill(-pid, SIGKILL);
	while (waitpid(-pid, NULL, 0) > 0)
		;
}

int main(int argc, char **argv)
{
	int rounds = atoi(argv[1]), calls = atoi(argv[2]);
	uint64_t seed = strtoull(argv[3], NULL, 0);
	/* Now: a child may take the name away. */
	int null = open("/dev/null", O_RDWR);

	mkdir("/tmp/d", 0777);
	for (int i = 0; i < rounds; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			setpgid(0, 0);
			child(seed * 1000003 + i, calls, null);
		}
		setpgid(pid, pid);
		end_of(pid);
	}
	puts("done");
	return 0;
}
