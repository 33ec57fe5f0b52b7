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

/* splice(2) */
#define SPLICE_F_MOVE     1u
#define SPLICE_F_NONBLOCK 2u
#define SPLICE_F_MORE     4u
#define SPLICE_F_GIFT     8u
#define SPLICE_F_ALL      15u

/* preadv2(2), pwritev2(2) */
#define RWF_HIPRI  1
#define RWF_DSYNC  2
#define RWF_SYNC   4
#define RWF_NOWAIT 8
#define RWF_APPEND 16

#endif
