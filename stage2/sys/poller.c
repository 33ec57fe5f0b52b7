/*
 * Waiting for several descriptors.
 *
 * The main idea: the first look at the files enters all their wait queues; from then on the thread
 * sleeps, and looks, until something holds. A wake-up that comes during a look makes the next sleep
 * end at once.
 */
#include "sys/poller.h"

#include "abi/errno.h"
#include "mm/slab.h"
#include "proc/proc.h"

#define ENTRIES_MORE 32 /* queues in each further piece */

struct poller_piece {
	struct list_head link;
	struct poller_entry entries[ENTRIES_MORE];
};

static struct poller_entry *next_entry(struct poller *poller)
{
	uint32_t more = poller->count - POLLER_FIRST;
	struct poller_piece *piece;

	if (poller->count < POLLER_FIRST)
		return &poller->first[poller->count];
	if (more % ENTRIES_MORE == 0) {
		piece = kmalloc(sizeof(*piece));
		if (!piece)
			return NULL;
		list_add_tail(&piece->link, &poller->pieces);
	}
	piece = list_last(&poller->pieces, struct poller_piece, link);
	return &piece->entries[more % ENTRIES_MORE];
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
	struct poller_entry *entry = next_entry(poller);

	if (!entry) {
		poller->err = -ENOMEM;
		return;
	}
	entry->wait = (struct wait_entry){ .thread = thread_current(), .wake = entry_woken };
	entry->queue = queue;
	entry->wanted = poller->wanted;
	entry->file = poller->asked.counted ? poller->asked.file : NULL;
	if (entry->file)
		file_get(entry->file);
	wait_add(queue, &entry->wait);
	poller->count++;
}

static void entry_leave(struct poller_entry *entry)
{
	wait_remove(entry->queue, &entry->wait);
	if (entry->file)
		file_put(entry->file);
}

void poller_init(struct poller *poller, uint64_t deadline_ns)
{
	poller->table.enter = enter;
	poller->entering = deadline_ns ? &poller->table : NULL;
	poller->files = proc_current()->files;
	poller->deadline_ns = deadline_ns;
	poller->err = deadline_ns ? 0 : -ETIMEDOUT;
	poller->count = 0;
	list_init(&poller->pieces);
}

/* What has come together with the signal, or the deadline, is not lost: there is one more look. */
bool poller_sleep(struct poller *poller)
{
	if (poller->err)
		return false;
	poller->entering = NULL;
	poller->err = wait_sleep(WAIT_INTERRUPTIBLE, poller->deadline_ns);
	return true;
}

void poller_leave(struct poller *poller)
{
	struct poller_piece *piece, *next;
	uint32_t left = poller->count;

	for (uint32_t i = 0; i < POLLER_FIRST && left > 0; i++, left--)
		entry_leave(&poller->first[i]);
	list_for_each_safe(piece, next, &poller->pieces, link) {
		for (uint32_t i = 0; i < ENTRIES_MORE && left > 0; i++, left--)
			entry_leave(&piece->entries[i]);
		kfree(piece);
	}
}
