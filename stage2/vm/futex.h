#ifndef VM_FUTEX_H
#define VM_FUTEX_H
/*
 * Futexes: sleeping until somebody says that a word of user memory has changed.
 *
 * A word is known by what it is, not by where a program sees it: in private memory by address space
 * and address; in a shared mapping, unless the caller says is_private, by object and offset, so
 * that several processes meet. -EINVAL for an address that is not a multiple of 4, -EFAULT for one
 * that is not in the user half or, where the word must be read or found, not mapped.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

/* Sleep while the word is `expected`, until a wake-up whose bitset meets this one: 0. -EAGAIN: it
 * has another value; -ETIMEDOUT: `deadline_ns` (clock_ns time, or WAIT_FOREVER) has come; -EINTR: a
 * signal; -EINVAL: bitset 0. */
__must_check int futex_wait(
	uptr_t address, bool is_private, uint32_t expected, uint32_t bitset, uint64_t deadline_ns);

/* Wake up to `count` sleepers (at least one, as Linux has it), in the order they came: how many. */
__must_check int futex_wake(uptr_t address, bool is_private, int count, uint32_t bitset);

/* Wake up to `wake` sleepers of one word and let up to `move` others sleep on at the word `to`: how
 * many in all. expected (or NULL): nothing happens unless the word still has that value, -EAGAIN;
 * it is looked at before, not at the same moment. -EINVAL: a negative number. */
__must_check int futex_requeue(
	uptr_t address, uptr_t to, bool is_private, int wake, int move, const uint32_t *expected);

#endif
