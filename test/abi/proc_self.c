/* /proc/self: what a program reads of itself, where that does not depend on the machine. */
#include "show.h"

#include <dirent.h>
#include <elf.h>
#include <sys/auxv.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

static char text[65536];

/* The whole file in reads of `step` bytes; its length. */
static long slurp(const char *path, size_t step)
{
	int fd = open(path, O_RDONLY);
	long bytes = 0, got;

	if (fd < 0)
		return -1;
	while ((got = read(fd, text + bytes, step)) > 0)
		bytes += got;
	text[bytes] = '\0';
	close(fd);
	return got < 0 ? -1 : bytes;
}

static int lines(void)
{
	int count = 0;

	for (char *at = text; (at = strchr(at, '\n')); at++)
		count++;
	return count;
}

/* Lines of status that hold nothing of the machine. */
static void show_status(void)
{
	static const char *const names[] = { "Name:", "Umask:", "State:", "TracerPid:", "Uid:",
		"Gid:", "Groups:", "VmLck:", "VmPin:", "VmSwap:", "Threads:", "SigPnd:", "ShdPnd:",
		"SigBlk:", "SigCgt:", "CapInh:", "CapEff:", "CapAmb:", "NoNewPrivs:", "Seccomp:" };
	char *line, *rest = text;

	slurp("/proc/self/status", 4096);
	while ((line = strsep(&rest, "\n")))
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (strncmp(line, names[i], strlen(names[i])) == 0)
				puts(line);
}

static void show_stat(void)
{
	char name[64], state;
	int pid, parent, fields = 1;

	slurp("/proc/self/stat", 4096);
	SHOW(sscanf(text, "%d %63s %c %d", &pid, name, &state, &parent));
	printf("%s %c, own number %d, parent's %d\n", name, state, pid == getpid(),
		parent == getppid());
	for (char *at = strrchr(text, ')'); (at = strchr(at, ' ')); at++)
		fields++;
	SHOW(fields);
}

/* Each line's form, and the area of an address. */
static void show_area(const char *what, void *address)
{
	unsigned long start, end, offset, ino;
	char rights[8], path[256], *line, *rest = text;
	unsigned major, minor;

	slurp("/proc/self/maps", 4096);
	while ((line = strsep(&rest, "\n")) && *line) {
		int fields, at = 0;

		path[0] = '\0';
		fields = sscanf(line, "%lx-%lx %7s %lx %x:%x %lu %n%255[^\n]", &start, &end, rights,
			&offset, &major, &minor, &ino, &at, path);
		if (fields < 7)
			printf("bad line: %s\n", line);
		if ((unsigned long)address < start || (unsigned long)address >= end)
			continue;
		printf("%s: %s offset %lx, file %d, column %d, %s\n", what, rights, offset,
			ino != 0, path[0] ? at : 0, path);
	}
}

