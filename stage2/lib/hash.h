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

/* The same step by step, for who has the data word by word: whole words, then what is left (0 to 7
 * bytes, with zeros behind them) and the length of it all. */
struct hash_stream {
	uint64_t state, k1;
};

static inline struct hash_stream hash_begin(const struct hash_key *key, uint64_t seed)
{
	return (struct hash_stream){ seed ^ key->k0, key->k1 };
}

static inline void hash_word(struct hash_stream *stream, uint64_t word)
{
	stream->state = hash_fold(stream->state ^ word, stream->k1);
}

static inline uint64_t hash_end(const struct hash_stream *stream, uint64_t rest, size_t bytes)
{
	return hash_fold(stream->state ^ rest, stream->k1 ^ bytes);
}

/* At most 7 bytes as one number; no byte beside them is read. */
static inline uint64_t hash_load_rest(const unsigned char *at, size_t bytes)
{
	uint64_t rest = 0;

	if (bytes & 4) {
		uint32_t four;

		__builtin_memcpy(&four, at, sizeof(four));
		rest = four;
	}
	if (bytes & 2) {
		uint16_t two;

		__builtin_memcpy(&two, at + (bytes & 4), sizeof(two));
		rest |= (uint64_t)two << 8 * (bytes & 4);
	}
	return bytes & 1 ? rest | (uint64_t)at[bytes - 1] << 8 * (bytes - 1) : rest;
}

/* seed: of what the data are the continuation, or 0. */
static inline uint64_t hash_bytes(
	const struct hash_key *key, uint64_t seed, const void *data, size_t bytes)
{
	struct hash_stream stream = hash_begin(key, seed);
	const unsigned char *at = data;
	size_t left = bytes;

	for (; left >= 8; left -= 8, at += 8) {
		uint64_t word;

		__builtin_memcpy(&word, at, sizeof(word));
		hash_word(&stream, word);
	}
	return hash_end(&stream, hash_load_rest(at, left), bytes);
}

#endif
