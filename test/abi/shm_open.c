/*
 * POSIX shared memory and semaphores, as libc makes them of files in /dev/shm: a file system of its
 * own, where everybody may make names and remove his own.
 */
#define _GNU_SOURCE
#include "show.h"

#include <fcntl.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

static void place(void)
{
	struct stat dev, shm;
	struct statfs fs;

	stat("/dev", &dev);
	if (SHOW(stat("/dev/shm", &shm)))
		return;
	printf("mode %o, a file system of its own: %d\n", shm.st_mode, shm.st_dev != dev.st_dev);
	SHOW(statfs("/dev/shm", &fs));
	printf("type %#lx\n", (unsigned long)fs.f_type);
}

static void memory(void)
{
	int fd = shm_open("/area", O_RDWR | O_CREAT | O_EXCL, 0600), status;
	char *one, *other;

	SHOW(shm_open("/area", O_RDWR | O_CREAT | O_EXCL, 0600));
	SHOW(ftruncate(fd, 10000));
	one = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	other = mmap(NULL, 10000, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	strcpy(one + 9000, "through both");
	printf("%s\n", other + 9000);
	fflush(stdout);
	if (fork() == 0) {
		int again = shm_open("/area", O_RDWR, 0);

		pwrite(again, "a child", 8, 9000);
		_exit(0);
	}
	wait(&status);
	printf("%s\n", other + 9000);
	fflush(stdout);
	if (fork() == 0) {
		setuid(1000);
		SHOW(shm_open("/area", O_RDONLY, 0));
		SHOW(shm_unlink("/area"));
		SHOW(shm_unlink("/other"));
		exit(0);
	}
	wait(&status);
	SHOW(shm_unlink("/area"));
	SHOW(shm_open("/area", O_RDWR, 0));
	printf("still there: %s\n", one + 9000);
	munmap(one, 10000);
	munmap(other, 10000);
}

static void semaphores(void)
{
	sem_t *pings = sem_open("/ping", O_CREAT | O_EXCL, 0600, 0);
	sem_t *pongs = sem_open("/pong", O_CREAT | O_EXCL, 0600, 0);
	int status, value;

	if (pings == SEM_FAILED || pongs == SEM_FAILED) {
		perror("sem_open");
		return;
	}
	fflush(stdout);
	if (fork() == 0) {
		sem_t *mine = sem_open("/ping", 0);

		for (int i = 0; i < 1000; i++) {
			sem_wait(mine);
			sem_post(pongs);
		}
		_exit(0);
	}
	for (int i = 0; i < 1000; i++) {
		sem_post(pings);
		sem_wait(pongs);
	}
	wait(&status);
	sem_getvalue(pongs, &value);
	printf("a thousand times to and fro; left %d\n", value);
	SHOW(sem_unlink("/ping"));
	SHOW(sem_unlink("/pong"));
	SHOW(sem_unlink("/ping"));
}

int main(void)
{
	place();
	memory();
	semaphores();
	return 0;
}
