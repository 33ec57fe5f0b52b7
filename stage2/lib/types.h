#ifndef LIB_TYPES_H
#define LIB_TYPES_H
/*
 * The scalar types of the whole kernel.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t paddr_t; /* a physical address */
typedef uint64_t uptr_t;  /* an address in a program: a number, so that nobody dereferences it */
typedef long ssize_t;     /* a count of bytes, or -errno */

#endif
