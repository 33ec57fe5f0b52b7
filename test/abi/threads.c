/* Threads: making, joining, mutexes and condition variables, signals to one of them, exit by one.
 */
#include "show.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int counter, turn;
static __thread int own;
static volatile sig_atomic_t got_signal;
static pthread_t signalled;

static void *count(void *arg)
{
	for (int i = 0; i < 2000; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
		own++;
	}
	return (void *)(long)own;
}

static void *alternate(void *arg)
{
	int me = (int)(long)arg;

	for (int i = 0; i < 100; i++) {
		pthread_mutex_lock(&mutex);
		while (turn != me)
			pthread_cond_wait(&changed, &mutex);
		turn = !me;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void on_signal(int number)
{
	got_signal = pthread_equal(pthread_self(), signalled) ? 1 : 2;
}

static void *wait_for_signal(void *arg)
{
	sem_post(arg);
	while (!got_signal)
		sched_yield();
	return NULL;
}

static void *die_holding(void *arg)
{
	pthread_mutex_lock(arg);
	return NULL;
}

static void robust(void)
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t held;
	pthread_t thread;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&held, &attributes);
	pthread_create(&thread, NULL, die_holding, &held);
	pthread_join(thread, NULL);
	printf("a dead owner's lock: %s\n", strerror(pthread_mutex_lock(&held)));
	SHOW(pthread_mutex_consistent(&held));
	SHOW(pthread_mutex_unlock(&held));
	SHOW(pthread_mutex_lock(&held));
}

static void *forever(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

static void *exit_all(void *arg)
{
	exit(9);
}

static void *end_by_fault(void *arg)
{
	*(volatile int *)8 = 1;
	return NULL;
}

static void in_child(const char *what, void *(*fn)(void *))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		pthread_t thread;

		pthread_create(&thread, NULL, forever, NULL);
		pthread_create(&thread, NULL, fn, NULL);
		for (;;)
			pause();
	}
	waitpid(pid, &status, 0);
	printf("%s: status %x\n", what, status & ~0x80);
}

/* ---- a first thread that has ended ------------------------------------------------------- */

static char first_state(void)
{
	char text[512] = "";
	int fd = open("/proc/self/status", O_RDONLY);
	const char *state;

	read(fd, text, sizeof(text) - 1);
	close(fd);
	state = strstr(text, "State:\t");
	return state ? state[strlen("State:\t")] : '?';
}

static void on_usr2(int number)
{
	static const char text[] = "a signal to the process: taken\n";

	write(STDOUT_FILENO, text, sizeof(text) - 1);
}

static void *outlive_first(void *arg)
{
	struct sched_param param = { 0 };
	unsigned long cpus = 1;
	void *list = &param;
	size_t bytes = 0;
	int first = getpid();

	while (first_state() != 'Z')
		sched_yield();
	SHOW(syscall(SYS_tkill, first, 0));
	SHOW(syscall(SYS_tgkill, first, first, SIGTERM));
	SHOW(syscall(SYS_tgkill, first, first, SIGKILL));
	SHOW(setpriority(PRIO_PROCESS, first, 3));
	SHOW(syscall(SYS_getpriority, PRIO_PROCESS, first));
	SHOW(syscall(SYS_sched_setparam, first, &param));
	SHOW(syscall(SYS_sched_getscheduler, first));
	SHOW(syscall(SYS_sched_setaffinity, first, sizeof(cpus), &cpus));
	SHOW(syscall(SYS_sched_getaffinity, first, sizeof(cpus), &cpus));
	SHOW(syscall(SYS_get_robust_list, first, &list, &bytes));
	printf("robust list: %s, %zu\n", list ? "some" : "none", bytes);
	SHOW(kill(first, SIGUSR2));
	SHOW(kill(first, SIGCHLD));
	syscall(SYS_exit, 7);
	return NULL;
}

static void first_ends(void *(*other)(void *))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		pthread_t thread;

		alarm(20);
		signal(SIGUSR2, on_usr2);
		pthread_create(&thread, NULL, other, NULL);
		syscall(SYS_exit, 3);
	}
	waitpid(pid, &status, 0);
	printf("the first thread has ended before: status %x\n", status);
}

static void *execute(void *arg)
{
	while (first_state() != 'Z')
		sched_yield();
	execl("/abi/threads", "threads", "again", NULL);
	return NULL;
}

static void *exit_after_first(void *arg)
{
	while (first_state() != 'Z')
		sched_yield();
	exit(9);
}

static void *killed_after_first(void *arg)
{
	while (first_state() != 'Z')
		sched_yield();
	kill(getpid(), SIGTERM);
	pause();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[4];
	sem_t ready;
	void *result;
	long sum = 0;

	if (argc > 1 && !strcmp(argv[1], "again"))
		return 5;

	for (int i = 0; i < 4; i++)
		SHOW(pthread_create(&threads[i], NULL, count, NULL));
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		sum += (long)result;
	}
	printf("counter %d, own %ld\n", counter, sum);
	pthread_create(&threads[0], NULL, alternate, (void *)0);
	pthread_create(&threads[1], NULL, alternate, (void *)1);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	puts("took turns");

	sem_init(&ready, 0, 0);
	signal(SIGUSR1, on_signal);
	pthread_create(&signalled, NULL, wait_for_signal, &ready);
	sem_wait(&ready);
	SHOW(pthread_kill(signalled, SIGUSR1));
	pthread_join(signalled, NULL);
	printf("signal ran in %d\n", got_signal);

	robust();
	in_child("exit by a thread", exit_all);
	in_child("fault in a thread", end_by_fault);
	first_ends(outlive_first);
	first_ends(exit_after_first);
	first_ends(killed_after_first);
	first_ends(execute);
	return 0;
}
