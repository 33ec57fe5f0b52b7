#ifndef LIB_LIST_H
#define LIB_LIST_H
/*
 * Doubly linked lists whose links are members of what is listed: nothing is allocated, and taking
 * something out needs no search. A list is circular through its head, so no case is special.
 * Its owner's lock guards a list; nothing here locks, sleeps or fails.
 *
 *	struct list_head queue;             the head
 *	struct thread { struct list_head run_link; ... };
 *	list_add_tail(&thread->run_link, &queue);
 *	list_for_each(thread, &queue, run_link) ...
 */
#include "lib/compiler.h"

#include <stdbool.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_INIT(name)                                                                            \
	{                                                                                          \
		&(name), &(name)                                                                   \
	}

/* An empty list; or a link that is in no list, so that list_is_linked and list_del work on it. */
static inline void list_init(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

/* Is the link, once given to list_init, in a list now? */
static inline bool list_is_linked(const struct list_head *link)
{
	return link->next != link;
}

static inline void list_insert_between(
	struct list_head *link, struct list_head *prev, struct list_head *next)
{
	link->prev = prev;
	link->next = next;
	prev->next = link;
	next->prev = link;
}

/* Puts link first in the list; or behind `head` where that is an entry. */
static inline void list_add(struct list_head *link, struct list_head *head)
{
	list_insert_between(link, head, head->next);
}

/* Puts link last in the list; or before `head` where that is an entry. */
static inline void list_add_tail(struct list_head *link, struct list_head *head)
{
	list_insert_between(link, head->prev, head);
}

/* Takes link out; it is as after list_init, so taking it out again does nothing. */
static inline void list_del(struct list_head *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

/* Moves all of `from` to the end of `to`, in order; from is empty then. */
static inline void list_splice_tail(struct list_head *from, struct list_head *to)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

/* The struct a link is a member of. */
#define list_entry(link, type, member) container_of(link, type, member)

/* The first or the last entry; NULL where the list is empty. */
#define list_first(head, type, member)                                                             \
	(list_empty(head) ? NULL : list_entry((head)->next, type, member))
#define list_last(head, type, member)                                                              \
	(list_empty(head) ? NULL : list_entry((head)->prev, type, member))

/* `entry` is each entry in turn; the list must not change meanwhile. */
#define list_for_each(entry, head, member)                                                         \
	for (entry = list_entry((head)->next, __typeof__(*(entry)), member);                       \
		&(entry)->member != (head);                                                        \
		entry = list_entry((entry)->member.next, __typeof__(*(entry)), member))

/* The same where the body may take `entry` out, or free it; `following` is the one after it. */
#define list_for_each_safe(entry, following, head, member)                                         \
	for (entry = list_entry((head)->next, __typeof__(*(entry)), member),                       \
	    following = list_entry((entry)->member.next, __typeof__(*(entry)), member);            \
		&(entry)->member != (head); entry = following,                                     \
	    following = list_entry((following)->member.next, __typeof__(*(entry)), member))

#endif
