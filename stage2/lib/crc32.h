#ifndef LIB_CRC32_H
#define LIB_CRC32_H
/*
 * CRC-32 as in Ethernet, gzip and PNG: polynomial 0x04c11db7, reflected, start and end inverted.
 */
#include <stddef.h>
#include <stdint.h>

/* The checksum of `data` behind what `crc` is the checksum of; begin with 0. So
 * crc32(crc32(0, a), b) is that of a and b in one. */
uint32_t crc32(uint32_t crc, const void *data, size_t bytes);

#endif
