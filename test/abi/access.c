/* Modes and owners: access, chmod, chown, umask; as user 0 and as somebody else. */
#include "show.h"

static void show_mode(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		printf("%s: %s\n", path, strerror(errno));
	else
		printf("%s: %o %u:%u\n", path, st.st_mode, st.st_uid, st.st_gid);
}

static void try_all(void)
{
	SHOW(access("f", F_OK));
	SHOW(access("f", R_OK | W_OK));
	SHOW(access("f", X_OK));
	SHOW(access("private", R_OK));
	SHOW(access("private", X_OK));
	SHOW(access("dir", R_OK | W_OK | X_OK));
	SHOW(access("dir/inside", F_OK));
	SHOW(access("missing", F_OK));
	SHOW(access("f", 99));
	SHOW(close(open("private", O_RDONLY)));
	SHOW(close(open("f", O_WRONLY)));
	SHOW(unlink("dir/inside"));
	SHOW(chmod("f", 0600));
	SHOW(chown("f", 7, 7));
	SHOW(rmdir("sticky/root"));
}

int main(void)
{
	SHOW(umask(022));
	SHOW(umask(077));
	close(open("private", O_CREAT | O_WRONLY, 0666));
	SHOW(mkdir("dir", 0777));
	close(open("dir/inside", O_CREAT | O_WRONLY, 0666));
	SHOW(umask(0));
	close(open("f", O_CREAT | O_WRONLY, 0644));
	SHOW(mkdir("sticky", 01777));
	SHOW(mkdir("sticky/root", 0755));
	show_mode("private");
	show_mode("dir");
	show_mode("f");
	show_mode("sticky");
	SHOW(chmod("f", 04755));
	show_mode("f");
	SHOW(chown("f", 100, 200));
	show_mode("f");
	SHOW(chown("f", -1, 300));
	show_mode("f");
	SHOW(lchown("f", 0, 0));
	SHOW(chmod("f", 0644));
	SHOW(fchmodat(AT_FDCWD, "missing", 0644, 0));
	SHOW(symlink("f", "link"));
	SHOW(lchown("link", 5, 6));
	show_mode("link");
	show_mode("f");
	try_all();
	close(open("dir/inside", O_CREAT | O_WRONLY, 0666));
	mkdir("sticky/root", 0755);
	SHOW(chown("f", 0, 0));
	SHOW(chmod("f", 0644));

	return 0;
}
