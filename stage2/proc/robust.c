/*
 * Robust futexes, as Linux has them (Documentation/locking/robust-futex-ABI): a list in the
 * program's memory of the locks that a thread holds. All of it is the program's and may be
 * nonsense: a circle, a bad address. Then the walk ends.
 */
#include "proc/robust.h"

#include "abi/errno.h"
#include "abi/futex.h"
#include "proc/proc.h"
#include "vm/futex.h"
#include "vm/uaccess.h"

#define LIST_MAX 2048 /* entries are looked at, as in Linux */

/* struct robust_list_head */
struct robust_head {
	uptr_t next;    /* the first entry, or the head's own address */
	int64_t offset; /* from an entry to its futex word */
	uptr_t pending; /* an entry about to enter or leave the list */
};

/* Bit 0 of a pointer: a priority-inheritance futex, of which there are none here. */
static uptr_t entry_of(uptr_t pointer)
{
	return pointer & ~1ul;
}

/* If the thread holds the lock: its owner has died. One that was just let go of (pending) may have
 * somebody waiting whom the thread has not come to wake. */
static int word_release(uptr_t address, bool pending)
{
	uint32_t tid = uthread_current()->tid->number, word, old;
	int err;

	if (address % sizeof(word))
		return -EFAULT;
	err = get_user(&word, address);
	if (err == 0 && pending && (word & FUTEX_TID_MASK) == 0)
		return min(futex_wake(address, false, 1, UINT32_MAX), 0);
	while (err == 0 && (word & FUTEX_TID_MASK) == tid) {
		err = cmpxchg_user32(
			address, word, (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED, &old);
		if (err == 0 && old == word) {
			int woken = word & FUTEX_WAITERS ? futex_wake(address, false, 1, UINT32_MAX)
			                                 : 0;

			return woken < 0 ? woken : 0;
		}
		word = old;
	}
	return err;
}

void robust_list_release(void)
{
	uptr_t list = uthread_current()->robust_list, entry;
	struct robust_head head;

	if (list == 0 || get_user(&head, list))
		return;
	entry = entry_of(head.next);
	for (int i = 0; i < LIST_MAX && entry != list; i++) {
		uptr_t next;

		/* The next one first: the woken thread may free this one. */
		if (get_user(&next, entry))
			return;
		if (entry != entry_of(head.pending) &&
			word_release(entry + (uptr_t)head.offset, false))
			return;
		entry = entry_of(next);
	}
	if (head.pending)
		word_release(entry_of(head.pending) + (uptr_t)head.offset, true);
}
