#ifndef PROC_USER_H
#define PROC_USER_H
/*
 * How many threads each user has: what RLIMIT_NPROC counts, by real user ID. Root's are not
 * counted, for nobody limits root. Never sleeps.
 */
#include <stdint.h>

#include "lib/compiler.h"

/* Count more of the user's threads. -EAGAIN: they would be more than `limit`; -ENOMEM. */
__must_check int user_charge(uint32_t uid, uint32_t count, uint64_t limit);
void user_uncharge(uint32_t uid, uint32_t count);
uint64_t user_count(uint32_t uid);

#endif
