/* A program that runs is not written to, and a file that is written to is not run: ETXTBSY. */
#include "show.h"

#include <sys/mman.h>
#include <sys/wait.h>

static void copy(const char *from, const char *to)
{
	static char buf[65536];
	int in = open(from, O_RDONLY), out = open(to, O_CREAT | O_TRUNC | O_WRONLY, 0755);
	ssize_t got;

	while ((got = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)got) != got)
			perror("write");
	close(in);
	close(out);
}

/* The child runs `path` with one argument; its status, or what execve says. */
static void run(const char *what, const char *path)
{
	int status;

	fflush(stdout);
	if (fork() == 0) {
		execl(path, path, "exit", NULL);
		printf("%s: %s\n", what, strerror(errno));
		fflush(stdout);
		_exit(1);
	}
	wait(&status);
	printf("%s: status %d\n", what, WEXITSTATUS(status));
}

static void while_running(void)
{
	char c;
	int start[2], end[2], fd, status;
	struct stat st;

	pipe(start);
	pipe(end);
	fflush(stdout);
	if (fork() == 0) {
		dup2(end[0], 0);
		dup2(start[1], 1);
		close(end[1]);
		close(start[0]);
		execl("program", "program", "wait", NULL);
		_exit(1);
	}
	close(end[0]);
	close(start[1]);
	read(start[0], &c, 1);
	SHOW(open("program", O_WRONLY));
	SHOW(open("program", O_RDWR));
	SHOW(open("program", O_RDONLY | O_TRUNC));
	SHOW(open("program", O_WRONLY | O_TRUNC));
	SHOW(open("program", O_WRONLY | O_CREAT, 0600));
	SHOW(open("second", O_WRONLY)); /* another name */
	SHOW(open("link", O_WRONLY));
	SHOW(truncate("program", 0));
	SHOW(access("program", W_OK));
	SHOW(chmod("program", 0700));
	SHOW(fd = open("program", O_RDONLY));
	SHOW_MAP(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
	SHOW(close(fd));
	stat("program", &st);
	printf("size %s\n", st.st_size > 0 ? "kept" : "lost");
	run("once more", "./program");
	SHOW(rename("program", "moved"));
	SHOW(open("moved", O_WRONLY));
	SHOW(unlink("moved"));
	SHOW(open("second", O_WRONLY));
	SHOW(rename("second", "program"));
	close(end[1]);
	wait(&status);
	SHOW(fd = open("program", O_RDWR));
	SHOW(close(fd));
}

static void while_open(void)
{
	char *map;
	int fd;

	fd = open("program", O_RDWR);
	run("open for writing", "./program");
	close(fd);
	fd = open("program", O_RDONLY);
	run("open for reading", "./program");
	close(fd);
	fd = open("program", O_PATH | O_RDWR);
	run("O_PATH", "./program");
	close(fd);
	fd = open("program", O_RDWR);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	run("mapped", "./program");
	munmap(map, 4096);
	run("no longer", "./program");
	fd = open("program", O_RDWR);
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	run("mapped privately", "./program");
	munmap(map, 4096);
	fd = open("script", O_WRONLY);
	run("script", "./script");
	close(fd);
	run("script that is not open", "./script");
	fd = open("program", O_WRONLY);
	run("its interpreter", "./script");
	close(fd);
}

/* A file in memory that was made open is run all the same. */
static void memfd(void)
{
	int fd = memfd_create("program", 0), from = open("program", O_RDONLY), again, status;
	static char buf[65536];
	char path[64];
	ssize_t got;

	while ((got = read(from, buf, sizeof(buf))) > 0)
		if (write(fd, buf, (size_t)got) != got)
			perror("write");
	close(from);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	run("memfd", path);
	again = open(path, O_RDWR);
	run("memfd, opened again", path);
	close(again);
	run("and closed", path);
	fflush(stdout);
	if (fork() == 0) {
		char *const argv[] = { "program", "exit", NULL };

		fexecve(fd, argv, (char *const[]){ NULL });
		_exit(1);
	}
	wait(&status);
	printf("fexecve: %d\n", WEXITSTATUS(status));
	close(fd);
}

int main(int argc, char **argv)
{
	char c = 0;

	if (argc > 1 && strcmp(argv[1], "exit") == 0)
		return 3;
	if (argc > 1 && strcmp(argv[1], "./script") == 0)
		return 4;
	if (argc > 1) {
		write(1, "x", 1);
		return (int)read(0, &c, 1);
	}
	mkdir("etxtbsy", 0755);
	chdir("etxtbsy");
	copy("/proc/self/exe", "program");
	link("program", "second");
	symlink("program", "link");
	copy("/dev/null", "script");
	int fd = open("script", O_WRONLY);
	write(fd, "#!./program\n", 12);
	close(fd);
	SHOW(open("/proc/self/exe", O_WRONLY));
	while_running();
	while_open();
	memfd();
	return 0;
}
