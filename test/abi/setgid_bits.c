/* Set-user-ID, set-group-ID and sticky bits: who keeps them, who hands them down, what they forbid.
 */
#include "show.h"

#include <grp.h>
#include <sys/wait.h>

static void mode_of(const char *what, const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		printf("%s: %s\n", what, strerror(errno));
	else
		printf("%s: %o uid %u gid %u\n", what, st.st_mode, st.st_uid, st.st_gid);
}

static void fresh(const char *path, mode_t mode, unsigned uid, unsigned gid)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

	write(fd, "contents", 8);
	close(fd);
	chown(path, uid, gid);
	chmod(path, mode);
}

static const mode_t modes[] = { 06777, 04777, 02777, 02767, 06766 };

enum change { WRITE, NOTHING, CUT, CUT_OPEN, CUT_PATH, ALLOCATE, CHOWN, CHOWN_SAME, CHMOD, MAP };
static const char *const names[] = { "write", "write of nothing", "ftruncate", "O_TRUNC",
	"truncate", "fallocate", "chown", "chown to nobody else", "chmod", "mmap" };

static void change(enum change how)
{
	int fd = open("file", how == CUT_OPEN ? O_RDWR | O_TRUNC : O_RDWR);
	char *map;

	switch (how) {
	case WRITE:
		write(fd, "x", 1);
		break;
	case NOTHING:
		write(fd, "x", 0);
		break;
	case CUT:
		ftruncate(fd, 3);
		break;
	case CUT_PATH:
		truncate("file", 3);
		break;
	case ALLOCATE:
		fallocate(fd, 0, 0, 100);
		break;
	case CHOWN:
		chown("file", (uid_t)-1, 5);
		break;
	case CHOWN_SAME:
		chown("file", (uid_t)-1, (gid_t)-1);
		break;
	case CHMOD:
		if (chmod("file", 06777))
			printf("  %s\n", strerror(errno));
		break;
	case MAP:
		map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		map[0] = 'x';
		munmap(map, 4096);
		break;
	default:
		break;
	}
	close(fd);
}

/* As root; as the owner in the group; as the owner outside of it. */
static void as(const char *who, unsigned uid, unsigned gid)
{
	printf("as %s\n", who);
	for (size_t m = 0; m < sizeof(modes) / sizeof(*modes); m++)
		for (enum change how = WRITE; how <= MAP; how++) {
			fresh("file", modes[m], 10, 20);
			fflush(stdout);
			if (fork() == 0) {
				gid_t more = 5;

				if (setgroups(uid ? 1 : 0, &more) || setgid(gid) || setuid(uid))
					_exit(1);
				change(how);
				fflush(stdout);
				_exit(0);
			}
			wait(NULL);
			printf("%o ", modes[m]);
			mode_of(names[how], "file");
		}
}

static void made_in(const char *dir)
{
	char path[64];
	int fd;

	chdir(dir);
	mode_of(dir, ".");
	close(open("a", O_CREAT | O_WRONLY, 06777));
	mode_of(" file 6777", "a");
	close(open("b", O_CREAT | O_WRONLY, 02644));
	mode_of(" file 2644", "b");
	mkdir("c", 0777);
	mode_of(" directory", "c");
	mkdir("d", 06777);
	mode_of(" directory 6777", "d");
	mkdir("e", 01755);
	mode_of(" directory 1755", "e");
	mknod("f", S_IFIFO | 02770, 0);
	mode_of(" fifo 2770", "f");
	symlink("x", "g");
	mode_of(" link", "g");
	mknod("h", 06755, 0);
	mode_of(" mknod 6755", "h");
	fd = open(".", O_TMPFILE | O_RDWR, 02755);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	linkat(AT_FDCWD, path, AT_FDCWD, "i", AT_SYMLINK_FOLLOW);
	close(fd);
	mode_of(" without a name 2755", "i");
	chdir("..");
}

static void hand_down(const char *who, unsigned uid, unsigned gid, const char *one, const char *two)
{
	printf("as %s\n", who);
	mkdir(one, 0);
	chown(one, 0, 30);
	chmod(one, 02777);
	mkdir(two, 0);
	chown(two, 0, 30);
	chmod(two, 0777);
	fflush(stdout);
	if (fork() == 0) {
		if (setgroups(0, NULL) || setgid(gid) || setuid(uid))
			_exit(1);
		made_in(one);
		made_in(two);
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
}

/* Names in a sticky directory are their owners', the directory's owner's, and root's. */
static void sticky(void)
{
	mkdir("sticky", 0);
	chown("sticky", 11, 11);
	chmod("sticky", 01777);
	chdir("sticky");
	fresh("mine", 0666, 10, 10);
	fresh("mine2", 0666, 10, 10);
	fresh("theirs", 0666, 12, 10);
	fresh("roots", 0666, 0, 0);
	fflush(stdout);
	if (fork() == 0) {
		setgroups(0, NULL);
		if (setgid(10) || setuid(10))
			_exit(1);
		SHOW(unlink("theirs"));
		SHOW(unlink("roots"));
		SHOW(rename("theirs", "other"));
		SHOW(rename("mine", "theirs"));
		SHOW(link("theirs", "linked"));
		SHOW(rename("mine", "renamed"));
		SHOW(unlink("renamed"));
		SHOW(rmdir("../sticky"));
		_exit(0);
	}
	wait(NULL);
	fflush(stdout);
	if (fork() == 0) {
		if (setgid(11) || setuid(11))
			_exit(1);
		SHOW(unlink("theirs"));
		SHOW(rename("roots", "mine2"));
		_exit(0);
	}
	wait(NULL);
	SHOW(chmod("mine2", 07777));
	chdir("..");
}

int main(void)
{
	mkdir("setgid_bits", 0755);
	chdir("setgid_bits");
	umask(0);
	chmod(".", 0777);
	as("root", 0, 0);
	as("the owner, in the group", 10, 20);
	as("the owner, not in the group", 10, 21);
	as("another", 13, 22);
	hand_down("root", 0, 0, "root-set", "root-plain");
	hand_down("somebody", 10, 10, "set", "plain");
	hand_down("a member", 10, 30, "member-set", "member-plain");
	sticky();
	return 0;
}
