#ifndef ABI_DIRENT_H
#define ABI_DIRENT_H
/*
 * Directory entries as getdents64(2) gives them (linux/dirent.h). d_name is NUL-terminated; the
 * entry is padded to a multiple of 8 bytes.
 */
#include <stdint.h>

#define DT_UNKNOWN 0
#define DT_FIFO    1
#define DT_CHR     2
#define DT_DIR     4
#define DT_BLK     6
#define DT_REG     8
#define DT_LNK     10
#define DT_SOCK    12
/* The type of an entry is bits 12 to 15 of the file's mode. */
#define DT_OF_MODE(mode) ((mode) >> 12 & 15)

struct dirent64 {
	uint64_t d_ino;
	int64_t d_off;
	uint16_t d_reclen;
	uint8_t d_type;
	char d_name[];
};
#define DIRENT64_NAME_OFFSET 19
/* In what getdents(2) gives the name lies where d_type is here, and the type is the last byte. */
#define DIRENT_NAME_OFFSET 18
_Static_assert(__builtin_offsetof(struct dirent64, d_name) == DIRENT64_NAME_OFFSET, "Linux's");

#endif
