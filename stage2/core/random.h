#ifndef CORE_RANDOM_H
#define CORE_RANDOM_H
/*
 * Random numbers: one ChaCha20 generator (RFC 8439) with fast key erasure, seeded from RDRAND, a
 * virtio-rng where there is one, and interrupt timing.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many unknown bits are enough. */
#define RANDOM_READY_BITS 256u

/* Seed from the CPU and the boot's time stamps. */
void random_init(void);
/* Mix bytes in; credit_bits is how much of it is unknown to others. Any context. */
void random_add(const void *data, size_t bytes, unsigned credit_bits);
/* Interrupt handlers pass by here: mixes the time in, cheaply. */
void random_add_event(uint64_t value);
/* As many bits of seed have come in: what getrandom(2) without GRND_INSECURE waits for. */
bool random_ready(void);
/* Fill a buffer. Any context, any length. */
void random_bytes(void *buf, size_t bytes);
uint64_t random_u64(void);

#endif
