/* mkdir, rmdir, chdir, getcwd. */
#include "show.h"

int main(void)
{
	char buffer[256];
	int fd;

	SHOW(mkdir("a", 0755));
	SHOW(mkdir("a", 0755));
	SHOW(mkdir("a/b/", 0700));
	SHOW(mkdir("x/y", 0755));
	SHOW(mkdir("", 0755));
	SHOW(mkdir("/", 0755));
	SHOW(mkdir(".", 0755));
	close(open("file", O_CREAT | O_WRONLY, 0644));
	SHOW(mkdir("file", 0755));
	SHOW(mkdir("file/x", 0755));
	SHOW(rmdir("a"));
	SHOW(rmdir("file"));
	SHOW(rmdir("missing"));
	SHOW(rmdir("a/."));
	SHOW(rmdir("a/b/.."));
	SHOW(rmdir("/"));
	SHOW(unlink("a"));
	SHOW(unlink("a/b/"));
	SHOW(unlinkat(AT_FDCWD, "a/b", AT_REMOVEDIR));
	SHOW(mkdir("a/b", 0755));

	SHOW(chdir("a"));
	SHOW(getcwd(buffer, sizeof(buffer)) != NULL);
	puts(buffer);
	SHOW(chdir("b/../../a/./b"));
	SHOW(getcwd(buffer, sizeof(buffer)) != NULL);
	puts(buffer);
	SHOW(chdir("../../file"));
	SHOW(chdir("missing"));
	SHOW(getcwd(buffer, 5) == NULL && errno == ERANGE);
	fd = open("..", O_RDONLY);
	SHOW(fchdir(fd));
	SHOW(getcwd(buffer, sizeof(buffer)) != NULL);
	puts(buffer);
	SHOW(fchdir(99));
	SHOW(rename("b", "c"));
	SHOW(chdir("c"));
	SHOW(rmdir("../c"));
	SHOW(getcwd(buffer, sizeof(buffer)) == NULL && errno == ENOENT);
	SHOW(open("x", O_CREAT | O_WRONLY, 0600));
	SHOW(mkdir("x", 0700));
	SHOW(chdir(".."));
	SHOW(chdir("/"));
	SHOW(getcwd(buffer, sizeof(buffer)) != NULL);
	puts(buffer);
	SHOW(chdir("../.."));
	SHOW(getcwd(buffer, sizeof(buffer)) != NULL);
	puts(buffer);
	SHOW(syscall(SYS_getcwd, buffer, sizeof(buffer)));
	return 0;
}
