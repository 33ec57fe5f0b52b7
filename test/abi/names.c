/* rename, link, unlink, symlink, readlink. */
#include "show.h"

static void create(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);

	if (write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

static void show_file(const char *path)
{
	char text[32] = "";
	struct stat st = { 0 };
	int fd = open(path, O_RDONLY);

	if (fd < 0) {
		printf("%s: %s\n", path, strerror(errno));
		return;
	}
	fstat(fd, &st);
	printf("%s: [%.*s] links %ld\n", path, (int)read(fd, text, sizeof(text)), text,
		(long)st.st_nlink);
	close(fd);
}

int main(void)
{
	char buffer[32] = "";
	int fd;

	create("a", "A");
	create("b", "B");
	SHOW(rename("a", "c"));
	show_file("a");
	show_file("c");
	SHOW(rename("c", "b"));
	show_file("b");
	SHOW(rename("b", "b"));
	SHOW(rename("missing", "b"));
	SHOW(mkdir("d", 0755));
	SHOW(mkdir("e", 0755));
	SHOW(rename("b", "d"));
	SHOW(rename("d", "b"));
	SHOW(rename("d", "e"));
	SHOW(mkdir("e/sub", 0755));
	SHOW(mkdir("d", 0755));
	SHOW(rename("d", "e"));
	SHOW(rename("e", "e/sub/x"));
	SHOW(rename("e/sub", "sub"));
	SHOW(rename("b", "e/b"));
	show_file("e/b");
	SHOW(rename("e/b", "x/b"));
	SHOW(rename(".", "z"));
	create("n", "N");
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "n", AT_FDCWD, "e/b", 1 /* RENAME_NOREPLACE */));
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "n", AT_FDCWD, "e/b", 2 /* RENAME_EXCHANGE */));
	show_file("n");
	SHOW(syscall(SYS_renameat2, AT_FDCWD, "n", AT_FDCWD, "m", 0x80));

	SHOW(link("n", "l"));
	show_file("l");
	SHOW(link("n", "l"));
	SHOW(link("e", "l2"));
	SHOW(link("missing", "l2"));
	SHOW(rename("n", "l"));
	show_file("n");
	fd = open("n", O_RDWR);
	SHOW(unlink("n"));
	SHOW(unlink("n"));
	SHOW(pread(fd, buffer, sizeof(buffer), 0));
	show_file("l");
	SHOW(unlink("l"));
	SHOW(write(fd, "still here", 10));
	SHOW(pread(fd, buffer, sizeof(buffer), 0));
	SHOW(close(fd));
	SHOW(unlink("e/"));

	create("t", "T");
	SHOW(symlink("t", "s"));
	SHOW(symlink("t", "s"));
	SHOW(symlink("", "empty"));
	SHOW(readlink("s", buffer, sizeof(buffer)));
	SHOW(readlink("s", buffer, 0));
	SHOW(readlink("t", buffer, sizeof(buffer)));
	SHOW(readlink("missing", buffer, sizeof(buffer)));
	SHOW(symlink("a rather long target", "long"));
	SHOW(readlink("long", buffer, 8));
	printf("[%.8s]\n", buffer);
	SHOW(link("s", "s2"));
	SHOW(readlink("s2", buffer, sizeof(buffer)));
	SHOW(linkat(AT_FDCWD, "s", AT_FDCWD, "s3", AT_SYMLINK_FOLLOW));
	SHOW(readlink("s3", buffer, sizeof(buffer)));
	SHOW(unlink("s"));
	show_file("t");
	return 0;
}
