/*
 * Copying between the kernel and the running program.
 *
 * Main idea: check that the range lies in the user half, then let one instruction with a fix-up
 * touch it. Pages come in by the fault that this causes; one that cannot be had ends the copy
 * there.
 */
#include "vm/uaccess.h"

#include "abi/errno.h"
#include "arch/memory_map.h"
#include "arch/uaccess.h"
#include "core/spinlock.h"
#include "lib/string.h"

/* What of a range that begins in the user half lies in it. */
static size_t user_part(uptr_t address, size_t bytes)
{
	if (address >= USER_END)
		return 0;
	return min((uint64_t)bytes, USER_END - address);
}

size_t copy_from_user_partial(void *dst, uptr_t src, size_t bytes)
{
	size_t part = user_part(src, bytes);

	assert_may_sleep();
	return part - arch_copy_user(dst, (const void *)src, part);
}

size_t copy_to_user_partial(uptr_t dst, const void *src, size_t bytes)
{
	size_t part = user_part(dst, bytes);

	assert_may_sleep();
	return part - arch_copy_user((void *)dst, src, part);
}

/* As on Linux, nothing can be copied to and from anywhere. */
static int nothing_or_fault(size_t bytes)
{
	return bytes ? -EFAULT : 0;
}

int copy_from_user(void *dst, uptr_t src, size_t bytes)
{
	assert_may_sleep();
	if (!user_range_ok(src, bytes))
		return nothing_or_fault(bytes);
	return arch_copy_user(dst, (const void *)src, bytes) ? -EFAULT : 0;
}

int copy_to_user(uptr_t dst, const void *src, size_t bytes)
{
	assert_may_sleep();
	if (!user_range_ok(dst, bytes))
		return nothing_or_fault(bytes);
	return arch_copy_user((void *)dst, src, bytes) ? -EFAULT : 0;
}

size_t zero_user_partial(uptr_t dst, size_t bytes)
{
	size_t part = user_part(dst, bytes);

	assert_may_sleep();
	return part - arch_zero_user((void *)dst, part);
}

int zero_user(uptr_t dst, size_t bytes)
{
	return zero_user_partial(dst, bytes) == bytes ? 0 : -EFAULT;
}

/* Page by page, so that what lies behind a string's end need not be there. */
ssize_t copy_string_from_user(char *buf, uptr_t src, size_t size)
{
	size_t done = 0;

	assert_may_sleep();
	while (done < size) {
		uptr_t at = src + done;
		size_t part = min(size - done, (size_t)(PAGE_SIZE - at % PAGE_SIZE));
		long copied = -EFAULT;

		if (likely(at < USER_END))
			copied = arch_copy_user_string(buf + done, (const char *)at, part);
		if (copied < 0)
			return copied;
		done += (size_t)copied;
		if (buf[done - 1] == '\0')
			return (ssize_t)done - 1;
	}
	return -ENAMETOOLONG;
}

int cmpxchg_user32(uptr_t address, uint32_t expected, uint32_t desired, uint32_t *old)
{
	if (!user_range_ok(address, sizeof(uint32_t)))
		return -EFAULT;
	assert_may_sleep();
	return arch_cmpxchg_user32((uint32_t *)address, expected, desired, old);
}
