#ifndef LIB_STRING_H
#define LIB_STRING_H
/*
 * Bytes and NUL-terminated strings. The names and meanings of ISO C, and BSD's strlcpy. None may
 * sleep, lock or fail; pointers are to kernel memory, never to a program's.
 *
 * memcpy, memmove and memset are in assembly (arch/x86/string.asm); the compiler calls them too.
 */
#include <stddef.h>

/* The areas must not overlap. Returns to. */
void *memcpy(void *to, const void *from, size_t bytes);

/* As memcpy; the areas may overlap. */
void *memmove(void *to, const void *from, size_t bytes);

/* Sets each byte to (unsigned char)value. Returns to. */
void *memset(void *to, int value, size_t bytes);

/* Freestanding, a compiler treats these names as any other: this lets it write a few bytes of known
 * number with plain moves. */
#if !__STDC_HOSTED__
#define memcpy(to, from, bytes)  __builtin_memcpy(to, from, bytes)
#define memmove(to, from, bytes) __builtin_memmove(to, from, bytes)
#define memset(to, value, bytes) __builtin_memset(to, value, bytes)
#endif

/* Less than, equal to or greater than 0, by the first byte that differs, taken unsigned. */
int memcmp(const void *a, const void *b, size_t bytes);

/* The first byte equal to (unsigned char)value, or NULL. */
void *memchr(const void *area, int value, size_t bytes);

/* Bytes before the NUL. */
size_t strlen(const char *s);

/* Bytes before the NUL, or max if there is none among the first max; reads no further. */
size_t strnlen(const char *s, size_t max);

/* As memcmp, up to the NUL of either; strncmp looks at no more than max bytes. */
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);

/* The first (strrchr: the last) c in s, its NUL included, or NULL. */
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

/* Copies what fits and always terminates, unless bytes is 0. Returns strlen(from): the copy was
 * cut if that is >= bytes. */
size_t strlcpy(char *to, const char *from, size_t bytes);

#endif
