#ifndef IO_USER_H
#define IO_USER_H
/*
 * How much each user has of what is limited for a user as a whole. Of threads (RLIMIT_NPROC, by
 * real user ID) root's are not counted, for nobody limits root. Never sleeps; any context.
 */
#include <stdint.h>

#include "lib/compiler.h"

enum user_thing { USER_THREADS, USER_INOTIFIES, USER_WATCHES, USER_SHM_LOCKED, USER_THINGS };

/* Count more of the user's. -EAGAIN: they would be more than `limit`; -ENOMEM. */
__must_check int user_charge(enum user_thing thing, uint32_t uid, uint32_t count, uint64_t limit);
void user_uncharge(enum user_thing thing, uint32_t uid, uint32_t count);
uint64_t user_count(enum user_thing thing, uint32_t uid);

#endif
