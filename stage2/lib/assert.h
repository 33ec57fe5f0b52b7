#ifndef LIB_ASSERT_H
#define LIB_ASSERT_H
/*
 * assert: an invariant of the kernel's own, checked in every build; a broken one ends in a panic.
 * debug_assert: the same where a check costs too much for every build; its condition is compiled
 * in each build and evaluated only with DEBUG=1. Input from outside is never asserted.
 */
#include "lib/compiler.h"

/* Reports the broken invariant and stops the machine. Defined by core; takes no lock that may be
 * held. */
__noreturn void assert_fail(const char *expression, const char *file, int line);

#undef assert
#define assert(condition)                                                                          \
	(likely(condition) ? (void)0 : assert_fail(#condition, __FILE__, __LINE__))

#ifdef DEBUG
#define debug_assert(condition) assert(condition)
#else
#define debug_assert(condition) ((void)sizeof((condition) ? 1 : 0))
#endif

#ifndef static_assert
#define static_assert _Static_assert
#endif

#endif
