/* fallocate(2): its modes, what it makes of a file and of the room there is. */
#include "show.h"

#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/statfs.h>

#define KEEP     1
#define PUNCH    2
#define COLLAPSE 8
#define ZERO     16
#define INSERT   32
#define UNSHARE  64
#define PAGE     4096
#define MAX      INT64_MAX

static int fd;

static void state(const char *what)
{
	struct stat st;

	fstat(fd, &st);
	printf("%s: size %ld blocks %ld\n", what, (long)st.st_size, (long)st.st_blocks);
}

static long used(void)
{
	struct statfs st;

	statfs("m", &st);
	return (long)(st.f_blocks - st.f_bfree);
}

static void bytes(const char *what, long from, long count)
{
	unsigned char buf[64] = { 0 };
	long got = pread(fd, buf, (size_t)count, from);

	printf("%s: %ld:", what, got);
	for (long i = 0; i < got; i++)
		printf(" %02x", buf[i]);
	printf("\n");
}

static void errors(void)
{
	int pair[2], other;

	SHOW(fallocate(fd, 0, -1, 10));
	SHOW(fallocate(fd, 0, 0, 0));
	SHOW(fallocate(fd, 0, 0, -1));
	SHOW(fallocate(fd, 0, MAX, 1));
	SHOW(fallocate(fd, 0, MAX - 1, 10));
	SHOW(fallocate(fd, 0, 1, MAX));
	SHOW(fallocate(fd, PUNCH, 0, PAGE));
	SHOW(fallocate(fd, PUNCH | ZERO | KEEP, 0, PAGE));
	SHOW(fallocate(fd, COLLAPSE, 0, PAGE));
	SHOW(fallocate(fd, COLLAPSE | KEEP, 0, PAGE));
	SHOW(fallocate(fd, INSERT, 0, PAGE));
	SHOW(fallocate(fd, INSERT | KEEP, 0, PAGE));
	SHOW(fallocate(fd, ZERO, 0, PAGE));
	SHOW(fallocate(fd, ZERO | KEEP, 0, PAGE));
	SHOW(fallocate(fd, UNSHARE, 0, PAGE));
	SHOW(fallocate(fd, UNSHARE | KEEP, 0, PAGE));
	SHOW(fallocate(fd, UNSHARE | ZERO, 0, PAGE));
	SHOW(fallocate(fd, 128, 0, PAGE));
	SHOW(fallocate(fd, 128, -1, PAGE));
	SHOW(fallocate(fd, 4, 0, PAGE));
	SHOW(fallocate(-1, 0, 0, PAGE));
	other = open("file", O_RDONLY);
	SHOW(fallocate(other, 0, 0, PAGE));
	SHOW(fallocate(other, 0, MAX, PAGE));
	SHOW(fallocate(other, 128, 0, PAGE));
	close(other);
	other = open("file", O_PATH);
	SHOW(fallocate(other, 0, 0, PAGE));
	close(other);
	other = open(".", O_RDONLY);
	SHOW(fallocate(other, 0, 0, PAGE));
	close(other);
	pipe(pair);
	SHOW(fallocate(pair[0], 0, 0, PAGE));
	SHOW(fallocate(pair[1], 0, 0, PAGE));
	SHOW(fallocate(pair[1], PUNCH, 0, PAGE));
	close(pair[0]);
	close(pair[1]);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	SHOW(fallocate(pair[1], 0, 0, PAGE));
	close(pair[0]);
	close(pair[1]);
	other = open("/dev/null", O_RDWR);
	SHOW(fallocate(other, 0, 0, PAGE));
	close(other);
	state("errors");
}

static void room(void)
{
	SHOW(fallocate(fd, 0, 0, 1));
	state("a byte");
	SHOW(fallocate(fd, 0, PAGE - 1, 2));
	state("two pages");
	SHOW(fallocate(fd, KEEP, 0, 10 * PAGE));
	state("behind the end");
	bytes("zeros", 0, 4);
	SHOW(pwrite(fd, "abc", 3, 3 * PAGE));
	state("written");
	SHOW(fallocate(fd, 0, 0, 5 * PAGE));
	state("again");
	bytes("kept", 3 * PAGE, 4);
	SHOW(ftruncate(fd, 5 * PAGE));
	state("cut to its size");
	SHOW(fallocate(fd, KEEP, 5 * PAGE, 5 * PAGE));
	SHOW(ftruncate(fd, 6 * PAGE));
	state("longer");
	SHOW(ftruncate(fd, 0));
	state("empty");
}

