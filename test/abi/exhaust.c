/*
 * Programs that want all there is of something: threads, pending signals, names of a file. They get
 * an error, and afterwards there is as much as before.
 */
#include "show.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

#define MANY 200000

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *stand(void *arg)
{
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return NULL;
}

static int make_threads(pthread_t *threads, pthread_attr_t *small)
{
	int count = 0, err = 0;

	pthread_mutex_lock(&gate);
	while (count < MANY && !(err = pthread_create(&threads[count], small, stand, NULL)))
		count++;
	pthread_mutex_unlock(&gate);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("threads: %s, %s\n", strerror(err), count > 300 ? "enough of them" : "too few");
	fflush(stdout);
	return count;
}

static void all_threads(void)
{
	pthread_t *threads = malloc(MANY * sizeof(*threads));
	struct timespec moment = { .tv_nsec = 100000000 };
	pthread_attr_t small;
	int first, second;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 16384);
	first = make_threads(threads, &small);
	/* What has been joined may need a moment to be gone. */
	nanosleep(&moment, NULL);
	second = make_threads(threads, &small);
	printf("again: %s\n", second >= first - 8 ? "as many" : "fewer");
}

static void all_signals(void)
{
	struct rlimit limit = { 10, 10 };
	struct timespec none = { 0 };
	int sent = 0, taken = 0, more;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	SHOW(setrlimit(RLIMIT_SIGPENDING, &limit));
	while (sent < 1000 && syscall(SYS_tgkill, getpid(), gettid(), SIGRTMIN + 3) == 0)
		sent++;
	printf("%d signals, then %s\n", sent, strerror(errno));
	more = kill(getpid(), SIGRTMIN + 3);
	printf("by kill: %d\n", more);
	while (sigtimedwait(&set, NULL, &none) > 0)
		taken++;
	printf("%d taken\n", taken);
	SHOW(syscall(SYS_tgkill, getpid(), gettid(), SIGRTMIN + 3));
}

/* Links of one file, until there is no room for more; all of them go. */
static void all_names(void)
{
	int made = 0, removed = 0, other = 0;
	char name[32];

	close(open("one", O_CREAT | O_RDWR, 0600));
	for (; made < 2000; made++) {
		snprintf(name, sizeof(name), "name-%d", made);
		if (link("one", name))
			break;
	}
	for (; removed < made; removed++) {
		snprintf(name, sizeof(name), "name-%d", removed);
		if (unlink(name))
			break;
	}
	while (other < 2000) {
		snprintf(name, sizeof(name), "file-%d", other);
		if (open(name, O_CREAT | O_RDWR | O_EXCL, 0600) < 0 || close(3) || unlink(name))
			break;
		other++;
	}
	printf("%d links made, %d removed, %d files\n", made, removed, other);
}

int main(void)
{
	all_threads();
	all_signals();
	all_names();
	return 0;
}
