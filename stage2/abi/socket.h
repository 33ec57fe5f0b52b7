#ifndef ABI_SOCKET_H
#define ABI_SOCKET_H
/*
 * socket(2) and its relatives: families, types, flags, options, addresses, messages
 * (linux/socket.h, asm-generic/socket.h, linux/un.h).
 */
#include <stddef.h>
#include <stdint.h>

#include "abi/fcntl.h"

#define AF_UNSPEC 0
#define AF_UNIX   1
#define AF_MAX    46

#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_RAW       3
#define SOCK_SEQPACKET 5
#define SOCK_MAX       11
#define SOCK_TYPE_MASK 0xfu
#define SOCK_CLOEXEC   O_CLOEXEC
#define SOCK_NONBLOCK  O_NONBLOCK

#define SHUT_RD   0
#define SHUT_WR   1
#define SHUT_RDWR 2

#define SOMAXCONN 4096

#define MSG_OOB          0x1u
#define MSG_PEEK         0x2u
#define MSG_CTRUNC       0x8u
#define MSG_TRUNC        0x20u
#define MSG_DONTWAIT     0x40u
#define MSG_WAITALL      0x100u
#define MSG_NOSIGNAL     0x4000u
#define MSG_WAITFORONE   0x10000u
#define MSG_CMSG_CLOEXEC 0x40000000u
#define MSG_CMSG_COMPAT  0x80000000u

#define SOL_SOCKET      1
#define SO_DEBUG        1
#define SO_REUSEADDR    2
#define SO_TYPE         3
#define SO_ERROR        4
#define SO_DONTROUTE    5
#define SO_BROADCAST    6
#define SO_SNDBUF       7
#define SO_RCVBUF       8
#define SO_KEEPALIVE    9
#define SO_OOBINLINE    10
#define SO_LINGER       13
#define SO_REUSEPORT    15
#define SO_PASSCRED     16
#define SO_PEERCRED     17
#define SO_RCVLOWAT     18
#define SO_SNDLOWAT     19
#define SO_RCVTIMEO     20
#define SO_SNDTIMEO     21
#define SO_PEERNAME     28
#define SO_ACCEPTCONN   30
#define SO_SNDBUFFORCE  32
#define SO_RCVBUFFORCE  33
#define SO_PROTOCOL     38
#define SO_DOMAIN       39
#define SO_PEERGROUPS   59
#define SO_RCVTIMEO_NEW 66 /* as the one above, where time_t has 64 bits */
#define SO_SNDTIMEO_NEW 67

#define SCM_RIGHTS      1
#define SCM_CREDENTIALS 2
#define SCM_MAX_FD      253 /* descriptors in one message */

/* The room that an address of any family fits in. */
#define SOCKADDR_BYTES_MAX 128

struct sockaddr_un {
	uint16_t sun_family;
	char sun_path[108];
};
_Static_assert(sizeof(struct sockaddr_un) == 110, "as Linux has it");

struct msghdr {
	uint64_t msg_name;
	int32_t msg_namelen;
	uint32_t pad0;
	uint64_t msg_iov;
	uint64_t msg_iovlen;
	uint64_t msg_control;
	uint64_t msg_controllen;
	uint32_t msg_flags;
	uint32_t pad1;
};
_Static_assert(sizeof(struct msghdr) == 56, "as Linux has it");

struct mmsghdr {
	struct msghdr msg_hdr;
	uint32_t msg_len;
	uint32_t pad;
};
_Static_assert(sizeof(struct mmsghdr) == 64, "as Linux has it");

/* What goes along with a message; the data follow. */
struct cmsghdr {
	uint64_t cmsg_len; /* of header and data */
	int32_t cmsg_level;
	int32_t cmsg_type;
};
_Static_assert(sizeof(struct cmsghdr) == 16, "as Linux has it");

#define CMSG_ALIGN(bytes) (((bytes) + 7) & ~(size_t)7)
#define CMSG_LEN(bytes)   (sizeof(struct cmsghdr) + (bytes))
#define CMSG_SPACE(bytes) (sizeof(struct cmsghdr) + CMSG_ALIGN(bytes))

struct ucred {
	int32_t pid;
	uint32_t uid;
	uint32_t gid;
};

struct linger {
	int32_t l_onoff;
	int32_t l_linger; /* seconds */
};

#endif
