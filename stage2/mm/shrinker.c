/*
 * Giving memory back: those who keep memory that could be had again (clean pages of files, freed
 * stacks, empty slabs) are asked in turn before a caller that may sleep is told that there is none.
 */
#include "abi/errno.h"
#include "core/clock.h"
#include "core/spinlock.h"
#include "mm/frame.h"

/* Shrinkers are added at boot and stay for ever: the list is read without a lock afterwards. */
static struct list_head shrinkers = LIST_INIT(shrinkers);

void shrinker_add(struct shrinker *shrinker)
{
	list_add_tail(&shrinker->link, &shrinkers);
}

uint64_t frame_reclaim(uint64_t target)
{
	assert_may_sleep();
	uint64_t freed = 0;
	struct shrinker *shrinker;
	list_for_each(shrinker, &shrinkers, link) {
		if (freed >= target)
			break;
		freed += shrinker->shrink(target - freed);
	}
	return freed;
}

#define RESERVE_BATCH    256
#define RESERVE_PAUSE_NS (20 * NS_PER_MS) /* after there was nothing to be had */

void frame_keep_reserve(void)
{
	static uint64_t not_before_ns; /* [a] */

	if (likely(!READ_ONCE(frame_low)) || clock_ns() < READ_ONCE(not_before_ns))
		return;
	if (frame_reclaim(RESERVE_BATCH) == 0)
		WRITE_ONCE(not_before_ns, clock_ns() + RESERVE_PAUSE_NS);
}

bool frame_reclaim_for(int err)
{
	return err == -ENOMEM && frame_reclaim(RESERVE_BATCH) > 0;
}
