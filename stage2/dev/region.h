#ifndef DEV_REGION_H
#define DEV_REGION_H
/*
 * Regions: I/O ports and device memory are owned. A driver claims a range and gets a handle,
 * through which alone it reads and writes. A range that overlaps a claimed one is refused, and that
 * is said in the log with both names.
 *
 * The struct is the driver's own memory, so claims work before there is a heap; its fields are for
 * region.c and the accessors below. Offsets out of the region panic: a driver's bug.
 */
#include <stdbool.h>
#include <stdint.h>

#include "arch/io.h"
#include "lib/assert.h"
#include "lib/compiler.h"
#include "lib/list.h"
#include "lib/types.h"

enum region_kind { REGION_PORTS, REGION_MMIO };

struct region {
	struct list_head link;    /* [regions lock] */
	const char *name;         /* [I] */
	enum region_kind kind;    /* [I] */
	uint64_t base;            /* [I] first port, or physical address */
	uint64_t bytes;           /* [I] 0: not claimed */
	volatile uint8_t *mapped; /* [I] REGION_MMIO */
};

/* Claim `count` ports from `base` on. -EBUSY. Any context; needs nothing but the log. `name` must
 * live as long as the claim. */
__must_check int region_claim_ports(
	const char *name, uint16_t base, unsigned count, struct region *region);
/* Claim and map device memory, uncached. -EBUSY, -ENOMEM, -EINVAL. Not in interrupts. */
__must_check int region_claim_mmio(
	const char *name, paddr_t base, uint64_t bytes, struct region *region);
/* Give it back. A region that was never claimed (bytes 0) is left alone. */
void region_release(struct region *region);

/* The index-th claim by address, for /proc/ioports and /proc/iomem. False past the end. */
bool region_info(
	enum region_kind kind, unsigned index, const char **name, uint64_t *base, uint64_t *bytes);

static inline bool region_holds(const struct region *region, uint64_t at, unsigned bytes)
{
	return region->bytes >= bytes && at <= region->bytes - bytes;
}

#define REGION_ACCESSORS(bits)                                                                     \
	static inline uint##bits##_t region_read##bits(const struct region *region, uint64_t at)   \
	{                                                                                          \
		assert(region_holds(region, at, (bits) / 8));                                      \
		if (region->kind == REGION_MMIO)                                                   \
			return mmio_read##bits(region->mapped + at);                               \
		return io_in##bits((uint16_t)(region->base + at));                                 \
	}                                                                                          \
	static inline void region_write##bits(                                                     \
		const struct region *region, uint64_t at, uint##bits##_t value)                    \
	{                                                                                          \
		assert(region_holds(region, at, (bits) / 8));                                      \
		if (region->kind == REGION_MMIO)                                                   \
			mmio_write##bits(region->mapped + at, value);                              \
		else                                                                               \
			io_out##bits((uint16_t)(region->base + at), value);                        \
	}

/* region_read8(region, offset), region_write8(region, offset, value): one access of that width. */
REGION_ACCESSORS(8)
REGION_ACCESSORS(16)
REGION_ACCESSORS(32)

/* Device memory only: there are no 64-bit ports. */
static inline uint64_t region_read64(const struct region *region, uint64_t at)
{
	assert(region->kind == REGION_MMIO && region_holds(region, at, 8));
	return mmio_read64(region->mapped + at);
}

static inline void region_write64(const struct region *region, uint64_t at, uint64_t value)
{
	assert(region->kind == REGION_MMIO && region_holds(region, at, 8));
	mmio_write64(region->mapped + at, value);
}

#endif
