/* Signals of a process with several threads: one that was about to take a signal and then does not
 * leaves it to another. And signals to several processes, while these make children. */
#include "show.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static volatile int counted, second_ran;
static int ready[2];

static void ms(int n)
{
	struct timespec span = { n / 1000, n % 1000 * 1000000 };

	while (nanosleep(&span, &span))
		;
}

static sigset_t only(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	return set;
}

static void *wait_for_both(void *number)
{
	sigset_t set = only((int)(long)number);

	while (sigwaitinfo(&set, NULL) < 0)
		;
	__atomic_fetch_add(&counted, 1, __ATOMIC_SEQ_CST);
	while (counted < 2)
		ms(1);
	return NULL;
}

/* Each of two threads that wait gets one of two signals. */
static void two_wait(void)
{
	sigset_t set = only(SIGRTMIN);
	pthread_t a, b;

	sigprocmask(SIG_BLOCK, &set, NULL);
	pthread_create(&a, NULL, wait_for_both, (void *)(long)SIGRTMIN);
	pthread_create(&b, NULL, wait_for_both, (void *)(long)SIGRTMIN);
	write(ready[1], "", 1);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	exit(0);
}

static void on_first(int number)
{
	while (!second_ran)
		ms(1);
}

static void on_second(int number)
{
	second_ran = 1;
}

static void *just_pause(void *unused)
{
	while (pause())
		;
	return NULL;
}

/* The first's handler keeps the second from its thread: the other one takes it. */
static void handler_blocks(void)
{
	struct sigaction first = { .sa_handler = on_first }, second = { .sa_handler = on_second };
	pthread_t thread;

	sigaddset(&first.sa_mask, SIGUSR2);
	sigaction(SIGUSR1, &first, NULL);
	sigaction(SIGUSR2, &second, NULL);
	pthread_create(&thread, NULL, just_pause, NULL);
	write(ready[1], "", 1);
	while (!second_ran)
		pause();
	exit(0);
}

static void *wait_for_one(void *number)
{
	sigset_t set = only((int)(long)number);

	while (sigwaitinfo(&set, NULL) < 0)
		;
	exit(0);
}

/* A thread waits for a signal that comes while the process is stopped. */
static void wait_stopped(void)
{
	sigset_t set = only(SIGUSR1);
	pthread_t thread;

	sigprocmask(SIG_BLOCK, &set, NULL);
	pthread_create(&thread, NULL, wait_for_one, (void *)(long)SIGUSR1);
	write(ready[1], "", 1);
	for (;;)
		pause();
}

static pid_t start(void (*run)(void))
{
	pid_t pid = fork();
	char byte;

	if (pid == 0) {
		alarm(10);
		run();
	}
	read(ready[0], &byte, 1);
	ms(50); /* a thread that does not wait yet has it easier */
	return pid;
}

static void try_two_wait(void)
{
	pid_t pid = start(two_wait);
	union sigval value = { 0 };

	sigqueue(pid, SIGRTMIN, value);
	sigqueue(pid, SIGRTMIN, value);
	show_end("two wait for two", pid);
}

static void try_handler_blocks(void)
{
	pid_t pid = start(handler_blocks);

	kill(pid, SIGUSR1);
	kill(pid, SIGUSR2);
	show_end("a handler blocks the next", pid);
}

static void try_wait_stopped(void)
{
	pid_t pid = start(wait_stopped);

	kill(pid, SIGSTOP);
	waitpid(pid, NULL, WUNTRACED);
	kill(pid, SIGUSR1);
	kill(pid, SIGCONT);
	show_end("sent while stopped", pid);
}

/* A group that makes children all the time is killed as a whole. */
static void fork_for_ever(void)
{
	setpgid(0, 0);
	for (;;)
		if (fork() == 0)
			for (;;)
				pause();
}

static int kill_group(int round)
{
	pid_t pid = fork();

	if (pid == 0)
		fork_for_ever();
	setpgid(pid, pid);
	ms(2 + round % 8);
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (int tries = 0; tries < 1000 && kill(-pid, 0) == 0; tries++)
		ms(10); /* until process 1 has waited for the last one */
	return kill(-pid, 0) == 0;
}

static void try_kill_group(void)
{
	int survived = 0;

	for (int round = 0; round < 40 && !survived; round++)
		survived = kill_group(round);
	printf("of a group that was killed somebody lives: %d\n", survived);
}

static void show_errors(void)
{
	SHOW(kill(999999, 99));
	SHOW(kill(-999999, 99));
	SHOW(kill(getpid(), 99));
	SHOW(syscall(SYS_tkill, 999999, 99));
	SHOW(syscall(SYS_tkill, getpid(), 99));
	SHOW(syscall(SYS_tgkill, getpid(), 999999, 99));
	SHOW(syscall(SYS_tgkill, getpid(), getpid(), 99));
	SHOW(kill(-1, 99));
	if (fork() == 0) {
		setresuid(1000, 1000, 1000);
		SHOW(kill(-1, 0));
		SHOW(kill(1, 0));
		SHOW(kill(1, 99));
		exit(0);
	}
	wait(NULL);
}

int main(void)
{
	pipe(ready);
	try_two_wait();
	try_handler_blocks();
	try_wait_stopped();
	try_kill_group();
	show_errors();
	return 0;
}
