#ifndef LIB_ERRSEQ_H
#define LIB_ERRSEQ_H
/*
 * Errors that are to be told to everybody once. Whoever wants to know keeps a mark; an error that
 * came since then is told and the mark moved on. One that nobody has been told of yet is also told
 * to who comes later.
 *
 * A sequence is a number: the error in the low bits, whether anybody has seen it, and above that a
 * count of those that were seen. No lock is needed; nothing sleeps.
 */
#include <stdbool.h>
#include <stdint.h>

#define ERRSEQ_ERROR 0xfffu
#define ERRSEQ_SEEN  0x1000u
#define ERRSEQ_ONE   0x2000u

/* An error (-errno, at most 4095) has come. */
static inline void errseq_set(uint32_t *seq, int error)
{
	uint32_t old = __atomic_load_n(seq, __ATOMIC_RELAXED), now;

	do {
		now = (old & ~(ERRSEQ_ERROR | ERRSEQ_SEEN)) | (uint32_t)-error;
		if (old & ERRSEQ_SEEN)
			now += ERRSEQ_ONE;
	} while (now != old && !__atomic_compare_exchange_n(
				       seq, &old, now, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

/* The mark of who comes now. */
static inline uint32_t errseq_mark(const uint32_t *seq)
{
	uint32_t now = __atomic_load_n(seq, __ATOMIC_ACQUIRE);

	return now & ERRSEQ_SEEN ? now : 0;
}

/* The error since the mark, or 0; moves the mark. */
static inline int errseq_check(uint32_t *seq, uint32_t *mark)
{
	uint32_t old = __atomic_load_n(seq, __ATOMIC_ACQUIRE), now;

	if (old == *mark)
		return 0;
	now = old | ERRSEQ_SEEN;
	/* Where it fails there is another error already, which is told the next time. */
	(void)__atomic_compare_exchange_n(
		seq, &old, now, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
	*mark = now;
	return -(int)(now & ERRSEQ_ERROR);
}

#endif
