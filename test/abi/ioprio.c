/* ioprio_set(2), ioprio_get(2): kept, inherited, and who may change them. */
#include "show.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

enum { PROCESS = 1, GROUP, USER };
enum { NONE, REALTIME, BEST_EFFORT, IDLE };

#define VALUE(class, level) ((class) << 13 | (level))

static long get(int which, int who)
{
	return syscall(SYS_ioprio_get, which, who);
}

static long set(int which, int who, int value)
{
	return syscall(SYS_ioprio_set, which, who, value);
}

static void in_child(void (*what)(void))
{
	fflush(stdout);
	if (fork() == 0) {
		what();
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
}

static void inherited(void)
{
	SHOW(get(PROCESS, 0));
	SHOW(set(PROCESS, 0, VALUE(IDLE, 0)));
	SHOW(get(PROCESS, getpid()));
	SHOW(get(PROCESS, getppid()));
}

static void nobody(void)
{
	setpgid(0, 0);
	setresuid(1234, 1234, 1234);
	SHOW(set(PROCESS, 0, VALUE(REALTIME, 1)));
	SHOW(set(PROCESS, 0, VALUE(BEST_EFFORT, 7)));
	SHOW(set(PROCESS, 0, VALUE(IDLE, 0)));
	SHOW(get(USER, 1234));
	SHOW(get(USER, 0));
	SHOW(get(PROCESS, getppid()));
	SHOW(set(PROCESS, getppid(), VALUE(BEST_EFFORT, 2)));
	SHOW(set(USER, 1234, VALUE(BEST_EFFORT, 3)));
	SHOW(get(GROUP, 0));
}

/* Members of a group, the newest first, are visited until one is another's. */
static void mixed(void)
{
	int go[2], done[2];
	char byte;

	setpgid(0, 0);
	pipe(go);
	pipe(done);
	if (fork() == 0) {
		setresuid(1234, 1234, 1234);
		read(go[0], &byte, 1);
		SHOW(set(GROUP, 0, VALUE(BEST_EFFORT, 6)));
		SHOW(get(PROCESS, 0));
		write(done[1], "", 1);
		pause();
	}
	if (fork() == 0) {
		setresuid(4321, 4321, 4321);
		write(go[1], "", 1);
		pause();
	}
	read(done[0], &byte, 1);
	kill(0, SIGKILL);
}

/* The child's change is the maker's, if they share what the maker had. */
static void shared(void)
{
	static const long first[] = { VALUE(BEST_EFFORT, 1), 0 };

	for (int i = 0; i < 2; i++)
		for (int flags = 0; flags < 2; flags++) {
			set(PROCESS, 0, first[i]);
			if (syscall(SYS_clone, flags * CLONE_IO | SIGCHLD, 0, 0, 0, 0) == 0) {
				SHOW(get(PROCESS, 0));
				SHOW(set(PROCESS, 0, VALUE(IDLE, 0)));
				_exit(0);
			}
			wait(NULL);
			SHOW(get(PROCESS, 0));
		}
}

/* Nothing was said, so nothing is shared. */
static void shared_nothing(void)
{
	if (syscall(SYS_clone, CLONE_IO | SIGCHLD, 0, 0, 0, 0) == 0) {
		SHOW(set(PROCESS, 0, VALUE(BEST_EFFORT, 2)));
		_exit(0);
	}
	wait(NULL);
	SHOW(get(PROCESS, 0));
}

static void *thread(void *unused)
{
	SHOW(get(PROCESS, 0));
	SHOW(set(PROCESS, 0, VALUE(BEST_EFFORT, 1)));
	SHOW(get(PROCESS, 0));
	return NULL;
}

static void threads(void)
{
	pthread_t other;

	pthread_create(&other, NULL, thread, NULL);
	pthread_join(other, NULL);
	SHOW(get(PROCESS, 0));
}

int main(void)
{
	setpgid(0, 0);
	in_child(shared_nothing);
	SHOW(get(PROCESS, 0));
	SHOW(set(PROCESS, 0, VALUE(NONE, 1)));
	SHOW(set(PROCESS, 0, VALUE(BEST_EFFORT, 8)));
	SHOW(set(PROCESS, 0, VALUE(REALTIME, 8)));
	SHOW(set(PROCESS, 0, VALUE(4, 0)));
	SHOW(set(PROCESS, 0, -1));
	SHOW(set(0, 0, 0));
	SHOW(get(4, 0));
	SHOW(get(PROCESS, 99999));
	SHOW(get(PROCESS, -1));
	SHOW(get(GROUP, 99999));
	SHOW(get(USER, 99999));
	SHOW(set(PROCESS, 0, VALUE(REALTIME, 3)));
	SHOW(get(PROCESS, 0));
	SHOW(set(GROUP, 0, VALUE(BEST_EFFORT, 5)));
	SHOW(get(GROUP, 0));
	in_child(inherited);
	in_child(nobody);
	in_child(mixed);
	in_child(shared);
	SHOW(get(PROCESS, 0));
	threads();
	SHOW(set(PROCESS, 0, 0));
	SHOW(get(PROCESS, 0));
	return 0;
}
