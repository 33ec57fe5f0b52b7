#ifndef DEV_BLK_H
#define DEV_BLK_H
/*
 * Block devices. A request goes in with blk_submit, its done function is called when the device has
 * done it; any number may be under way. Requests that lie side by side and are submitted together
 * become one request of the device (blk.c); what the device has no room for waits in the queue.
 *
 * Nothing is said about the order in which requests are done. A flush covers the writes that were
 * done before it was submitted.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/spinlock.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

/* The unit of addresses, whatever the device's own sector size is. */
#define BLK_SECTOR_BYTES 512
#define BLK_SECTOR_SHIFT 9

enum blk_op { BLK_READ, BLK_WRITE, BLK_FLUSH };

/* A piece of memory, contiguous for the device; bytes is a multiple of BLK_SECTOR_BYTES. */
struct blk_segment {
	paddr_t paddr;
	uint32_t bytes;
};

/*
 * One request. The submitter owns the struct and the segments and leaves both alone until done().
 */
struct blk_req {
	struct blk_device *device;
	enum blk_op op;
	uint64_t sector;                    /* first one, in units of BLK_SECTOR_BYTES */
	const struct blk_segment *segments; /* none for a flush */
	unsigned segment_count;
	/* Called once, with status set, in an interrupt or within blk_submit itself, interrupts off
	 * or on, no lock of the device held: must not sleep; may submit further requests. */
	void (*done)(struct blk_req *req);
	void *data; /* the submitter's */
	int status; /* 0, -EIO, -EINVAL, -EROFS, -ENODEV */

	/* The queue's. */
	struct list_head link;
	struct blk_req *merged; /* the next one of the same device request */
	uint64_t bytes;         /* sum of the segments */
	bool alone;             /* not to be merged: its group has failed once */
};

struct blk_ops {
	/* Start `req` and all that is chained to it by `merged`, as one request of `segments`
	 * segments. -EAGAIN: no room now (blk_dispatch is to be called when there is). Other errors
	 * end the request. Called under the queue's lock, interrupts off. */
	int (*start)(struct blk_device *device, struct blk_req *req, unsigned segments);
	/* Tell the device about what was started; after one or more start(). Same lock. */
	void (*kick)(struct blk_device *device);
};

/* The driver fills what is marked [I] and calls blk_register. */
struct blk_device {
	char name[16];             /* [I] "vda" */
	const struct blk_ops *ops; /* [I] */
	void *driver;              /* [I] the driver's */
	uint64_t sectors;          /* [I] size, in units of BLK_SECTOR_BYTES */
	uint32_t block_bytes;      /* [I] the device's own sector: requests are aligned to it */
	uint32_t max_segments; /* [I] of one request of the device; submitters keep to it as well */
	uint32_t max_segment_bytes; /* [I] */
	uint64_t max_bytes;         /* [I] of one request */
	bool read_only;             /* [I] */
	bool gone;                  /* [a] failed or unplugged: every request ends with -ENODEV */

	struct spinlock lock;
	struct list_head pending; /* [lock] struct blk_req.link: not yet started */
	uint64_t started;         /* [lock] requests given to the device */
	uint64_t merges;          /* [lock] requests that went with another one */
	struct list_head link;    /* registry */
};

/* Submit one request. All errors, a bad range included, come through done(). Any context. */
void blk_submit(struct blk_req *req);
/* Submit a list of requests (by link, all for `device`) with one notification; neighbours that are
 * adjacent on the device are merged. The list is empty afterwards. */
void blk_submit_all(struct blk_device *device, struct list_head *reqs);

/* Read or write `bytes` (a multiple of BLK_SECTOR_BYTES) at `sector`; buf lies in the direct map
 * (kmalloc, frames), not on a stack. Sleeps. 0 or a request's status. */
__must_check int blk_read(struct blk_device *device, uint64_t sector, void *buf, size_t bytes);
__must_check int blk_write(
	struct blk_device *device, uint64_t sector, const void *buf, size_t bytes);
/* All that was written is on stable storage. Sleeps. */
__must_check int blk_flush(struct blk_device *device);

/* The device by name ("vda"), or the index-th that was registered; NULL: none. Devices stay. */
struct blk_device *blk_find(const char *name);
struct blk_device *blk_at(unsigned index);

/* ---- for drivers ------------------------------------------------------------------------- */

/* Add a device. It must live for ever. */
void blk_register(struct blk_device *device);
/* A started request (with all that is merged to it) has ended. No lock held; any context. */
void blk_done(struct blk_req *req, int status);
/* Start pending requests: the device has room again. Any context. */
void blk_dispatch(struct blk_device *device);
/* The device is of no more use: end the pending requests. Started ones are the driver's to end. */
void blk_fail(struct blk_device *device);

#endif
