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
#define QUARTER_ROUND(a, b, c, d)                                                                  \
	do {                                                                                       \
		a += b;                                                                            \
		d = rotate_left(d ^ a, 16);                                                        \
		c += d;                                                                            \
		b = rotate_left(b ^ c, 12);                                                        \
		a += b;                                                                            \
		d = rotate_left(d ^ a, 8);                                                         \
		c += d;                                                                            \
		b = rotate_left(b ^ c, 7);                                                         \
	} while (0)

/* Ten times a round on the columns and one on the diagonals. In sixteen variables, most of which
 * are registers then. */
static void rounds(uint32_t x[16])
{
	uint32_t x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3], x4 = x[4], x5 = x[5], x6 = x[6],
		 x7 = x[7], x8 = x[8], x9 = x[9], x10 = x[10], x11 = x[11], x12 = x[12],
		 x13 = x[13], x14 = x[14], x15 = x[15];

	for (int i = 0; i < 10; i++) {
		QUARTER_ROUND(x0, x4, x8, x12);
		QUARTER_ROUND(x1, x5, x9, x13);
		QUARTER_ROUND(x2, x6, x10, x14);
		QUARTER_ROUND(x3, x7, x11, x15);
		QUARTER_ROUND(x0, x5, x10, x15);
		QUARTER_ROUND(x1, x6, x11, x12);
		QUARTER_ROUND(x2, x7, x8, x13);
		QUARTER_ROUND(x3, x4, x9, x14);
	}
	const uint32_t done[16] = { x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14,
		x15 };

	memcpy(x, done, sizeof(done));
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
	rounds(x);
	for (int i = 0; i < 16; i++)
		x[i] += start[i];
	memcpy(block, x, sizeof(x));
}
