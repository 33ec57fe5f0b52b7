#ifndef ABI_EPOLL_H
#define ABI_EPOLL_H
/*
 * epoll(7) and eventfd(2): commands, flags, the event (Linux, linux/eventpoll.h, linux/eventfd.h).
 */
#include <stdint.h>

#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3

/* Event bits are those of poll(2), and how to report: */
#define EPOLLEXCLUSIVE 0x10000000u
#define EPOLLWAKEUP    0x20000000u
#define EPOLLONESHOT   0x40000000u
#define EPOLLET        0x80000000u

struct epoll_event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));
_Static_assert(sizeof(struct epoll_event) == 12, "as Linux has it on x86-64");

#define EFD_SEMAPHORE 1

#endif
