/*
 * Shared anonymous memory: a pager whose pages begin as zeros and live as long as somebody maps
 * them.
 *
 * Main idea: a page tree by index. The pages are never clean or dirty, for there is nowhere to
 * write them; there is no reclaim of them without swap.
 */
#include "vm/anon_object.h"

#include "abi/errno.h"
#include "lib/page_tree.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "sched/mutex.h"
#include "vm/pager.h"

struct anon_object {
	struct pager pager;
	uint32_t refs;          /* [a] */
	uint64_t npages;        /* [I] */
	struct mutex lock;      /* RANK_PAGE_CACHE */
	struct page_tree pages; /* [lock] struct frame, a reference each */
};

static struct slab_cache object_cache = SLAB_CACHE("anon object", struct anon_object);
static struct slab_cache node_cache = SLAB_CACHE("anon object node", struct page_tree_node);

static struct page_tree_node *node_alloc(void)
{
	return slab_alloc(&node_cache);
}

static void node_free(struct page_tree_node *node)
{
	slab_free(&node_cache, node);
}

static const struct page_tree_ops tree_ops = { .node_alloc = node_alloc, .node_free = node_free };

static struct anon_object *object_of(struct pager *pager)
{
	return container_of(pager, struct anon_object, pager);
}

static int page_create(struct anon_object *object, uint64_t index, struct frame **frame)
{
	int err = frame_alloc_zeroed(FRAME_ANON, frame);

	if (err < 0)
		return err;
	(*frame)->anon.mapped = 0;
	err = page_tree_insert(&object->pages, index, *frame);
	if (err < 0)
		frame_put(*frame);
	return err;
}

static int object_get_page(
	struct pager *pager, uint64_t index, bool for_write, struct frame **frame)
{
	struct anon_object *object = object_of(pager);
	int err = 0;

	if (index >= object->npages)
		return -EFAULT;
	mutex_lock(&object->lock);
	*frame = page_tree_get(&object->pages, index);
	if (!*frame)
		err = page_create(object, index, frame);
	if (err == 0)
		frame_get(*frame);
	mutex_unlock(&object->lock);
	return err;
}

static void object_set_dirty(struct pager *pager, struct frame *frame)
{
}

static void object_get(struct pager *pager)
{
	__atomic_fetch_add(&object_of(pager)->refs, 1, __ATOMIC_RELAXED);
}

static void object_put(struct pager *pager)
{
	struct anon_object *object = object_of(pager);
	uint64_t index = 0;
	struct frame *frame;

	if (__atomic_sub_fetch(&object->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	while ((frame = page_tree_next(&object->pages, PAGE_TREE_PRESENT, &index))) {
		page_tree_remove(&object->pages, index);
		frame_put(frame);
	}
	slab_free(&object_cache, object);
}

/* As Linux shows it in /proc/PID/maps. */
static void object_describe(
	struct pager *pager, uint32_t *rdev, uint64_t *ino, char *path, size_t size)
{
	*rdev = 0;
	*ino = 0;
	strlcpy(path, "/dev/zero (deleted)", size);
}

static const struct pager_ops object_ops = {
	.get_page = object_get_page,
	.set_dirty = object_set_dirty,
	.get = object_get,
	.put = object_put,
	.describe = object_describe,
};

int anon_object_create(uint64_t npages, struct pager **object)
{
	struct anon_object *new;

	if (npages > frame_total())
		return -ENOMEM;
	new = slab_zalloc(&object_cache);
	if (!new)
		return -ENOMEM;
	pager_init(&new->pager, &object_ops);
	mutex_init(&new->lock, "anon object", RANK_PAGE_CACHE);
	page_tree_init(&new->pages, &tree_ops);
	new->refs = 1;
	new->npages = npages;
	*object = &new->pager;
	return 0;
}
