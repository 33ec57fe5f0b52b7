/*
 * Waiting for several descriptors.
 *
 * The main idea: mostly something holds already, so the first look is nothing but that. The second
 * one enters all the files' wait queues; from then on the thread sleeps, and looks, until something
 * holds. A wake-up that comes during a look makes the next sleep end at once.
 */
#include "sys/poller.h"

#include "abi/errno.h"
#include "mm/slab.h"
#include "proc/proc.h"

#define ENTRIES_MORE 32 /* queues in each further piece */

struct poller_piece {
	struct poller_piece *next;
	struct poller_entry entries[ENTRIES_MORE];
};

static bool more_entries(struct poller *poller)
{
	struct poller_piece *piece = kmalloc(sizeof(*piece));

	if (!piece)
		return false;
	piece->next = poller->pieces;
	poller->pieces = piece;
	poller->free = piece->entries;
	poller->end = piece->entries + ENTRIES_MORE;
	return true;
}

/* In a file's queue, under its lock. events 0: of whatever kind. */
static bool entry_woken(struct wait_entry *wait, uint32_t events)
{
	const struct poller_entry *entry = container_of(wait, struct poller_entry, wait);

	if (events && !(events & entry->wanted))
		return false;
	thread_wake(wait->thread);
	return true;
}

static void enter(struct poll_table *table, struct wait_queue *queue)
{
	struct poller *poller = container_of(table, struct poller, table);
	struct poller_entry *entry;

	if (unlikely(poller->free == poller->end) && !more_entries(poller)) {
		poller->err = -ENOMEM;
		return;
	}
	entry = poller->free++;
	entry->wait = (struct wait_entry){ .thread = thread_current(), .wake = entry_woken };
	entry->queue = queue;
	entry->wanted = poller->wanted;
	entry->file = poller->asked.counted ? poller->asked.file : NULL;
	if (entry->file)
		file_get(entry->file);
	wait_add(queue, &entry->wait);
}

static void entries_leave(struct poller_entry *entry, const struct poller_entry *end)
{
	for (; entry < end; entry++) {
		wait_remove(entry->queue, &entry->wait);
		if (entry->file)
			file_put(entry->file);
	}
}

uint32_t poller_ask_other(struct poller *poller, int fd, uint32_t wanted)
{
	uint32_t events = POLLNVAL;
	struct fd_ref ref;

	if (fd < 0)
		return 0;
	ref = fd_borrow(poller->files, fd);
	if (ref.file) {
		poller->asked = ref;
		poller->wanted = wanted | POLL_UNASKED;
		events = file_poll(ref.file, poller->entering);
	}
	fd_return(ref);
	return events;
}

/* The next look enters nothing. */
static void look_only(struct poller *poller)
{
	poller->entering = NULL;
	poller->own = poller->files->files;
	poller->own_count = fdtable_shared(poller->files) ? 0 : poller->files->capacity;
}

static void enter_all(struct poller *poller)
{
	poller->entered = true;
	poller->entering = &poller->table;
	poller->own_count = 0;
}

void poller_init(struct poller *poller, uint64_t deadline_ns)
{
	poller->table.enter = enter;
	poller->files = proc_current()->files;
	poller->entered = false;
	look_only(poller);
	poller->deadline_ns = deadline_ns;
	poller->err = deadline_ns ? 0 : -ETIMEDOUT;
	poller->free = poller->first;
	poller->end = poller->first + POLLER_FIRST;
	poller->pieces = NULL;
}

/* What has come together with the signal, or the deadline, is not lost: there is one more look. */
bool poller_sleep(struct poller *poller)
{
	if (poller->err)
		return false;
	if (!poller->entered) {
		enter_all(poller);
		return true;
	}
	look_only(poller);
	poller->err = wait_sleep(WAIT_INTERRUPTIBLE, poller->deadline_ns);
	return true;
}

void poller_leave(struct poller *poller)
{
	struct poller_entry *end = poller->free;
	struct poller_piece *piece, *next;

	/* All are full but the one that `free` points into. */
	for (piece = poller->pieces; piece; piece = next) {
		entries_leave(piece->entries, end);
		next = piece->next;
		end = next ? next->entries + ENTRIES_MORE : poller->first + POLLER_FIRST;
		kfree(piece);
	}
	entries_leave(poller->first, end);
}
