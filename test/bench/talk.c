/*
 * Processes and threads that hand the turn to each other.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define RING_MAX 128

/* linux/futex.h, which musl-gcc does not have */
#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129

static int child;

/* ---- sched_yield: Linux may well go on with the same process, so the turn is looked at --- */

static volatile unsigned *turn_of; /* shared; 0: the parent, 1: the child */

bool yielder_start(unsigned of)
{
	turn_of = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (turn_of == MAP_FAILED)
		return false;
	child = fork();
	while (child == 0) {
		while (*turn_of == 0)
			call0(SYS_sched_yield);
		*turn_of = 0;
	}
	return child > 0;
}

void yielder_stop(void)
{
	kill(child, SIGKILL);
	waitpid(child, 0, 0);
	munmap((void *)turn_of, PAGE);
}

/* There and back: two. */
void yield_both(unsigned times)
{
	for (; times; times -= 2) {
		*turn_of = 1;
		while (*turn_of == 1)
			call0(SYS_sched_yield);
	}
}

/* ---- a byte to a process that sends it back ---------------------------------------------- */

static int to, from; /* the parent's ends */

/* The child reads `in` and writes `out` until the parent's ends are closed. */
static bool echo_start(int in, int out)
{
	child = fork();
	if (child == 0) {
		close(to);
		close(from);
		while (call3(SYS_read, in, (long)buffer, 1) == 1)
			call3(SYS_write, out, (long)buffer, 1);
		_exit(0);
	}
	close(in);
	if (out != in)
		close(out);
	return child > 0;
}

bool pipe_start(unsigned of)
{
	int there[2], back[2];

	if (pipe(there) || pipe(back))
		return false;
	to = there[1];
	from = back[0];
	return echo_start(there[0], back[1]);
}

bool unix_start(unsigned of)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return false;
	to = from = ends[0];
	return echo_start(ends[1], ends[1]);
}

void echo_stop(void)
{
	close(to);
	if (from != to)
		close(from);
	waitpid(child, 0, 0);
}

void echo_byte(unsigned times)
{
	while (times--) {
		call3(SYS_write, to, (long)buffer, 1);
		if (call3(SYS_read, from, (long)buffer, 1) != 1)
			fail("echo");
	}
}

/* ---- two threads and a futex ------------------------------------------------------------- */

static pthread_t other;
static volatile uint32_t turn; /* 0: the first thread's, 1: the other's, 2: the end */

static void turn_give(uint32_t whose)
{
	turn = whose;
	call3(SYS_futex, (long)&turn, FUTEX_WAKE_PRIVATE, 1);
}

static void turn_await(uint32_t not )
{
	while (turn == not )
		call6(SYS_futex, (long)&turn, FUTEX_WAIT_PRIVATE, not, 0, 0, 0);
}

static void *other_thread(void *unused)
{
	for (;;) {
		turn_await(0);
		if (turn == 2)
			return 0;
		turn_give(0);
	}
}

bool futex_start(unsigned of)
{
	turn = 0;
	return pthread_create(&other, 0, other_thread, 0) == 0;
}

void futex_stop(void)
{
	turn_give(2);
	pthread_join(other, 0);
}

void futex_turn(unsigned times)
{
	while (times--) {
		turn_give(1);
		turn_await(1);
	}
}

/* ---- a ring of processes ----------------------------------------------------------------- */

static int ring_read[RING_MAX],
	ring_write[RING_MAX]; /* pipe i leads to process i, 0 is the parent */
static unsigned ring_size;

static void ring_member(unsigned i)
{
	int in = ring_read[i], out = ring_write[(i + 1) % ring_size];

	for (unsigned j = 0; j < ring_size; j++) {
		if (ring_read[j] != in)
			close(ring_read[j]);
		if (ring_write[j] != out)
			close(ring_write[j]);
	}
	while (call3(SYS_read, in, (long)buffer, 1) == 1)
		call3(SYS_write, out, (long)buffer, 1);
	_exit(0);
}

bool ring_start(unsigned of)
{
	int ends[2];

	ring_size = of;
	for (unsigned i = 0; i < of; i++) {
		if (pipe(ends))
			return false;
		ring_read[i] = ends[0];
		ring_write[i] = ends[1];
	}
	for (unsigned i = 1; i < of; i++) {
		int pid = fork();

		if (pid == 0)
			ring_member(i);
		if (pid < 0)
			return false;
	}
	return true;
}

void ring_stop(void)
{
	for (unsigned i = 0; i < ring_size; i++) {
		close(ring_write[i]);
		close(ring_read[i]);
	}
	while (wait(0) > 0)
		;
}

void ring_hop(unsigned times)
{
	for (; times >= ring_size; times -= ring_size) {
		call3(SYS_write, ring_write[1], (long)buffer, 1);
		if (call3(SYS_read, ring_read[0], (long)buffer, 1) != 1)
			fail("ring");
	}
}
