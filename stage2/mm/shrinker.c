/*
 * Giving memory back: those who keep memory that could be had again (clean pages of files, freed
 * stacks, empty slabs) are asked in turn before a caller that may sleep is told that there is none.
 */
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
