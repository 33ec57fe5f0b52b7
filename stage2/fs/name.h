#ifndef FS_NAME_H
#define FS_NAME_H
/*
 * One component of a path, and its hash for the name cache. A path is looked at eight bytes at a
 * time: where a component ends and what it hashes to come out of one pass.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/memory_map.h"
#include "lib/hash.h"

#define NAME_MAX 255  /* bytes of one component */
#define PATH_MAX 4096 /* bytes of a path, its NUL included */

/* Not NUL-terminated, without '/'. */
struct name {
	const char *text;
	size_t bytes;
	/* For the name cache; hash 0: not yet known. */
	uint64_t hash;
	uint64_t rest; /* the bytes behind the last whole word, with zeros behind them */
};

/* The name cache's secret. [I] */
extern struct hash_key name_key;

/* The high bit of the first byte that is 0 is set, and perhaps those of bytes behind it. */
static inline uint64_t zero_bytes(uint64_t word)
{
	return (word - 0x0101010101010101) & ~word & 0x8080808080808080;
}

/* The component that begins at `text` and ends before the next '/' or NUL. Words are read whole, so
 * some bytes behind the end with them, but never from another page. False: too near to the end of a
 * page, or too long. */
static inline bool name_scan(const char *text, struct name *name)
{
	struct hash_stream stream = hash_begin(&name_key, 0);
	uint64_t word, ends;
	const char *at = text;

	for (;;) {
		if (((uint64_t)at & (PAGE_SIZE - 1)) > PAGE_SIZE - sizeof(word) ||
			at > text + NAME_MAX)
			return false;
		__builtin_memcpy(&word, at, sizeof(word));
		ends = zero_bytes(word) | zero_bytes(word ^ 0x2f2f2f2f2f2f2f2f);
		if (ends)
			break;
		hash_word(&stream, word);
		at += sizeof(word);
	}
	unsigned bits = (unsigned)__builtin_ctzll(ends) & 56;

	name->text = text;
	name->bytes = (size_t)(at - text) + bits / 8;
	name->rest = word & ((1ull << bits) - 1);
	name->hash = hash_end(&stream, name->rest, name->bytes);
	return true;
}

/* The same byte by byte, whatever it is; hash 0. */
static inline void name_measure(const char *text, struct name *name)
{
	*name = (struct name){ .text = text };
	while (text[name->bytes] != '/' && text[name->bytes])
		name->bytes++;
}

/* What else there is to know of a name. */
static inline void name_complete(struct name *name)
{
	name->rest = hash_load_rest(
		(const unsigned char *)name->text + (name->bytes & ~7ul), name->bytes & 7);
	name->hash = hash_bytes(&name_key, 0, name->text, name->bytes);
}

#endif
