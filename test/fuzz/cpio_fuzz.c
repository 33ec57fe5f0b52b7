/*
 * fs/cpio/newc.h on any bytes: each member that comes out lies in the archive and has a path of
 * sane components, and the walk comes to an end.
 *
 * links: stage2/fs/cpio/newc.c
 */
#include "fs/cpio/newc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

struct input {
	struct newc_walk walk;
	const uint8_t *data;
};

static void check(bool condition)
{
	if (!condition)
		abort();
}

static int read_input(struct newc_walk *walk, uint64_t offset, void *buf, size_t bytes)
{
	check(offset <= walk->bytes && bytes <= walk->bytes - offset);
	memcpy(buf, container_of(walk, struct input, walk)->data + offset, bytes);
	return 0;
}

static void check_path(const char *path)
{
	const char *start, *rest = path;
	size_t bytes;

	while (*rest) {
		check(newc_component(rest, &start, &bytes, &rest));
		check(bytes > 0 && bytes <= 255 && !memchr(start, '/', bytes));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input input = { .walk = { .read = read_input, .bytes = bytes }, .data = data };
	static struct newc_member member;
	struct archive_error error = { 0 };
	int err;

	while ((err = newc_next(&input.walk, &member, &error)) == 0) {
		check(member.data_offset <= bytes && member.size <= bytes - member.data_offset);
		check(input.walk.offset >= member.data_offset + member.size ||
			input.walk.offset == bytes);
		check_path(member.path);
	}
	check(err == 1 || (err < 0 && error.what));
	return 0;
}
