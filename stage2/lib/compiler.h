#ifndef LIB_COMPILER_H
#define LIB_COMPILER_H
/*
 * What the compiler can be told, and the handful of macros that every file uses.
 * Macros in capitals with an ALIGN or BIT in their name are constant expressions where their
 * arguments are, and evaluate an argument more than once; min and max evaluate each once.
 */
#include <stddef.h>

#define __must_check     __attribute__((warn_unused_result))
#define __packed         __attribute__((packed))
#define __aligned(bytes) __attribute__((aligned(bytes)))
#define __noreturn       __attribute__((noreturn))
#define __noinline       __attribute__((noinline))
#define __inlined        inline __attribute__((always_inline)) /* even where it is large */
#define __unused         __attribute__((unused))
#define __section(name)  __attribute__((section(name)))
/* Argument number n is a format string for the arguments from number `first` on. */
#define __printf(n, first) __attribute__((format(printf, n, first)))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* The compiler moves no access to memory across this line. The CPU may. */
#define barrier() __asm__ volatile("" ::: "memory")

/* One access, neither split nor left out nor repeated; no order beyond that. */
#define READ_ONCE(x)         (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The struct of `type` whose `member` `pointer` points to. */
#define container_of(pointer, type, member)                                                        \
	__extension__({                                                                            \
		const __typeof__(((type *)(void *)(pointer))->member) *member_ = (pointer);        \
		(type *)((char *)(size_t)member_ - offsetof(type, member));                        \
	})

/* Both arguments of one size and signedness, so that neither changes its value on the way. */
#define IS_SIGNED(type) ((type)-1 < (type)1)
#define ASSERT_COMPARABLE(a, b)                                                                    \
	_Static_assert(                                                                            \
		sizeof(a) == sizeof(b) && IS_SIGNED(__typeof__(a)) == IS_SIGNED(__typeof__(b)),    \
		"min or max of different types")
#define min(a, b)                                                                                  \
	__extension__({                                                                            \
		__typeof__(a) min_a_ = (a);                                                        \
		__typeof__(b) min_b_ = (b);                                                        \
		ASSERT_COMPARABLE(min_a_, min_b_);                                                 \
		min_a_ < min_b_ ? min_a_ : min_b_;                                                 \
	})
#define max(a, b)                                                                                  \
	__extension__({                                                                            \
		__typeof__(a) max_a_ = (a);                                                        \
		__typeof__(b) max_b_ = (b);                                                        \
		ASSERT_COMPARABLE(max_a_, max_b_);                                                 \
		max_a_ > max_b_ ? max_a_ : max_b_;                                                 \
	})

#define BIT(n) (1ul << (n)) /* a uint64_t, as the compiler has it */
/* `to` is a power of two; the result has the type of x. */
#define ALIGN_DOWN(x, to)   ((x) & ~((__typeof__(x))(to)-1))
#define ALIGN_UP(x, to)     ALIGN_DOWN((x) + ((__typeof__(x))(to)-1), to)
#define IS_ALIGNED(x, to)   (((x) & ((__typeof__(x))(to)-1)) == 0)
#define DIV_ROUND_UP(n, by) (((n) + (by)-1) / (by))
#define is_power_of_2(x)    ((x) != 0 && ((x) & ((x)-1)) == 0)

#endif
