#ifndef PROC_STRINGS_H
#define PROC_STRINGS_H
/*
 * A growing row of NUL-terminated strings in kernel pages: the arguments and the environment of a
 * program on their way to its stack. No locks; one owner. All may sleep.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"
#include "vm/aspace.h"

#define STRING_BYTES_MAX    (128u << 10) /* one string, as in Linux */
#define STRINGS_PAGES_MAX   1536         /* 6 MiB: Linux's limit at any stack size */
#define STRINGS_PAGES_FIRST 4

struct strings {
	uint32_t count;  /* strings */
	size_t bytes;    /* with their NULs */
	size_t limit;    /* what bytes may become */
	char **pages;    /* first, or what was allocated when that was full */
	size_t capacity; /* of pages */
	char *first[STRINGS_PAGES_FIRST];
};

void strings_init(struct strings *strings, size_t limit);
void strings_free(struct strings *strings);
/* Make `to`, which was freed or never used, what `from` is; from is used up. */
void strings_move(struct strings *to, struct strings *from);

/* Append one string. -E2BIG, -ENOMEM, -EFAULT. After a failure only strings_free is of use. */
__must_check int strings_add(struct strings *strings, const char *text);
__must_check int strings_add_user(struct strings *strings, uptr_t text);
/* Append all strings of a program's NULL-terminated array of pointers; address 0: none. */
__must_check int strings_add_user_array(struct strings *strings, uptr_t array);
/* Append those of another row, without the first `skip` of them. */
__must_check int strings_add_all(
	struct strings *strings, const struct strings *from, uint32_t skip);

/* The length, with its NUL, of the string that begins at `offset`. */
size_t strings_length(const struct strings *strings, size_t offset);
/* Copy all bytes to `address` in an address space. */
__must_check int strings_write(
	const struct strings *strings, struct aspace *aspace, uptr_t address);

#endif
