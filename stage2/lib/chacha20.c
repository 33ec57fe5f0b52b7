/*
 * The ChaCha20 block function, as section 2.3 of RFC 8439 writes it. Its time does not depend on
 * key or nonce. Words are little-endian, as the machine has them.
 */
#include "lib/chacha20.h"
#include "lib/string.h"

static inline uint32_t rotate_left(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

/* RFC 8439, 2.1 */
static void quarter_round(uint32_t x[16], int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = rotate_left(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotate_left(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotate_left(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotate_left(x[b] ^ x[c], 7);
}

/* One round on the columns, one on the diagonals. */
static void double_round(uint32_t x[16])
{
	quarter_round(x, 0, 4, 8, 12);
	quarter_round(x, 1, 5, 9, 13);
	quarter_round(x, 2, 6, 10, 14);
	quarter_round(x, 3, 7, 11, 15);
	quarter_round(x, 0, 5, 10, 15);
	quarter_round(x, 1, 6, 11, 12);
	quarter_round(x, 2, 7, 8, 13);
	quarter_round(x, 3, 4, 9, 14);
}

void chacha20_block(const uint8_t key[CHACHA20_KEY_BYTES], uint32_t counter,
	const uint8_t nonce[CHACHA20_NONCE_BYTES], uint8_t block[CHACHA20_BLOCK_BYTES])
{
	/* "expand 32-byte k", key, counter, nonce */
	uint32_t start[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	uint32_t x[16];

	memcpy(&start[4], key, CHACHA20_KEY_BYTES);
	start[12] = counter;
	memcpy(&start[13], nonce, CHACHA20_NONCE_BYTES);
	memcpy(x, start, sizeof(x));
	for (int i = 0; i < 10; i++)
		double_round(x);
	for (int i = 0; i < 16; i++)
		x[i] += start[i];
	memcpy(block, x, sizeof(x));
}
