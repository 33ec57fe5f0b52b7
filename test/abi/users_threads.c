/* One thread changes who the process is, again and again, while others open, make and remove files.
 */
#include "show.h"

#include <grp.h>
#include <pthread.h>
#include <stdatomic.h>

#define ROUNDS 3000

static atomic_int done;
static atomic_int failures;

static void *use_names(void *arg)
{
	char name[16];

	snprintf(name, sizeof(name), "name-%ld", (long)arg);
	while (!done) {
		int fd = open(name, O_RDWR | O_CREAT, 0666);

		if (fd < 0 || write(fd, name, 4) != 4 || access(name, R_OK))
			failures++;
		close(fd);
		if (unlink(name))
			failures++;
	}
	return NULL;
}

/* The system call itself: libc's function would change all threads, as each has its own on Linux.
 */
static int change_one(int round)
{
	gid_t groups[3] = { round, round + 1, round + 2 };

	return syscall(SYS_setgroups, 1 + round % 3, groups) |
	       syscall(SYS_setresgid, round % 7, round % 5, -1) |
	       syscall(SYS_setresuid, round % 3, 0, 0);
}

int main(void)
{
	pthread_t threads[3];
	int failed = 0;

	for (long i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, use_names, (void *)i);
	for (int round = 0; round < ROUNDS; round++)
		failed += change_one(round) != 0;
	done = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	printf("changes that failed: %d; uses that failed: %d\n", failed, failures);
	return 0;
}
