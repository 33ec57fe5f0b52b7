/*
 * Mappings of all kinds that come, go in part, change their rights and are inherited, at random,
 * beside a model of one entry a page.
 */
#define _GNU_SOURCE
#include "show.h"

#include <sys/mman.h>
#include <sys/wait.h>

#define PAGE  4096
#define PAGES 96
#define STEPS 4000
#define PLACE ((char *)0x210000000)

enum kind { NOTHING, ANONYMOUS, PRIVATE, SHARED };

static struct page {
	enum kind kind;
	int prot;
	int index;           /* of the file */
	int changed;         /* it is a copy, or was anonymous from the beginning */
	unsigned char value; /* then */
} model[PAGES];
static unsigned char file_model[PAGES];
static int file, probe[2];

static unsigned random_below(unsigned n)
{
	static unsigned long state = 20;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(state >> 33) % n;
}

static unsigned char expected(const struct page *page)
{
	return page->kind == SHARED || !page->changed ? file_model[page->index] : page->value;
}

/* The byte at a page's begin, or -1: it cannot be read. */
static int look(const char *at)
{
	unsigned char byte;

	if (write(probe[1], at, 1) != 1)
		return -1;
	return read(probe[0], &byte, 1) == 1 ? byte : -2;
}

static int check(void)
{
	int wrong = 0;

	for (int i = 0; i < PAGES; i++) {
		const struct page *page = &model[i];
		int want = page->kind != NOTHING && (page->prot & PROT_READ) ? expected(page) : -1;

		wrong += look(PLACE + (long)i * PAGE) != want;
	}
	return wrong;
}

static void map(int first, int count)
{
	enum kind kind = ANONYMOUS + random_below(3);
	int index = (int)random_below(PAGES - (unsigned)count);
	int prot = random_below(2) ? PROT_READ | PROT_WRITE : PROT_READ;
	int flags = MAP_FIXED | (kind == SHARED ? MAP_SHARED : MAP_PRIVATE) |
	            (kind == ANONYMOUS ? MAP_ANONYMOUS : 0);

	if (mmap(PLACE + (long)first * PAGE, (size_t)count * PAGE, prot, flags,
		    kind == ANONYMOUS ? -1 : file,
		    kind == ANONYMOUS ? 0 : (long)index * PAGE) == MAP_FAILED)
		printf("mmap: %s\n", strerror(errno));
	for (int i = 0; i < count; i++)
		model[first + i] = (struct page){
			.kind = kind, .prot = prot, .index = index + i, .changed = kind == ANONYMOUS
		};
}

static void unmap(int first, int count)
{
	if (munmap(PLACE + (long)first * PAGE, (size_t)count * PAGE))
		printf("munmap: %s\n", strerror(errno));
	memset(model + first, 0, (size_t)count * sizeof(*model));
}

/* Up to the first page that is not there. */
static void protect(int first, int count)
{
	int prot = random_below(2) ? PROT_READ | PROT_WRITE : random_below(2) ? PROT_READ : 0;

	(void)!mprotect(PLACE + (long)first * PAGE, (size_t)count * PAGE, prot);
	for (int i = first; i < first + count && model[i].kind != NOTHING; i++)
		model[i].prot = prot;
}

static void change(int first, int count)
{
	for (int i = first; i < first + count; i++) {
		struct page *page = &model[i];

		if (page->kind == NOTHING || !(page->prot & PROT_WRITE))
			continue;
		page->value = (unsigned char)random_below(256);
		page->changed = 1;
		PLACE[(long)i * PAGE] = (char)page->value;
		if (page->kind == SHARED)
			file_model[page->index] = page->value;
	}
}

/* What a child sees, and changes; the parent sees of it what is shared. */
static int in_child(int first, int count)
{
	unsigned char seen[PAGES];
	int pid = fork(), status;

	if (pid == 0) {
		change(first, count);
		_exit(check() != 0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		return 1;
	if (pread(file, seen, 1, 0) != 1)
		return 1;
	for (int i = 0; i < PAGES; i++)
		(void)!pread(file, &file_model[i], 1, (long)i * PAGE);
	return 0;
}

static int step(void)
{
	int count = 1 + (int)random_below(12), first = (int)random_below(PAGES - 12);

	switch (random_below(16)) {
	case 0 ... 3:
		map(first, count);
		break;
	case 4 ... 7:
		unmap(first, count);
		break;
	case 8 ... 9:
		protect(first, count);
		break;
	case 10:
		return random_below(4) ? 0 : in_child(first, count);
	default:
		change(first, count);
	}
	return 0;
}

int main(void)
{
	int wrong = 0;

	file = memfd_create("pages", 0);
	if (pipe(probe) || ftruncate(file, (long)PAGES * PAGE))
		return 1;
	for (int i = 0; i < STEPS; i++) {
		wrong += step();
		if (i % 8 == 0)
			wrong += check();
	}
	printf("wrong: %d\n", wrong);
	return 0;
}
