#ifndef ABI_UIO_H
#define ABI_UIO_H
/*
 * readv(2) and writev(2): the pieces of memory (linux/uio.h).
 */
#include <stdint.h>

#define UIO_MAXIOV 1024

struct iovec {
	uint64_t iov_base;
	uint64_t iov_len;
};
_Static_assert(sizeof(struct iovec) == 16, "as Linux has it");

#endif
