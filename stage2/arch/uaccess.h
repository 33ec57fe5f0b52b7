#ifndef ARCH_UACCESS_H
#define ARCH_UACCESS_H
/*
 * The only instructions that touch user memory; each has an exception-table entry. They open SMAP's
 * gate where the CPU has it. Range checks are the caller's (vm/uaccess.h): never call these outside
 * vm.
 */
#include <stddef.h>
#include <stdint.h>

/* Copy n bytes; returns how many were NOT copied because a page could not be had. */
size_t arch_copy_user(void *dst, const void *src, size_t n);
/* Zero n bytes of user memory; returns how many were not. */
size_t arch_zero_user(void *dst, size_t n);
/* Copy a string with its NUL, or n bytes of it: how many, or -EFAULT. */
long arch_copy_user_string(char *dst, const char *src, size_t n);
/* Atomically compare and exchange a user word. 0, or -EFAULT; *old gets what was there. */
int arch_cmpxchg_user32(uint32_t *address, uint32_t expected, uint32_t desired, uint32_t *old);

#endif
