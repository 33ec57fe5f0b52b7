#ifndef VGA_CP437_H
#define VGA_CP437_H
/*
 * The letters that the VGA's own font has: code page 437.
 */
#include <stdbool.h>
#include <stdint.h>

/* The glyph of a character; '?' where there is none that would do. */
uint8_t cp437_glyph(uint32_t character);
/* How many columns it takes: 0 (it would stand above another), 1, 2. */
unsigned cp437_width(uint32_t character);

#endif
