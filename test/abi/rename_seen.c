/* What is renamed is there all the time, under one name or the other: for who stands below it, and
 * for who has it open. */
#include "show.h"

#include <signal.h>
#include <sys/wait.h>

#define ROUNDS 300

static const char *const directories[] = { "/x/in", "/to/y/in" };
static const char *const files[] = { "/x/in/f", "/x/in/g", "/to/y/in/f", "/to/y/in/g" };
static char top[200], link_name[40];
static int wrong;

static void rename_often(void)
{
	(void)!chdir(top);
	for (;;) {
		rename("x", "to/y");
		rename("to/y", "x");
		rename("x/in/f", "x/in/g");
		rename("x/in/g", "x/in/f");
	}
}

/* Is the path one of the `count` below the top? */
static void check(const char *what, const char *path, const char *const *names, int count)
{
	size_t bytes = strlen(top);

	for (int i = 0; i < count && !strncmp(path, top, bytes); i++)
		if (!strcmp(path + bytes, names[i]))
			return;
	if (wrong++ < 5)
		printf("%s: %s\n", what, path);
}

static void succeeds(const char *what, int result)
{
	if (result < 0 && wrong++ < 5)
		printf("%s: %s\n", what, strerror(errno));
	if (result > 2)
		close(result);
}

static void look(void)
{
	char path[500] = "";
	struct stat st;
	long bytes;

	succeeds("getcwd", getcwd(path, sizeof(path)) ? 0 : -1);
	check("getcwd", path, directories, 2);
	bytes = readlink(link_name, path, sizeof(path) - 1);
	path[bytes > 0 ? bytes : 0] = '\0';
	check("readlink", path, files, 4);
	succeeds("stat .", stat(".", &st));
	succeeds("stat ..", stat("..", &st));
	succeeds("open again", open(link_name, O_RDONLY));
	succeeds("open ../in", open("../in", O_RDONLY));
	succeeds("create", open("new", O_CREAT | O_EXCL | O_WRONLY, 0600));
	succeeds("unlink", unlink("new"));
}

int main(void)
{
	pid_t pid;

	mkdir("seen", 0755);
	(void)!chdir("seen");
	(void)!getcwd(top, sizeof(top));
	mkdir("to", 0755);
	mkdir("x", 0755);
	mkdir("x/in", 0755);
	(void)!chdir("x/in");
	snprintf(link_name, sizeof(link_name), "/proc/self/fd/%d",
		open("f", O_CREAT | O_RDONLY, 0644));
	if ((pid = fork()) == 0)
		rename_often();
	for (int i = 0; i < ROUNDS; i++)
		look();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	printf("wrong: %d\n", wrong);
	return 0;
}
