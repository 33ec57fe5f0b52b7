#ifndef IPC_MESSAGE_H
#define IPC_MESSAGE_H
/*
 * One message: kernel memory, a frame at a time, that holds what a program sends.
 */
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include "vm/iter.h"

struct message_part;

struct message {
	struct list_head link; /* its queue's */
	int64_t type;
	size_t bytes;
	struct message_part *parts;
};

/* All that is left of the iter. -EFAULT, -ENOMEM. */
__must_check int message_create(int64_t type, struct iter *text, struct message **message);
/* Another one that says the same. -ENOMEM. */
__must_check int message_clone(const struct message *message, struct message **clone);
void message_free(struct message *message);
/* As many bytes as the iter takes: how many. -EFAULT. */
ssize_t message_copy(const struct message *message, struct iter *text);

#endif
