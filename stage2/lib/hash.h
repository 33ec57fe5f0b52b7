#ifndef LIB_HASH_H
#define LIB_HASH_H
/*
 * Hashes for tables in memory. Neither is a checksum (crc32.h) nor a cipher (chacha20.h).
 */
#include <stddef.h>
#include <stdint.h>

/* Spreads a number over 64 bits, one to one (the finaliser of SplitMix64). For numbers that nobody
 * outside chooses. */
static inline uint64_t hash_u64(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

/* A secret made once at boot: who does not know it cannot choose inputs that collide. */
struct hash_key {
	uint64_t k0, k1;
};

/* SipHash-2-4 (Aumasson, Bernstein 2012): for file names, network tuples, whatever a program or a
 * peer chooses. `data` may be NULL where bytes is 0. */
uint64_t hash_bytes(const struct hash_key *key, const void *data, size_t bytes);

#endif
