#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H
/*
 * Formatted text. Neither function sleeps, locks or allocates.
 *
 * Conversions: d i u x X o c s p %; flags 0 - + space #; width and precision as a number or *;
 * lengths hh h l ll z t j. %p is %#lx, but for 0, which is 0x0. No floating point, no %n. A
 * conversion that is none of these stands in the output as it is written.
 */
#include "lib/compiler.h"

#include <stdarg.h>
#include <stddef.h>

/* Writes at most bytes - 1 characters and a NUL (nothing at all where bytes is 0). Returns what
 * the whole text takes, the NUL not counted: it was cut if that is >= bytes. */
__printf(3, 4) int snprintf(char *buffer, size_t bytes, const char *format, ...);
__printf(3, 0) int vsnprintf(char *buffer, size_t bytes, const char *format, va_list args);

/* The same for text made piece by piece: returns what stands in the buffer, at most bytes - 1, so
 * that at += scnprintf(buffer + at, bytes - at, ...) never runs past the end. */
__printf(3, 4) size_t scnprintf(char *buffer, size_t bytes, const char *format, ...);

#endif
