#ifndef LIB_ASM_VALUES_H
#define LIB_ASM_VALUES_H
/*
 * For sources whose numbers assembly is to know: tools/gen-offsets compiles such a source and makes
 * a %define of each VALUE and OFFSET that it finds in the compiler's output. Nothing of it runs.
 */
#include <stddef.h>

#define VALUE(name, value)         __asm__ volatile(".ascii \"->" #name " %c0\"" : : "i"(value))
#define OFFSET(name, type, member) VALUE(name, offsetof(struct type, member))

#endif
