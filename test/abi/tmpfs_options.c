/* tmpfs: its options and their limits, at mount and at remount. */
#include "show.h"

#include <sys/mount.h>
#include <sys/statfs.h>

/* The options that the mount shows, less those that all have. */
static void show_options(void)
{
	FILE *file = fopen("/proc/self/mounts", "r");
	char line[512], at[128], options[256];

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %127s %*s %255s", at, options) == 2 &&
			strstr(at, "tmpfs_options/d"))
			printf("%s\n", options);
	fclose(file);
}

static void try(const char *options)
{
	struct stat st;

	printf("%s\n", options);
	if (SHOW(mount("none", "d", "tmpfs", 0, options)))
		return;
	show_options();
	stat("d", &st);
	printf("mode %o, %d, %d\n", st.st_mode, st.st_uid, st.st_gid);
	umount("d");
}

static void remount(const char *options)
{
	printf("remount %s\n", options);
	SHOW(mount("none", "d", "tmpfs", MS_REMOUNT, options));
	show_options();
}

static long fill(const char *path)
{
	static char buffer[4096];
	int fd = open(path, O_CREAT | O_WRONLY, 0644);
	long pages = 0;

	while (write(fd, buffer, sizeof(buffer)) == sizeof(buffer))
		pages++;
	printf("%s: %ld pages, then %s\n", path, pages, strerror(errno));
	close(fd);
	return pages;
}

static void show_statfs(void)
{
	struct statfs st;

	statfs("d", &st);
	printf("blocks %ld, free %ld, available %ld, of %ld; files %ld, free %ld; names %ld\n",
		(long)st.f_blocks, (long)st.f_bfree, (long)st.f_bavail, (long)st.f_bsize,
		(long)st.f_files, (long)st.f_ffree, (long)st.f_namelen);
}

static void limits(void)
{
	char name[32];
	int made = 0;

	SHOW(mount("none", "d", "tmpfs", 0, "size=40k,nr_inodes=8"));
	show_statfs();
	fill("d/full");
	show_statfs();
	SHOW(truncate("d/full", 8192));
	show_statfs();
	remount("size=4k");
	remount("size=8k");
	SHOW(close(open("d/empty", O_CREAT | O_WRONLY, 0644)));
	fill("d/empty");
	remount("size=16k");
	fill("d/empty");
	remount("size=1m,nr_inodes=2");
	show_statfs();
	remount("nr_inodes=6,mode=700,uid=5");
	for (; made < 10; made++) {
		sprintf(name, "d/n%d", made);
		if (mkdir(name, 0755))
			break;
	}
	printf("%d made, then %s\n", made, strerror(errno));
	SHOW(link("d/full", "d/link"));
	SHOW(symlink("x", "d/symlink"));
	SHOW(rmdir("d/n0"));
	SHOW(link("d/full", "d/link"));
	SHOW(unlink("d/full"));
	SHOW(mkdir("d/n0", 0755));
	remount("bad");
	remount("size=2m,bad");
	remount("");
	remount("size=0");
	show_statfs();
	remount("size=1m");
	SHOW(umount("d"));
	SHOW(mount("none", "d", "tmpfs", 0, "size=0,nr_inodes=0"));
	show_options();
	show_statfs();
	remount("size=1m");
	remount("nr_inodes=9");
	SHOW(umount("d"));
}

/* Nothing stays of a directory that has been removed, whatever was looked for in it. */
static void given_back(void)
{
	int made = 0, replaced = 0;

	SHOW(mount("none", "d", "tmpfs", 0, "size=1m,nr_inodes=8"));
	for (int i = 0; i < 50; i++) {
		made += mkdir("d/a", 0755) == 0;
		(void)access("d/a/missing", F_OK);
		(void)chdir("d/a");
		(void)rmdir("../a");
		(void)access("missing", F_OK);
		(void)chdir("../..");
	}
	SHOW(made);
	for (int i = 0; i < 50; i++) {
		(void)mkdir("d/a", 0755);
		(void)mkdir("d/b", 0755);
		(void)access("d/b/missing", F_OK);
		replaced += rename("d/a", "d/b") == 0;
	}
	SHOW(replaced);
	show_statfs();
	SHOW(umount("d"));
}

int main(void)
{
	static const char *const options[] = { "", "size=1", "size=4097", "size=64k", "size=1M",
		"size=1g", "size=0x10000", "size=010000", "nr_blocks=100", "nr_inodes=2k", "mode=0",
		"mode=1777", "mode=7777", "mode=17777", "mode=8", "mode=", "mode", "uid=1000",
		"uid=-1", "uid=x", "uid=4294967295", "uid=4294967294", "gid=50,uid=60,mode=640",
		"size=", "size=1x", "size=%", "size=101%x", "size=-1", "nr_inodes=x", "unknown=1",
		"inode64", ",,size=4k,,", "size=4k,size=8k" };

	SHOW(mkdir("d", 0755));
	for (unsigned i = 0; i < sizeof(options) / sizeof(*options); i++)
		try(options[i]);
	limits();
	given_back();
	SHOW(rmdir("d"));
	return 0;
}
