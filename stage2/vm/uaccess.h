#ifndef VM_UACCESS_H
#define VM_UACCESS_H
/*
 * User memory, of the running thread. A user address is a number (uptr_t) and can be used only
 * through these. Pages are brought in as needed, so all may sleep; no spinlock may be held, nor the
 * lock of the address space. Every failure is -EFAULT.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/memory_map.h"
#include "lib/compiler.h"
#include "lib/types.h"

/* [address, address + bytes) lies in the user half (it may still not be mapped). */
static inline bool user_range_ok(uptr_t address, uint64_t bytes)
{
	return bytes <= USER_END && address <= USER_END - bytes;
}

__must_check int copy_from_user(void *dst, uptr_t src, size_t bytes);
__must_check int copy_to_user(uptr_t dst, const void *src, size_t bytes);
__must_check int zero_user(uptr_t dst, size_t bytes);
/* As far as it goes: bytes copied, for read and write that return a short count. */
size_t copy_from_user_partial(void *dst, uptr_t src, size_t bytes);
size_t copy_to_user_partial(uptr_t dst, const void *src, size_t bytes);
size_t zero_user_partial(uptr_t dst, size_t bytes);

/* A string with its NUL into buf[size]: its length, -ENAMETOOLONG (no NUL within size), -EFAULT. On
 * an error buf holds what was read so far, without a NUL. */
__must_check ssize_t copy_string_from_user(char *buf, uptr_t src, size_t size);

__must_check int cmpxchg_user32(uptr_t address, uint32_t expected, uint32_t desired, uint32_t *old);

/* One object by its type: get_user(&kernel_object, uptr), put_user(uptr, &kernel_object). */
#define get_user(object, src) copy_from_user((object), (src), sizeof(*(object)))
#define put_user(dst, object) copy_to_user((dst), (object), sizeof(*(object)))

#endif
