#ifndef LIB_RING_H
#define LIB_RING_H
/*
 * A ring of bytes, for logs, pipes and serial lines. Its storage is the owner's, a power of two of
 * bytes; `head` and `tail` count all bytes ever written and read and are taken modulo its size, so
 * that full and empty differ. The owner's lock guards it; nothing here locks or sleeps.
 */
#include "lib/assert.h"
#include "lib/compiler.h"
#include "lib/string.h"

#include <stddef.h>
#include <stdint.h>

struct ring {
	uint8_t *data;
	size_t bytes; /* of the storage */
	size_t head;  /* bytes written, ever */
	size_t tail;  /* bytes read, ever */
};

/* An empty ring over `storage`, which must live as long as the ring. */
static inline void ring_init(struct ring *ring, void *storage, size_t bytes)
{
	assert(is_power_of_2(bytes));
	*ring = (struct ring){ .data = storage, .bytes = bytes };
}

/* Bytes that can be read. */
static inline size_t ring_used(const struct ring *ring)
{
	return ring->head - ring->tail;
}

/* Bytes that can be written. */
static inline size_t ring_free(const struct ring *ring)
{
	return ring->bytes - ring_used(ring);
}

/* The bytes that lie in one piece: *at is where to read (write), the result how many. With
 * ring_consume (ring_produce) afterwards, it lets the caller copy in its own way. */
static inline size_t ring_read_span(const struct ring *ring, uint8_t **at)
{
	size_t offset = ring->tail & (ring->bytes - 1);

	*at = ring->data + offset;
	return min(ring_used(ring), ring->bytes - offset);
}

static inline size_t ring_write_span(const struct ring *ring, uint8_t **at)
{
	size_t offset = ring->head & (ring->bytes - 1);

	*at = ring->data + offset;
	return min(ring_free(ring), ring->bytes - offset);
}

/* Takes the oldest `bytes` bytes for read; at most ring_used. */
static inline void ring_consume(struct ring *ring, size_t bytes)
{
	debug_assert(bytes <= ring_used(ring));
	ring->tail += bytes;
}

/* Takes the `bytes` bytes behind the newest for written; at most ring_free. */
static inline void ring_produce(struct ring *ring, size_t bytes)
{
	debug_assert(bytes <= ring_free(ring));
	ring->head += bytes;
}

/* Copies in what fits; returns how much that was. */
static inline size_t ring_write(struct ring *ring, const void *from, size_t bytes)
{
	size_t done = 0;

	/* Two pieces at most: up to the end of the storage, and from its start. */
	while (done < bytes && ring_free(ring) > 0) {
		uint8_t *at;
		size_t span = ring_write_span(ring, &at);

		span = min(span, bytes - done);
		memcpy(at, (const uint8_t *)from + done, span);
		ring_produce(ring, span);
		done += span;
	}
	return done;
}

/* Copies out what there is, at most `bytes`; returns how much that was. */
static inline size_t ring_read(struct ring *ring, void *to, size_t bytes)
{
	size_t done = 0;

	while (done < bytes && ring_used(ring) > 0) {
		uint8_t *at;
		size_t span = ring_read_span(ring, &at);

		span = min(span, bytes - done);
		memcpy((uint8_t *)to + done, at, span);
		ring_consume(ring, span);
		done += span;
	}
	return done;
}

#endif
