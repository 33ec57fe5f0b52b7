/*
 * CRC-32 by slices: eight bytes a step through eight tables, about two instructions a byte.
 *
 * slices[k][n] is the CRC of byte n with k zero bytes behind it. The CRC (without its inversions)
 * is linear: an entry is the exclusive or of the entries for the single bits of n. So the eight
 * values slices[k][1 << bit] make each table, and the preprocessor writes it out: the tables are
 * constants, and there is nothing to initialise.
 */
#include "lib/crc32.h"
#include "lib/string.h"

#define CELL(n, b0, b1, b2, b3, b4, b5, b6, b7)                                                    \
	(((n)&1 ? b0 : 0u) ^ ((n)&2 ? b1 : 0u) ^ ((n)&4 ? b2 : 0u) ^ ((n)&8 ? b3 : 0u) ^           \
		((n)&16 ? b4 : 0u) ^ ((n)&32 ? b5 : 0u) ^ ((n)&64 ? b6 : 0u) ^                     \
		((n)&128 ? b7 : 0u))
#define CELLS4(n, ...)                                                                             \
	CELL(n, __VA_ARGS__), CELL((n) + 1, __VA_ARGS__), CELL((n) + 2, __VA_ARGS__),              \
		CELL((n) + 3, __VA_ARGS__)
#define CELLS16(n, ...)                                                                            \
	CELLS4(n, __VA_ARGS__), CELLS4((n) + 4, __VA_ARGS__), CELLS4((n) + 8, __VA_ARGS__),        \
		CELLS4((n) + 12, __VA_ARGS__)
#define CELLS64(n, ...)                                                                            \
	CELLS16(n, __VA_ARGS__), CELLS16((n) + 16, __VA_ARGS__), CELLS16((n) + 32, __VA_ARGS__),   \
		CELLS16((n) + 48, __VA_ARGS__)
#define SLICE(...)                                                                                 \
	{                                                                                          \
		CELLS64(0, __VA_ARGS__), CELLS64(64, __VA_ARGS__), CELLS64(128, __VA_ARGS__),      \
			CELLS64(192, __VA_ARGS__)                                                  \
	}

static const uint32_t slices[8][256] = {
	SLICE(0x77073096u, 0xee0e612cu, 0x076dc419u, 0x0edb8832u, 0x1db71064u, 0x3b6e20c8u,
		0x76dc4190u, 0xedb88320u),
	SLICE(0x191b3141u, 0x32366282u, 0x646cc504u, 0xc8d98a08u, 0x4ac21251u, 0x958424a2u,
		0xf0794f05u, 0x3b83984bu),
	SLICE(0x01c26a37u, 0x0384d46eu, 0x0709a8dcu, 0x0e1351b8u, 0x1c26a370u, 0x384d46e0u,
		0x709a8dc0u, 0xe1351b80u),
	SLICE(0xb8bc6765u, 0xaa09c88bu, 0x8f629757u, 0xc5b428efu, 0x5019579fu, 0xa032af3eu,
		0x9b14583du, 0xed59b63bu),
	SLICE(0x3d6029b0u, 0x7ac05360u, 0xf580a6c0u, 0x30704bc1u, 0x60e09782u, 0xc1c12f04u,
		0x58f35849u, 0xb1e6b092u),
	SLICE(0xcb5cd3a5u, 0x4dc8a10bu, 0x9b914216u, 0xec53826du, 0x03d6029bu, 0x07ac0536u,
		0x0f580a6cu, 0x1eb014d8u),
	SLICE(0xa6770bb4u, 0x979f1129u, 0xf44f2413u, 0x33ef4e67u, 0x67de9cceu, 0xcfbd399cu,
		0x440b7579u, 0x8816eaf2u),
	SLICE(0xccaa009eu, 0x4225077du, 0x844a0efau, 0xd3e51bb5u, 0x7cbb312bu, 0xf9766256u,
		0x299dc2edu, 0x533b85dau),

};

uint32_t crc32(uint32_t crc, const void *data, size_t bytes)
{
	const unsigned char *at = data;

	crc = ~crc;
	for (; bytes >= 8; bytes -= 8, at += 8) {
		uint64_t x;

		__builtin_memcpy(&x, at, sizeof(x));
		x ^= crc;
		crc = slices[7][x & 0xff] ^ slices[6][x >> 8 & 0xff] ^ slices[5][x >> 16 & 0xff] ^
		      slices[4][x >> 24 & 0xff] ^ slices[3][x >> 32 & 0xff] ^
		      slices[2][x >> 40 & 0xff] ^ slices[1][x >> 48 & 0xff] ^ slices[0][x >> 56];
	}
	for (; bytes > 0; bytes--)
		crc = slices[0][(crc ^ *at++) & 0xff] ^ crc >> 8;
	return ~crc;
}
