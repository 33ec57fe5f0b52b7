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

/* For tables of what a program or a peer chooses: file names, addresses. A multiplication of 128
 * bits a word, folded, with the key in both factors, so that without the key nothing is known of
 * what collides; for who sees hashes it is no secret. A few instructions for a short name. */
static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* At most 8 bytes as one number; no byte beside them is read. */
static inline uint64_t hash_load_short(const unsigned char *at, size_t bytes)
{
	uint32_t low, high;

	if (bytes < 4)
		return bytes ? at[0] | (uint64_t)at[bytes / 2] << 8 | (uint64_t)at[bytes - 1] << 16
		             : 0;
	__builtin_memcpy(&low, at, sizeof(low));
	__builtin_memcpy(&high, at + bytes - sizeof(high), sizeof(high));
	return low | (uint64_t)high << 32;
}

/* seed: of what the data are the continuation, or 0. */
static inline uint64_t hash_bytes(
	const struct hash_key *key, uint64_t seed, const void *data, size_t bytes)
{
	const unsigned char *at = data;
	uint64_t state = seed ^ key->k0, word;

	for (size_t left = bytes; left > 8; left -= 8, at += 8) {
		__builtin_memcpy(&word, at, sizeof(word));
		state = hash_fold(state ^ word, key->k1);
	}
	word = hash_load_short(at, bytes - (size_t)(at - (const unsigned char *)data));
	return hash_fold(state ^ word, key->k1 ^ bytes);
}

#endif