static void show_maps(void)
{
	int fd = open("mapped file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *private, *shared;

	ftruncate(fd, 3 * 4096);
	private = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 4096);
	shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	show_area("code", show_maps);
	show_area("stack", &fd);
	show_area("heap", sbrk(0) - 1);
	show_area("private", private);
	show_area("shared", shared);
	unlink("mapped file");
	show_area("removed", shared);
	show_area("nothing", mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	munmap(private, 4096);
	munmap(shared, 8192);
}

static void show_link(const char *path)
{
	char target[256];
	long bytes = readlink(path, target, sizeof(target) - 1);

	target[bytes > 0 ? bytes : 0] = '\0';
	printf("%s -> %s\n", path, bytes < 0 ? strerror(errno) : target);
}

static void show_descriptors(void)
{
	int fd = open("a file", O_RDWR | O_CREAT | O_TRUNC, 0600), again;
	char path[64], byte = 'x';
	struct stat st;
	DIR *dir;

	dup2(fd, 20);
	show_link("/proc/self/fd/20");
	show_link("/proc/self/fd/21");
	show_link("/proc/self/fd/020");
	show_link("/proc/self/fd/x");
	SHOW(lstat("/proc/self/fd/20", &st));
	printf("mode %o\n", st.st_mode);
	dup2(open("a file", O_RDONLY), 22);
	lstat("/proc/self/fd/22", &st);
	printf("mode %o\n", st.st_mode);
	SHOW(write(20, "abc", 3));
	again = open("/proc/self/fd/20", O_RDONLY);
	SHOW(read(again, &byte, 1)); /* a position of its own */
	printf("%c\n", byte);
	unlink("a file");
	show_link("/proc/self/fd/20");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", 20);
	again = open(
		path, O_WRONLY | O_APPEND | O_CREAT, 0600); /* also of a file that was removed */
	SHOW(write(again, "d", 1));
	SHOW(fstat(20, &st));
	SHOW(st.st_size);
	SHOW(open("/proc/self/fd/20/", O_RDONLY));
	SHOW(open("/proc/self/fd/20/x", O_RDONLY));
	SHOW(stat("/proc/self/fd/99", &st));
	close(20);
	SHOW(open("/proc/self/fd/20", O_RDONLY));
	dir = opendir("/proc/self/fd");
	for (struct dirent *entry; (entry = readdir(dir));)
		if (strcmp(entry->d_name, "22") == 0)
			printf("22 is listed, type %d\n", entry->d_type);
	closedir(dir);
}

/* A descriptor's link leads to what it is, also if that is in no directory. */
static void show_nameless(const char *what, int fd)
{
	char path[64];
	struct stat st = { 0 }, by_name = { 0 };
	uint16_t stx[128] = { 0 }; /* stx_mode is at byte 28 */

	printf("%s\n", what);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fstat(fd, &st);
	SHOW(stat(path, &by_name));
	printf("mode %o, the same %d\n", by_name.st_mode,
		st.st_ino == by_name.st_ino && st.st_dev == by_name.st_dev);
	SHOW(syscall(SYS_statx, AT_FDCWD, path, 0, 0x7ff, stx));
	printf("mode %o\n", stx[14]);
	SHOW(access(path, R_OK | W_OK));
	SHOW(access(path, X_OK));
	SHOW(stat(strcat(path, "/"), &by_name));
	if (fork() == 0) {
		setuid(1000);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		SHOW(access(path, W_OK));
		_exit(0);
	}
	wait(NULL);
}

static void show_places(void)
{
	struct stat here, there;

	mkdir("place", 0755);
	chdir("place");
	SHOW(stat(".", &here));
	SHOW(stat("/proc/self/cwd", &there));
	SHOW(here.st_ino == there.st_ino);
	close(open("inside", O_CREAT | O_WRONLY, 0600));
	SHOW(access("/proc/self/cwd/inside", F_OK));
	SHOW(access("/proc/self/root/proc/self/cwd/inside", F_OK));
	SHOW(open("/proc/self/cwd", O_WRONLY | O_CREAT, 0600));
	unlink("inside");
	chdir("..");
	SHOW(rmdir("place"));
	show_link("/proc/self/root");
	SHOW(chdir("/proc/self/task"));
	SHOW(readlink("/proc/self/exe", text, sizeof(text)) > 0);
	SHOW(open("/proc/self/exe", O_RDONLY) >= 0);
	chdir("/");
}

static void show_auxv(void)
{
	Elf64_auxv_t *auxv = (void *)text;
	long bytes = slurp("/proc/self/auxv", sizeof(text));

	for (; (char *)auxv < text + bytes && auxv->a_type; auxv++)
		if (auxv->a_type == AT_PAGESZ || auxv->a_type == AT_PHDR ||
			auxv->a_type == AT_RANDOM)
			printf("auxv %lu: %d\n", auxv->a_type,
				auxv->a_un.a_val == getauxval(auxv->a_type));
}

int main(int argc, char **argv, char **envp)
{
	char small[4096];
	int ends[2];
	long bytes;
	int fd;

	show_status();
	show_stat();
	show_maps();
	show_descriptors();
	pipe(ends);
	show_nameless("a pipe", ends[0]);
	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	show_nameless("a socket", ends[0]);
	show_nameless("an eventfd", eventfd(0, 0));
	show_places();
	show_auxv();
	fflush(stdout);
	if (fork() == 0) { /* what the program was given is the child's too */
		show_auxv();
		exit(0);
	}
	wait(NULL);

	SHOW(slurp("/proc/self/cmdline", 1) == (long)strlen(argv[0]) + 1);
	SHOW(strcmp(text, argv[0]));
	SHOW(slurp("/proc/self/environ", 7) > 0);
	SHOW(strcmp(text, envp[0]));
	SHOW(slurp("/proc/self/comm", 3));
	fputs(text, stdout);
	fd = open("/proc/self/comm", O_WRONLY);
	SHOW(write(fd, "a name that is much too long", 28));
	slurp("/proc/self/comm", 100);
	fputs(text, stdout);
	slurp("/proc/self/limits", 4096);
	fwrite(text, 1, 79 * 5, stdout); /* up to the stack: the rest is the machine's */
	SHOW(lines());
	slurp("/proc/self/statm", 4096);
	SHOW(sscanf(text, "%*u %*u %*u %*u %*u %*u %lu", &bytes));

	/* A reader with a small buffer sees what one with a large one sees. */
	bytes = slurp("/proc/self/limits", 1);
	memcpy(small, text, bytes + 1);
	slurp("/proc/self/limits", 4096);
	SHOW(strcmp(small, text));
	return 0;
}