static void punch(void)
{
	unsigned char *map, *copy;

	for (int i = 0; i < 8 * PAGE / 64; i++)
		pwrite(fd, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde", 64,
			i * 64);
	state("full");
	map = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	copy = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	copy[2 * PAGE] = 'C';
	map[2 * PAGE + 1] = 'S';
	SHOW(fallocate(fd, PUNCH | KEEP, 2 * PAGE, PAGE));
	state("one page");
	bytes("hole", 2 * PAGE - 4, 8);
	printf("shared %02x %02x, private %02x %02x\n", map[2 * PAGE], map[2 * PAGE + 1],
		copy[2 * PAGE], copy[2 * PAGE + 2]);
	map[2 * PAGE + 5] = 'N';
	bytes("new", 2 * PAGE, 8);
	state("written to");
	SHOW(fallocate(fd, PUNCH | KEEP, 10, 20));
	bytes("within a page", 8, 24);
	SHOW(fallocate(fd, PUNCH | KEEP, 3 * PAGE + 10, 2 * PAGE));
	bytes("begin", 3 * PAGE + 8, 4);
	bytes("end", 5 * PAGE + 8, 4);
	state("over pages");
	SHOW(fallocate(fd, PUNCH | KEEP, 7 * PAGE + 100, 100 * PAGE));
	bytes("the last", 7 * PAGE + 98, 4);
	state("behind the end");
	SHOW(fallocate(fd, PUNCH | KEEP, 0, MAX));
	state("all");
	bytes("all", 0, 8);
	SHOW(fallocate(fd, PUNCH | KEEP, MAX - 1, 1));
	SHOW(fallocate(fd, PUNCH | KEEP, 100 * PAGE, PAGE));
	munmap(map, 8 * PAGE);
	munmap(copy, 8 * PAGE);
	SHOW(ftruncate(fd, 0));
}

/* What cannot be had as a whole leaves nothing. */
static void full(void)
{
	static char page[PAGE];
	int keep = fd;
	long before;

	mkdir("m", 0755);
	SHOW(mount("none", "m", "tmpfs", 0, "size=64k"));
	fd = open("m/file", O_RDWR | O_CREAT, 0600);
	before = used();
	SHOW(fallocate(fd, 0, 0, 17 * PAGE));
	printf("used %ld\n", used() - before);
	state("too much");
	SHOW(pwrite(fd, page, PAGE, 5 * PAGE));
	SHOW(fallocate(fd, 0, 0, 16 * PAGE));
	state("all");
	SHOW(ftruncate(fd, 2 * PAGE));
	SHOW(fallocate(fd, KEEP, 4 * PAGE, 4 * PAGE));
	printf("used %ld\n", used() - before);
	SHOW(fallocate(fd, 0, 3 * PAGE, 16 * PAGE));
	printf("used %ld\n", used() - before);
	state("partly there");
	SHOW(fallocate(fd, 0, 0, 1l << 40));
	SHOW(ftruncate(fd, 1l << 40));
	SHOW(pwrite(fd, page, PAGE, (1l << 40) - PAGE));
	state("sparse");
	SHOW(fallocate(fd, 0, 0, 16 * PAGE));
	SHOW(fallocate(fd, PUNCH | KEEP, PAGE, PAGE));
	printf("used %ld\n", used() - before);
	for (int i = 0; i < 20; i++)
		if (pwrite(fd, page, PAGE, i * PAGE) != PAGE) {
			printf("page %d: %s\n", i, strerror(errno));
			break;
		}
	printf("used %ld\n", used() - before);
	SHOW(fallocate(fd, PUNCH | KEEP, 0, MAX));
	printf("used %ld\n", used() - before);
	close(fd);
	SHOW(umount("m"));
	fd = keep;
}

static void times(void)
{
	struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	struct stat st;

	pwrite(fd, "abc", 3, 0);
	futimens(fd, old);
	SHOW(fallocate(fd, PUNCH | KEEP, 0, 1));
	fstat(fd, &st);
	printf("punch: mtime is %s\n", st.st_mtime == 1000 ? "old" : "new");
	futimens(fd, old);
	SHOW(fallocate(fd, KEEP, 0, 1));
	fstat(fd, &st);
	printf("allocate: mtime is %s, atime is %s\n", st.st_mtime == 1000 ? "old" : "new",
		st.st_atime == 1000 ? "old" : "new");
}

int main(void)
{
	mkdir("fallocate_modes", 0755);
	chdir("fallocate_modes");
	fd = open("file", O_RDWR | O_CREAT, 0600);
	errors();
	room();
	punch();
	full();
	times();
	return 0;
}
