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

enum blk_op { BLK_READ, BLK_WRITE, BLK_FLUSH, BLK_DISCARD, BLK_OPS };

struct frame; /* mm/frame.h */

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
	const struct blk_segment *segments; /* none for a flush and a discard */
	unsigned segment_count;
	uint64_t discard_sectors; /* of a discard: how many */
	/* Called once, with status set, in an interrupt or within blk_submit itself, interrupts off
	 * or on, no lock of the device held: must not sleep; may submit further requests. */
	void (*done)(struct blk_req *req);
	void *data; /* the submitter's */
	int status; /* 0, -EIO, -EINVAL, -EROFS, -ENODEV, -EOPNOTSUPP */

	/* The queue's. */
	struct list_head link;
	struct blk_req *merged; /* the next one of the same device request */
	uint64_t bytes;         /* sum of the segments */
	uint64_t start_ns;      /* when it came */
	bool alone;             /* not to be merged: its group has failed once */
};

/* What has been done, for /proc/diskstats. */
struct blk_stats {
	uint64_t requests, merges, sectors, ns; /* ns: from coming to ending, all summed up */
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
	uint64_t rdev;             /* [I] its number; partition N's is N more */
	unsigned partitions_max;   /* [I] there are so many numbers for them */
	const struct blk_ops *ops; /* [I] */
	const char *driver_name;   /* [I] "virtblk", for /proc/devices */
	void *driver;              /* [I] the driver's */
	uint64_t sectors;          /* [I] size, in units of BLK_SECTOR_BYTES */
	uint32_t block_bytes;      /* [I] the device's own sector: requests are aligned to it */
	uint32_t max_segments; /* [I] of one request of the device; submitters keep to it as well */
	uint32_t max_segment_bytes; /* [I] */
	uint64_t max_bytes;         /* [I] of one request */
	uint64_t discard_max;       /* [I] sectors of one discard; 0: the device knows none */
	bool cached;                /* [I] it has a cache that is to be flushed */
	bool read_only;             /* [I] */
	bool guarded;               /* [a] for its users to keep: nobody may write to all of it */
	bool gone;                  /* [a] failed or unplugged: every request ends with -ENODEV */

	struct spinlock lock;
	struct list_head pending;        /* [lock] struct blk_req.link: not yet started */
	struct blk_stats stats[BLK_OPS]; /* [lock] */
	unsigned in_flight;              /* [lock] requests that have come and not ended */
	uint64_t busy_ns, busy_since_ns; /* [lock] while there were any */
	struct list_head link;           /* registry */
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
/* The contents of these sectors do not matter any more. -EOPNOTSUPP. Sleeps. */
__must_check int blk_discard(struct blk_device *device, uint64_t sector, uint64_t sectors);

/*
 * A batch: whole frames between memory and the device, all requests under way at once. Frames are
 * added in the order of their sectors; neighbours share a request as far as the device takes it.
 */
struct blk_batch {
	struct blk_device *device;
	enum blk_op op;
	struct blk_req *reqs;
	struct blk_segment *segments;
	unsigned req_count, req_max, segment_count, segment_max;
	int status;       /* [a] the first error since blk_batch_begin */
	unsigned pending; /* [a] not yet done */
};

/* Memory for a batch, to be kfreed. NULL: there is none. */
struct blk_batch *blk_batch_create(unsigned req_max, unsigned segment_max);
void blk_batch_begin(struct blk_batch *batch, struct blk_device *device, enum blk_op op);
/* The first `bytes` of the frame, whole sectors, at `sector`. When the batch is full, what is in it
 * is done first: may sleep. */
void blk_batch_add(
	struct blk_batch *batch, uint64_t sector, const struct frame *frame, uint32_t bytes);
/* Do what is left; the first error of all. Sleeps. */
__must_check int blk_batch_end(struct blk_batch *batch);

/* The device by name ("vda"), or the index-th that was registered; NULL: none. Devices stay. */
struct blk_device *blk_find(const char *name);
struct blk_device *blk_at(unsigned index);
/* Its figures as they are now. */
struct blk_figures {
	struct blk_stats stats[BLK_OPS];
	unsigned in_flight;
	uint64_t busy_ns;
};
void blk_figures(struct blk_device *device, struct blk_figures *figures);

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
