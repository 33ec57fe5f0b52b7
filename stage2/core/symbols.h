#ifndef CORE_SYMBOLS_H
#define CORE_SYMBOLS_H
/*
 * Names for addresses of kernel code: what stack traces and crash reports print. The table is made
 * by tools/symtab from the linked kernel, and linked into it (section .symbols).
 */
#include <stdint.h>

/* The name of the function that an address of the kernel's text lies in, and how far in; NULL where
 * it is not the kernel's text. For a return address ask for the address before it: a call may be
 * the last instruction of its function. Any context; takes no lock. */
const char *symbol_find(uint64_t address, uint64_t *offset);

/* The table, for symbol_find alone. Offsets are from KERNEL_BASE, ascending. */
extern const uint32_t symbol_count;
extern const uint32_t symbol_text_end;
extern const uint32_t symbol_offsets[];
extern const uint32_t symbol_name_offsets[]; /* in symbol_names */
extern const char symbol_names[];            /* each NUL-terminated */

#endif
