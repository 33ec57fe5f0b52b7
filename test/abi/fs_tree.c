/*
 * Thousands of random calls that make, move and remove names in a small tree: each result, and now
 * and then the whole tree with links and contents. The numbers are the same in every run.
 */
#include <dirent.h>

#include "show.h"

static uint64_t seed = 1;

static unsigned below(unsigned limit)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(seed >> 33) % limit;
}

/* A path of one to three components out of few names, sometimes with an odd form. */
static const char *path(char *buffer)
{
	static const char *const forms[] = { "%s", "%s", "%s", "%s", "%s/", "./%s", "%s/.", "%s//",
		"x/../%s" };
	char plain[64] = "";

	for (unsigned depth = below(3) + 1; depth > 0; depth--) {
		sprintf(plain + strlen(plain), "%s%c", *plain ? "/" : "", 'a' + below(4));
		if (below(30) == 0)
			strcat(plain, "/..");
	}
	sprintf(buffer, forms[below(9)], plain);
	return buffer;
}

static void list(const char *where, int depth)
{
	struct dirent **entries;
	int count = scandir(where, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char child[512], text[64] = "";
		struct stat st;

		snprintf(child, sizeof(child), "%s/%s", where, entries[i]->d_name);
		if (entries[i]->d_name[0] == '.' || lstat(child, &st) < 0)
			continue;
		if (S_ISLNK(st.st_mode) && readlink(child, text, sizeof(text) - 1) < 0)
			perror(child);
		printf("%*s%s %o %ld %ld %d %s\n", depth, "", entries[i]->d_name, st.st_mode,
			(long)st.st_nlink, S_ISDIR(st.st_mode) ? 0l : (long)st.st_size,
			entries[i]->d_type, text);
		if (S_ISDIR(st.st_mode))
			list(child, depth + 1);
	}
}

static void create(const char *name)
{
	static const int flags[] = { 0, O_CREAT, O_CREAT | O_EXCL, O_CREAT | O_TRUNC,
		O_CREAT | O_NOFOLLOW, O_TRUNC, O_DIRECTORY };
	unsigned which = below(7);
	int fd = open(name, O_RDWR | flags[which], 0644);

	printf("open %u %s: %s\n", which, name, fd < 0 ? strerror(errno) : "ok");
	if (fd >= 0) {
		if (write(fd, "text", below(5)) < 0)
			perror(name);
		close(fd);
	}
}

static void step(void)
{
	char a[80], b[80];
	unsigned flags = below(8) == 0 ? 1 : below(8) == 0 ? 2 : 0, what = below(10);
	const char *calls[] = { "mkdir", "mkdir", "create", "create", "rename", "rename", "link",
		"unlink", "rmdir", "symlink" };
	long result = 0;

	errno = 0;
	path(a);
	path(b);
	if (what < 2)
		result = mkdir(a, 0755);
	else if (what < 4)
		create(a);
	else if (what < 6)
		result = syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, flags);
	else if (what == 6)
		result = link(a, b);
	else if (what == 7)
		result = unlink(a);
	else if (what == 8)
		result = rmdir(a);
	else
		result = symlink(a, b);
	printf("%s %s %s %u: %s\n", calls[what], a, b, flags, result ? strerror(errno) : "ok");
}

int main(void)
{
	for (int i = 0; i < 6000; i++) {
		step();
		if (i % 500 == 499)
			list(".", 0);
	}
	return 0;
}
