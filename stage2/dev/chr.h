#ifndef DEV_CHR_H
#define DEV_CHR_H
/*
 * Character devices: streams of bytes that fs/dev shows as nodes under /dev. Operations take kernel
 * buffers; who has a program's buffer copies through one of its own.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/poll.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"
#include "sched/wait.h"

/* A device number in Linux's encoding (st_rdev). */
#define CHR_RDEV(major, minor)                                                                     \
	((uint64_t)(((minor)&0xffu) | ((major)&0xfffu) << 8) | (uint64_t)((minor) & ~0xffu) << 12)

#define CHR_MAJOR_TTY   4   /* ttyS0 is 4:64 */
#define CHR_MAJOR_CON   5   /* console is 5:1 */
#define CHR_MAJOR_VPORT 240 /* first of the local range: Linux gives virtio ports a dynamic one */

struct chr_device;

/* All are called from threads, no locks held; all may sleep, interruptibly (-EINTR). */
struct chr_ops {
	/* First open and last close (chr_open counts). open may be NULL. */
	int (*open)(struct chr_device *chr);
	void (*close)(struct chr_device *chr);
	/* At least one byte, or 0: the end (the peer has closed). -EAGAIN if nonblock and nothing
	 * is there, -EIO. */
	ssize_t (*read)(struct chr_device *chr, void *buf, size_t bytes, bool nonblock);
	/* All bytes, or with nonblock as many as fit (-EAGAIN: none). Fewer if interrupted after
	 * the first. -EPIPE: the peer has gone. -EIO. */
	ssize_t (*write)(struct chr_device *chr, const void *buf, size_t bytes, bool nonblock);
	/* POLLIN | POLLOUT | POLLHUP | POLLERR that hold now. Does not sleep. */
	uint32_t (*poll)(struct chr_device *chr);
	/* Wait until all that was written has left the machine. 0, -EINTR, -EPIPE, -EIO. */
	int (*drain)(struct chr_device *chr);
};

struct chr_device {
	char name[16];               /* [I] the node's name, "ttyS0" */
	uint64_t rdev;               /* [I] CHR_RDEV */
	const struct chr_ops *ops;   /* [I] */
	void *driver;                /* [I] the driver's */
	struct wait_queue *readers;  /* [I] woken with POLLIN, POLLHUP */
	struct wait_queue *writers;  /* [I] woken with POLLOUT, POLLHUP, POLLERR */
	struct wait_queue queues[2]; /* what those two point at, if the driver set nothing else */
	unsigned opens;              /* [registry lock] */
	struct list_head link;       /* registry */
};

/* Open and close by the file system: counted; ops->open runs for the first, ops->close for the
 * last. Sleeps. */
__must_check int chr_open(struct chr_device *chr);
void chr_close(struct chr_device *chr);

/* The device by name, by number, or the index-th that was registered; NULL: none. Devices stay. */
struct chr_device *chr_find(const char *name);
struct chr_device *chr_find_rdev(uint64_t rdev);
struct chr_device *chr_at(unsigned index);

/* For drivers: add a device, with name, rdev, ops and driver set; sets up the rest. It must live
 * for ever. Threads only (or boot). */
void chr_register(struct chr_device *chr);

/* Wait until `name` is registered: ports of a console appear when the device has told of them.
 * NULL after timeout_ns. Sleeps. */
struct chr_device *chr_wait(const char *name, uint64_t timeout_ns);

#endif
