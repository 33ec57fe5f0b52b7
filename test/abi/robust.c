/* Lists of robust futexes: what becomes of the words when their thread ends. */
#define _GNU_SOURCE
#include "show.h"

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>

#define FUTEX_WAIT       0
#define FUTEX_WAITERS    0x80000000u
#define FUTEX_OWNER_DIED 0x40000000u

struct head {
	void *next;
	long offset;
	void *pending;
};

struct entry {
	void *next;
	uint32_t word;
};

static struct shared {
	struct head head;
	struct entry entry[3];
	uint32_t waited;
} * shared;

static void ms(int n)
{
	struct timespec span = { 0, n * 1000000 };

	nanosleep(&span, NULL);
}

static int sleeps(pid_t pid)
{
	char path[32], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	read(fd, text, sizeof(text) - 1);
	close(fd);
	return strstr(text, ") S ") != NULL;
}

/* A child that waits for a word; its status is what the futex gave. */
static pid_t waiter(uint32_t *word, uint32_t value)
{
	pid_t pid = fork();

	if (pid == 0) {
		alarm(10);
		_exit(syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0) ? errno : 0);
	}
	while (!sleeps(pid))
		ms(1);
	return pid;
}

/* A child with a list of two locks, one of them another's, and a third that is being let go of. */
static pid_t owner(int held_by_nobody)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		uint32_t self = (uint32_t)getpid();

		shared->entry[0].word = self | FUTEX_WAITERS;
		shared->entry[1].word = 1;
		shared->entry[2].word = held_by_nobody ? 0 : self;
		shared->entry[0].next = &shared->entry[1];
		shared->entry[1].next = &shared->head;
		shared->head = (struct head){ &shared->entry[0], offsetof(struct entry, word),
			&shared->entry[2] };
		SHOW(syscall(SYS_set_robust_list, &shared->head, sizeof(shared->head)));
		SHOW(syscall(SYS_set_robust_list, &shared->head, sizeof(shared->head) - 1));
		while (!shared->waited)
			ms(1);
		_exit(0);
	}
	return pid;
}

static void try(int held_by_nobody)
{
	pid_t pid, waiting;

	memset(shared, 0, sizeof(*shared));
	pid = owner(held_by_nobody);
	while (!shared->head.next)
		ms(1);
	waiting = waiter(&shared->entry[held_by_nobody ? 2 : 0].word,
		held_by_nobody ? 0 : (uint32_t)pid | FUTEX_WAITERS);
	shared->waited = 1;
	show_end("owner", pid);
	show_end("waiter", waiting);
	for (int i = 0; i < 3; i++)
		printf("word %d: %x\n", i, shared->entry[i].word);
}

int main(void)
{
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	try(0);
	try(1);
	return 0;
}
