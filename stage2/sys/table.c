/*
 * The table of system calls.
 *
 * Everything is made from the lines of abi/syscalls.def. A handler is called with the program's
 * registers as they are (arch/trap.h): arguments are where the System V ABI has them, but for the
 * fourth (AMD64 supplement, A.2.1), which arch moves. A function looks only at the part of a
 * register that its type has, if that is half of it or all.
 */
#include "arch/trap.h"
#include "core/log.h"
#include "lib/bitmap.h"
#include "sys/sys.h"

#define OK(type) (sizeof(type) == 4 || sizeof(type) == 8)
#define SYSCALL0(number, name)
#define SYSCALL1(number, name, t1, a1)         _Static_assert(OK(t1), #name);
#define SYSCALL2(number, name, t1, a1, t2, a2) _Static_assert(OK(t1) && OK(t2), #name);
#define SYSCALL3(number, name, t1, a1, t2, a2, t3, a3)                                             \
	_Static_assert(OK(t1) && OK(t2) && OK(t3), #name);
#define SYSCALL4(number, name, t1, a1, t2, a2, t3, a3, t4, a4)                                     \
	_Static_assert(OK(t1) && OK(t2) && OK(t3) && OK(t4), #name);
#define SYSCALL5(number, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)                             \
	_Static_assert(OK(t1) && OK(t2) && OK(t3) && OK(t4) && OK(t5), #name);
#define SYSCALL6(number, name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6)                     \
	_Static_assert(OK(t1) && OK(t2) && OK(t3) && OK(t4) && OK(t5) && OK(t6), #name);
#include "abi/syscalls.def"

void (*const syscall_table[])(void) = {
#define SYSCALL(number, name) [number] = (void (*)(void))sys_##name,
#include "abi/syscalls.def"
};
const uint32_t syscall_count = ARRAY_SIZE(syscall_table);

static const char *const names[] = {
#define SYSCALL(number, name)         [number] = #name,
#define SYSCALL_MISSING(number, name) [number] = #name,
#include "abi/syscalls.def"
};

static uint64_t named[BITMAP_WORDS(ARRAY_SIZE(names))]; /* [a] missing calls that were logged */

const char *sys_name(uint32_t number)
{
	return number < ARRAY_SIZE(names) ? names[number] : NULL;
}

/* Said once for each call, so that who misses one learns which. */
long syscall_missing(uint32_t number)
{
	const char *name = sys_name(number);

	if (name) {
		uint64_t bit = BIT(number % 64);

		if (!(__atomic_fetch_or(&named[number / 64], bit, __ATOMIC_RELAXED) & bit))
			log_info("sys: %s (%u) is not implemented; asked for by %s", name, number,
				thread_current()->name);
	}
	return -ENOSYS;
}
