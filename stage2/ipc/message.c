#include "ipc/message.h"

#include "abi/errno.h"
#include "arch/memory_map.h"
#include "lib/string.h"
#include "mm/slab.h"

struct message_part {
	struct message_part *next;
	char text[];
};

#define PART_BYTES (PAGE_SIZE - sizeof(struct message_part))

static struct slab_cache message_cache = SLAB_CACHE("message", struct message);

void message_free(struct message *message)
{
	struct message_part *part, *next;

	for (part = message->parts; part; part = next) {
		next = part->next;
		kfree(part);
	}
	slab_free(&message_cache, message);
}

/* Room for `bytes`, contents undefined. */
static struct message *message_alloc(int64_t type, size_t bytes)
{
	struct message *message = slab_alloc(&message_cache);
	struct message_part **place, *part;
	size_t left = bytes, here;

	if (!message)
		return NULL;
	*message = (struct message){ .type = type, .bytes = bytes };
	for (place = &message->parts; left; left -= here, place = &part->next) {
		here = min(left, PART_BYTES);
		part = kmalloc(sizeof(*part) + here);
		if (!part) {
			message_free(message);
			return NULL;
		}
		part->next = NULL;
		*place = part;
	}
	return message;
}

int message_create(int64_t type, struct iter *text, struct message **message)
{
	struct message *made = message_alloc(type, text->remaining);
	struct message_part *part;

	if (!made)
		return -ENOMEM;
	for (part = made->parts; part; part = part->next) {
		size_t bytes = min(text->remaining, PART_BYTES);

		if (iter_read(text, part->text, bytes) != (ssize_t)bytes) {
			message_free(made);
			return -EFAULT;
		}
	}
	*message = made;
	return 0;
}

int message_clone(const struct message *message, struct message **clone)
{
	struct message *made = message_alloc(message->type, message->bytes);
	const struct message_part *from = message->parts;
	struct message_part *to;
	size_t left = message->bytes;

	if (!made)
		return -ENOMEM;
	for (to = made->parts; to; to = to->next, from = from->next) {
		memcpy(to->text, from->text, min(left, PART_BYTES));
		left -= min(left, PART_BYTES);
	}
	*clone = made;
	return 0;
}

ssize_t message_copy(const struct message *message, struct iter *text)
{
	size_t total = min(message->bytes, text->remaining), done = 0;
	const struct message_part *part;

	for (part = message->parts; done < total; part = part->next) {
		size_t bytes = min(total - done, PART_BYTES);

		if (iter_write(text, part->text, bytes) != (ssize_t)bytes)
			return -EFAULT;
		done += bytes;
	}
	return (ssize_t)total;
}
