#ifndef HOST_H
#define HOST_H
/*
 * What tests of kernel code on the host have in common. Includes cmocka, and libc's headers that
 * cmocka wants before it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Cor's functions that have a name of libc's: see names.h. */
__typeof__(memcmp) cor_memcmp;
__typeof__(strlen) cor_strlen;
__typeof__(strnlen) cor_strnlen;
__typeof__(strcmp) cor_strcmp;
__typeof__(strncmp) cor_strncmp;
__typeof__(snprintf) cor_snprintf;
__typeof__(vsnprintf) cor_vsnprintf;
__typeof__(memcpy) cor_memcpy;
__typeof__(memmove) cor_memmove;
__typeof__(memset) cor_memset;
void *cor_memchr(const void *area, int value, size_t bytes);
char *cor_strchr(const char *s, int c);
char *cor_strrchr(const char *s, int c);
size_t cor_strlcpy(char *to, const char *from, size_t bytes);

/* Random numbers for tests: each test that begins with host_random_seed(n) sees the same ones in
 * every run. */
void host_random_seed(uint64_t seed);
uint64_t host_random(void);
/* 0 ... limit - 1 */
uint64_t host_random_below(uint64_t limit);

/* Runs an expression that must end in a failed assert() of the kernel's. */
extern bool host_assert_expected;
extern jmp_buf host_assert_jump;
#define expect_kernel_assert(expression)                                                           \
	do {                                                                                       \
		host_assert_expected = true;                                                       \
		if (setjmp(host_assert_jump) == 0) {                                               \
			(void)(expression);                                                        \
			host_assert_expected = false;                                              \
			fail_msg("no assert failed in %s", #expression);                           \
		}                                                                                  \
	} while (0)

#endif
