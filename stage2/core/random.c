/*
 * Random numbers: a ChaCha20 key that is replaced after each use (fast key erasure), so that what
 * is in memory now tells nothing about what was given out before.
 *
 * Single words are drawn from the output of one step, and forgotten as they are given out: starting
 * a program takes five.
 *
 * Entropy is mixed in by running the generator over it: the new key is a block of the old key with
 * the input as nonce. What interrupts contribute is collected in a word and mixed in by the next
 * reader.
 */
#include "core/random.h"
#include "arch/cpu.h"
#include "core/spinlock.h"
#include "lib/chacha20.h"
#include "lib/compiler.h"
#include "lib/hash.h"
#include "lib/string.h"

#define BLOCKS 4 /* in a batch of words */
#define WORDS  ((BLOCKS * CHACHA20_BLOCK_BYTES - CHACHA20_KEY_BYTES) / 8)

static struct {
	struct spinlock lock;
	uint8_t key[CHACHA20_KEY_BYTES]; /* [lock] */
	uint64_t words[WORDS];           /* [lock] for random_u64: the first words_left of them */
	uint32_t words_left;             /* [lock] */
	uint32_t credit_bits;            /* [lock] */
	uint64_t events;                 /* [a] interrupt times, not yet mixed in */
	uint32_t event_count;            /* [a] */
} generator = { .lock = SPINLOCK_INIT("random", RANK_RANDOM) };

static const uint8_t zero[CHACHA20_NONCE_BYTES];

/* The stream of this key and nonce begins with the next key; what follows is output: so much that
 * whole blocks are used up. */
static void step_locked(const uint8_t nonce[CHACHA20_NONCE_BYTES], uint8_t *out, size_t bytes)
{
	spin_assert_held(&generator.lock);
	uint8_t block[CHACHA20_BLOCK_BYTES], next[CHACHA20_KEY_BYTES];
	size_t from = sizeof(next);

	for (uint32_t number = 0; bytes > 0; number++) {
		size_t n = sizeof(block) - from;

		chacha20_block(generator.key, number, nonce, block);
		if (number == 0)
			memcpy(next, block, sizeof(next));
		memcpy(out, block + from, n);
		out += n;
		bytes -= n;
		from = 0;
	}
	memcpy(generator.key, next, sizeof(next));
	memset(block, 0, sizeof(block));
	memset(next, 0, sizeof(next));
	barrier();
}

static void mix_locked(const void *data, size_t bytes)
{
	const uint8_t *from = data;
	uint8_t nonce[CHACHA20_NONCE_BYTES], ignored[32];
	while (bytes > 0) {
		size_t n = min(bytes, sizeof(nonce));
		memset(nonce, 0, sizeof(nonce));
		memcpy(nonce, from, n);
		step_locked(nonce, ignored, sizeof(ignored));
		from += n;
		bytes -= n;
	}
	generator.words_left = 0; /* drawn before this was known */
}

void random_add(const void *data, size_t bytes, unsigned credit_bits)
{
	uint64_t flags = spin_lock_irqsave(&generator.lock);
	mix_locked(data, bytes);
	generator.credit_bits = min(generator.credit_bits + credit_bits, RANDOM_READY_BITS);
	spin_unlock_irqrestore(&generator.lock, flags);
}

void random_add_event(uint64_t value)
{
	uint64_t old = __atomic_load_n(&generator.events, __ATOMIC_RELAXED);
	__atomic_store_n(
		&generator.events, hash_u64(old ^ value ^ cpu_tsc() << 8), __ATOMIC_RELAXED);
	__atomic_fetch_add(&generator.event_count, 1, __ATOMIC_RELAXED);
}

void random_init(void)
{
	uint64_t words[5] = { cpu_tsc() };
	unsigned bits = 0;
	for (unsigned i = 1; i < ARRAY_SIZE(words); i++)
		if (cpu_random(&words[i]))
			bits += 64;
	random_add(words, sizeof(words), bits);
}

bool random_ready(void)
{
	return READ_ONCE(generator.credit_bits) >= RANDOM_READY_BITS;
}

/* One bit of entropy is credited for each interrupt: far less than a TSC's low bits give. */
static void mix_events_locked(void)
{
	spin_assert_held(&generator.lock);
	uint32_t count = __atomic_exchange_n(&generator.event_count, 0, __ATOMIC_RELAXED);
	if (count == 0)
		return;
	uint64_t events = __atomic_load_n(&generator.events, __ATOMIC_RELAXED);
	mix_locked(&events, sizeof(events));
	uint32_t credit = generator.credit_bits + min(count, 64u);
	generator.credit_bits = min(credit, RANDOM_READY_BITS);
}

void random_bytes(void *buf, size_t bytes)
{
	uint8_t *to = buf, block[CHACHA20_BLOCK_BYTES], key[32];

	/* A key of its own for this request; the long part runs without the lock. */
	uint64_t flags = spin_lock_irqsave(&generator.lock);
	mix_events_locked();
	step_locked(zero, key, sizeof(key));
	spin_unlock_irqrestore(&generator.lock, flags);
	if (bytes <= sizeof(key)) {
		memcpy(to, key, bytes);
	} else {
		for (uint32_t i = 1; bytes > 0; i++) {
			size_t n = min(bytes, sizeof(block));
			chacha20_block(key, i, zero, block);
			memcpy(to, block, n);
			to += n;
			bytes -= n;
		}
	}
	memset(key, 0, sizeof(key));
	memset(block, 0, sizeof(block));
	barrier();
}

uint64_t random_u64(void)
{
	uint64_t flags = spin_lock_irqsave(&generator.lock);
	if (generator.words_left == 0) {
		mix_events_locked();
		step_locked(zero, (uint8_t *)generator.words, sizeof(generator.words));
		generator.words_left = WORDS;
	}
	uint64_t *word = &generator.words[--generator.words_left], value = *word;
	*word = 0;
	spin_unlock_irqrestore(&generator.lock, flags);
	return value;
}
