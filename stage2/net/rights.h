#ifndef NET_RIGHTS_H
#define NET_RIGHTS_H
/*
 * Descriptors in a message (SCM_RIGHTS): references to open files, between the table of who sends
 * and that of who receives them.
 */
#include <stdbool.h>
#include <stdint.h>

#include "io/file.h"
#include "lib/compiler.h"
#include "lib/list.h"

struct socket_rights {
	struct list_head link; /* of who closes many */
	uint32_t uid;          /* [I] who sends them, whose account they are on */
	uint64_t limit;        /* [I] as many may be on it: RLIMIT_NOFILE */
	bool in_flight;        /* in a socket's queue, and on the account */
	uint32_t count;        /* references held */
	struct file *files[];  /* room for as many as it was made for */
};

/* Without files yet. NULL: no memory. */
struct socket_rights *rights_create(uint32_t room);
/* Another with the same files; for MSG_PEEK. NULL: no memory. */
struct socket_rights *rights_copy(const struct socket_rights *rights);
/* Drops the references. NULL is allowed. May sleep. */
void rights_destroy(struct socket_rights *rights);

/* They are about to enter a queue: -ETOOMANYREFS, -ENOMEM. They have left it. */
__must_check int rights_take_off(struct socket_rights *rights);
void rights_land(struct socket_rights *rights);
/* These are a copy of what is still in a queue. */
void rights_peeked(const struct socket_rights *rights);

#endif
