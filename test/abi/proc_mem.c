/* /proc/PID/mem: the memory of a process as a file. */
#include "show.h"

#include <sys/uio.h>
#include <sys/wait.h>

#define PAGE 4096

static char data[PAGE * 2] __attribute__((aligned(4096))) = "some data";

static void own(void)
{
	int fd = open("/proc/self/mem", O_RDWR), ro = open("/proc/self/mem", O_RDONLY);
	static char buf[3 * PAGE];
	char *map, *text, *none, *file_map;
	int file;

	SHOW(fd >= 0);
	SHOW(pread(fd, buf, 9, (off_t)data));
	printf("%s\n", buf);
	SHOW(pwrite(fd, "other", 5, (off_t)data));
	printf("%s\n", data);
	SHOW(pwrite(ro, "x", 1, (off_t)data));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(lseek(fd, (off_t)data, SEEK_SET) == (off_t)data);
	SHOW(lseek(fd, 6, SEEK_CUR) == (off_t)data + 6);
	SHOW(read(fd, buf, 3));
	SHOW(lseek(fd, 0, SEEK_CUR) == (off_t)data + 9);
	SHOW(write(fd, "", 0));
	SHOW(read(fd, buf, 0));
	SHOW(pread(fd, buf, 1, 0));
	SHOW(pread(fd, buf, 1, 4096));
	SHOW(pwrite(fd, buf, 1, 4096));
	SHOW(pread(fd, buf, 1, (off_t)1 << 62));
	SHOW(pread(fd, buf, 1, -4096));

	/* Up to where nothing is mapped. */
	map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(map + 2 * PAGE, PAGE);
	memset(map, 'm', 2 * PAGE);
	SHOW(pread(fd, buf, 3 * PAGE, (off_t)map));
	SHOW(pread(fd, buf, 10, (off_t)map + 2 * PAGE));
	SHOW(pread(fd, buf, PAGE, (off_t)map + PAGE + 100));
	SHOW(pwrite(fd, buf, 3 * PAGE, (off_t)map));

	/* A debugger writes where the program could not. */
	text = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	SHOW(pwrite(fd, "forced", 6, (off_t)text));
	printf("%s\n", text);
	file = open("file", O_RDWR | O_CREAT, 0600);
	write(file, "contents", 8);
	file_map = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0);
	SHOW(pwrite(fd, "CON", 3, (off_t)file_map));
	pread(file, buf, 8, 0);
	printf("%.8s in memory, %.8s in the file\n", file_map, buf);
	munmap(file_map, PAGE);
	file_map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 0);
	SHOW(pwrite(fd, "CON", 3, (off_t)file_map));
	munmap(file_map, PAGE);
	file_map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	SHOW(pwrite(fd, "CON", 3, (off_t)file_map));
	pread(file, buf, 8, 0);
	printf("%.8s\n", buf);
	none = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, file, 0);
	SHOW(pread(fd, buf, 1, (off_t)none + PAGE)); /* behind the end of the file */
	SHOW(pread(fd, (void *)8, 10, (off_t)data));
	SHOW(pwrite(fd, (void *)8, 10, (off_t)data));
	SHOW(readv(fd, (struct iovec[]){ { buf, 1 }, { buf, 1 } }, 2));
	close(fd);
	close(ro);
}

static void child(void)
{
	char path[64], buf[16] = "";
	int go[2], end[2], fd;
	pid_t pid;
	char c = 0;

	pipe(go);
	pipe(end);
	strcpy(data, "before the fork");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		strcpy(data, "the child's");
		write(go[1], &c, 1);
		close(end[1]);
		read(end[0], &c, 1);
		printf("the child has: %s\n", data);
		fflush(stdout);
		_exit(0);
	}
	read(go[0], &c, 1);
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	SHOW(fd = open(path, O_RDWR));
	SHOW(pread(fd, buf, 11, (off_t)data));
	printf("%s\n", buf);
	SHOW(pwrite(fd, "changed", 8, (off_t)data));
	printf("we have: %s\n", data);
	close(end[1]);
	waitpid(pid, NULL, 0);
	SHOW(pread(fd, buf, 11, (off_t)data));
	SHOW(open(path, O_RDONLY));
}

static void others(void)
{
	pid_t root = getpid();
	char path[64];

	fflush(stdout);
	if (fork() == 0) {
		if (setgid(9) || setuid(9))
			_exit(1);
		snprintf(path, sizeof(path), "/proc/%d/mem", root);
		SHOW(open(path, O_RDONLY));
		SHOW(open("/proc/self/mem", O_RDONLY));
		SHOW(open("/proc/1/mem", O_RDONLY));
		_exit(0);
	}
	wait(NULL);
}

int main(void)
{
	mkdir("proc_mem", 0755);
	chdir("proc_mem");
	own();
	child();
	others();
	return 0;
}
