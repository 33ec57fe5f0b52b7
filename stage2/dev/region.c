/*
 * The owners of I/O ports and device memory: two lists, sorted by address, of claims that never
 * overlap. Memory is mapped through mm/kmap.h when it is claimed. What drivers do with their
 * regions (order, width) is theirs; there is no sub-claiming.
 */
#include "dev/region.h"

#include "abi/errno.h"
#include "core/log.h"
#include "core/spinlock.h"
#include "mm/kmap.h"

static struct {
	struct spinlock lock;
	struct list_head claims[2]; /* [lock] by enum region_kind, ascending */
} regions = {
	.lock = SPINLOCK_INIT("regions", RANK_REFS),
	.claims = { LIST_INIT(regions.claims[0]), LIST_INIT(regions.claims[1]) },
};

/* Enter the region into its list; the claim that is in the way, or NULL. */
static const struct region *region_insert_locked(struct region *region)
{
	struct list_head *list = &regions.claims[region->kind];
	struct list_head *before = list;
	struct region *other;

	spin_assert_held(&regions.lock);
	list_for_each(other, list, link) {
		if (other->base >= region->base + region->bytes) {
			before = &other->link;
			break;
		}
		if (region->base < other->base + other->bytes)
			return other;
	}
	list_add_tail(&region->link, before);
	return NULL;
}

static int region_claim(struct region *region)
{
	const struct region *other;
	const char *other_name = NULL;
	uint64_t flags = spin_lock_irqsave(&regions.lock);

	other = region_insert_locked(region);
	if (other)
		other_name = other->name;
	spin_unlock_irqrestore(&regions.lock, flags);
	if (!other)
		return 0;
	log_warn("%s: %s %lx+%lx refused: %s has it", region->name,
		region->kind == REGION_MMIO ? "memory" : "ports", (unsigned long)region->base,
		(unsigned long)region->bytes, other_name);
	region->bytes = 0;
	return -EBUSY;
}

int region_claim_ports(const char *name, uint16_t base, unsigned count, struct region *region)
{
	assert(count > 0 && base + count <= 0x10000);
	*region =
		(struct region){ .name = name, .kind = REGION_PORTS, .base = base, .bytes = count };
	return region_claim(region);
}

int region_claim_mmio(const char *name, paddr_t base, uint64_t bytes, struct region *region)
{
	volatile void *mapped;
	int err;

	if (bytes == 0 || base + bytes < base)
		return -EINVAL;
	*region =
		(struct region){ .name = name, .kind = REGION_MMIO, .base = base, .bytes = bytes };
	err = region_claim(region);
	if (err)
		return err;
	err = kmap_device(base, bytes, &mapped);
	if (err) {
		region_release(region);
		return err;
	}
	region->mapped = mapped;
	return 0;
}

void region_release(struct region *region)
{
	uint64_t flags;

	if (region->bytes == 0)
		return;
	flags = spin_lock_irqsave(&regions.lock);
	list_del(&region->link);
	spin_unlock_irqrestore(&regions.lock, flags);
	if (region->mapped)
		kunmap_device(region->mapped, region->bytes);
	region->mapped = NULL;
	region->bytes = 0;
}

bool region_info(
	enum region_kind kind, unsigned index, const char **name, uint64_t *base, uint64_t *bytes)
{
	struct region *region;
	bool found = false;
	uint64_t flags = spin_lock_irqsave(&regions.lock);

	list_for_each(region, &regions.claims[kind], link) {
		if (index-- > 0)
			continue;
		*name = region->name;
		*base = region->base;
		*bytes = region->bytes;
		found = true;
		break;
	}
	spin_unlock_irqrestore(&regions.lock, flags);
	return found;
}
