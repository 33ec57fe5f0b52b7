#ifndef LIB_CHACHA20_H
#define LIB_CHACHA20_H
/*
 * The ChaCha20 block function (RFC 8439, section 2.3). How a generator of random numbers is made of
 * it is core's business.
 */
#include <stdint.h>

#define CHACHA20_KEY_BYTES   32
#define CHACHA20_NONCE_BYTES 12
#define CHACHA20_BLOCK_BYTES 64

/* Makes block number `counter` of the stream that belongs to key and nonce. */
void chacha20_block(const uint8_t key[CHACHA20_KEY_BYTES], uint32_t counter,
	const uint8_t nonce[CHACHA20_NONCE_BYTES], uint8_t block[CHACHA20_BLOCK_BYTES]);

#endif
