/*
 * Rows of strings. They lie end to end across pages, as they will on the program's stack, so
 * copying them there is a copy of pages and an offset here is an offset there.
 */
#include "proc/strings.h"

#include "abi/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sched/thread.h"
#include "vm/uaccess.h"

void strings_init(struct strings *strings, size_t limit)
{
	memset(strings, 0, sizeof(*strings));
	strings->limit = min(limit, (size_t)STRINGS_PAGES_MAX * PAGE_SIZE);
	strings->pages = strings->first;
	strings->capacity = STRINGS_PAGES_FIRST;
}

void strings_free(struct strings *strings)
{
	for (size_t i = 0; i < strings->capacity && strings->pages[i]; i++)
		kfree(strings->pages[i]);
	if (strings->pages != strings->first)
		kfree(strings->pages);
}

void strings_move(struct strings *to, struct strings *from)
{
	*to = *from;
	if (from->pages == from->first)
		to->pages = to->first;
}

static int strings_grow(struct strings *strings)
{
	char **pages = kzalloc(STRINGS_PAGES_MAX * sizeof(*pages));

	if (!pages)
		return -ENOMEM;
	memcpy(pages, strings->first, sizeof(strings->first));
	strings->pages = pages;
	strings->capacity = STRINGS_PAGES_MAX;
	return 0;
}

/* The free rest of the last page: where, and how much. */
static int strings_room(struct strings *strings, char **at, size_t *room)
{
	size_t page = strings->bytes / PAGE_SIZE, offset = strings->bytes % PAGE_SIZE;

	if (strings->bytes >= strings->limit)
		return -E2BIG;
	if (page == strings->capacity && strings_grow(strings))
		return -ENOMEM;
	if (!strings->pages[page]) {
		strings->pages[page] = kmalloc(PAGE_SIZE);
		if (!strings->pages[page])
			return -ENOMEM;
	}
	*at = strings->pages[page] + offset;
	*room = min(PAGE_SIZE - offset, strings->limit - strings->bytes);
	return 0;
}

static int strings_add_bytes(struct strings *strings, const char *bytes, size_t count)
{
	while (count > 0) {
		size_t room;
		char *at;
		int err = strings_room(strings, &at, &room);

		if (err)
			return err;
		room = min(room, count);
		memcpy(at, bytes, room);
		strings->bytes += room;
		bytes += room;
		count -= room;
	}
	return 0;
}

int strings_add(struct strings *strings, const char *text)
{
	strings->count++;
	return strings_add_bytes(strings, text, strlen(text) + 1);
}

int strings_add_user(struct strings *strings, uptr_t text)
{
	size_t length = 0;

	strings->count++;
	for (;;) {
		ssize_t copied;
		size_t room;
		char *at;
		int err = strings_room(strings, &at, &room);

		if (err)
			return err;
		copied = copy_string_from_user(at, text + length, room);
		if (copied >= 0) {
			strings->bytes += (size_t)copied + 1;
			return length + (size_t)copied < STRING_BYTES_MAX ? 0 : -E2BIG;
		}
		if (copied != -ENAMETOOLONG)
			return (int)copied;
		strings->bytes += room;
		length += room;
		if (length >= STRING_BYTES_MAX)
			return -E2BIG;
	}
}

int strings_add_user_array(struct strings *strings, uptr_t array)
{
	uptr_t text;
	int err;

	if (array == 0)
		return 0;
	for (;; array += sizeof(text)) {
		err = get_user(&text, array);
		if (err || text == 0)
			return err;
		err = strings_add_user(strings, text);
		if (err)
			return err;
		if (thread_has_work(thread_current(), THREAD_WORK_KILL))
			return -EINTR;
	}
}

int strings_add_all(struct strings *strings, const struct strings *from, uint32_t skip)
{
	size_t offset = 0;

	for (uint32_t i = 0; i < skip && i < from->count; i++)
		offset += strings_length(from, offset);
	strings->count += from->count > skip ? from->count - skip : 0;
	while (offset < from->bytes) {
		size_t in_page = offset % PAGE_SIZE;
		size_t count = min(PAGE_SIZE - in_page, from->bytes - offset);
		int err = strings_add_bytes(
			strings, from->pages[offset / PAGE_SIZE] + in_page, count);

		if (err)
			return err;
		offset += count;
	}
	return 0;
}

size_t strings_length(const struct strings *strings, size_t offset)
{
	size_t length = 0;

	for (;;) {
		size_t in_page = (offset + length) % PAGE_SIZE, room = PAGE_SIZE - in_page;
		const char *at = strings->pages[(offset + length) / PAGE_SIZE] + in_page;
		size_t found = strnlen(at, room);

		length += found;
		if (found < room)
			return length + 1;
	}
}

int strings_write(const struct strings *strings, struct aspace *aspace, uptr_t address)
{
	for (size_t offset = 0; offset < strings->bytes; offset += PAGE_SIZE) {
		size_t count = min((size_t)PAGE_SIZE, strings->bytes - offset);
		int err = aspace_write(
			aspace, address + offset, strings->pages[offset / PAGE_SIZE], count);

		if (err)
			return err;
	}
	return 0;
}
