/*
 * Bytes and strings, the plain way: a byte at a time, because what the kernel compares and searches
 * is short. Comparing memory goes by words, since names and pages are compared on hot paths.
 * Copying and filling are not here but in arch/, in assembly.
 */
#include "lib/string.h"

#include <stdint.h>

/* Both areas as words for as long as they are the same; the bytes decide. */
int memcmp(const void *a, const void *b, size_t bytes)
{
	const unsigned char *x = a;
	const unsigned char *y = b;

	while (bytes >= sizeof(uint64_t)) {
		uint64_t u, v;

		__builtin_memcpy(&u, x, sizeof(u));
		__builtin_memcpy(&v, y, sizeof(v));
		if (u != v)
			break;
		x += sizeof(u);
		y += sizeof(v);
		bytes -= sizeof(u);
	}
	for (; bytes > 0; bytes--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

void *memchr(const void *area, int value, size_t bytes)
{
	const unsigned char *at = area;

	for (; bytes > 0; bytes--, at++)
		if (*at == (unsigned char)value)
			return (void *)(uintptr_t)at;
	return NULL;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	/* The empty asm keeps the compiler from finding out that this is strlen. */
	while (s[n]) {
		n++;
		__asm__ volatile("");
	}
	return n;
}

size_t strnlen(const char *s, size_t max)
{
	const char *end = memchr(s, 0, max);

	return end ? (size_t)(end - s) : max;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t max)
{
	for (; max > 0; max--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (!*a)
			break;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)(uintptr_t)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)(uintptr_t)last;
}

size_t strlcpy(char *to, const char *from, size_t bytes)
{
	size_t length = strlen(from);

	if (bytes > 0) {
		size_t copied = length < bytes ? length : bytes - 1;

		memcpy(to, from, copied);
		to[copied] = 0;
	}
	return length;
}
