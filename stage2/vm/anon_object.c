/*
 * Shared anonymous memory: a pager whose pages begin as zeros and live as long as somebody maps
 * them.
 *
 * Main idea: a page tree by index. The pages are never clean or dirty, for there is nowhere to
 * write them; there is no reclaim of them without swap.
 */
#include "vm/anon_object.h"

#include "abi/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"

static struct slab_cache node_cache = SLAB_CACHE("anon_object_node", struct page_tree_node);

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
	else
		object->present++;
	return err;
}

int anon_object_get_page(struct pager *pager, uint64_t index, bool for_write, struct frame **frame)
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

void anon_object_set_dirty(struct pager *pager, struct frame *frame)
{
}

void anon_object_init(struct anon_object *object, uint64_t npages, const struct pager_ops *ops)
{
	pager_init(&object->pager, ops);
	mutex_init(&object->lock, "anon object", RANK_PAGE_CACHE);
	page_tree_init(&object->pages, &tree_ops);
	object->npages = npages;
	object->present = 0;
}

void anon_object_clear(struct anon_object *object)
{
	uint64_t index = 0;
	struct frame *frame;

	while ((frame = page_tree_next(&object->pages, PAGE_TREE_PRESENT, &index))) {
		page_tree_remove(&object->pages, index);
		frame_put(frame);
	}
}

/* ---- memory of a mapping -------------------------------------------------------------------- */

struct shared_zeros {
	struct anon_object object;
	uint32_t refs; /* [a] */
};

static struct slab_cache zeros_cache = SLAB_CACHE("anon_object", struct shared_zeros);

static struct shared_zeros *zeros_of(struct pager *pager)
{
	return container_of(object_of(pager), struct shared_zeros, object);
}

static void zeros_get(struct pager *pager)
{
	__atomic_fetch_add(&zeros_of(pager)->refs, 1, __ATOMIC_RELAXED);
}

static void zeros_put(struct pager *pager)
{
	struct shared_zeros *zeros = zeros_of(pager);

	if (__atomic_sub_fetch(&zeros->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	anon_object_clear(&zeros->object);
	slab_free(&zeros_cache, zeros);
}

/* As Linux shows it in /proc/PID/maps. */
static void zeros_describe(
	struct pager *pager, uint32_t *rdev, uint64_t *ino, char *path, size_t size)
{
	*rdev = 0;
	*ino = 0;
	strlcpy(path, "/dev/zero (deleted)", size);
}

static const struct pager_ops zeros_ops = {
	.get_page = anon_object_get_page,
	.set_dirty = anon_object_set_dirty,
	.get = zeros_get,
	.put = zeros_put,
	.describe = zeros_describe,
};

int anon_object_create(uint64_t npages, struct pager **pager)
{
	struct shared_zeros *zeros = slab_zalloc(&zeros_cache);

	if (!zeros)
		return -ENOMEM;
	anon_object_init(&zeros->object, npages, &zeros_ops);
	zeros->refs = 1;
	*pager = &zeros->object.pager;
	return 0;
}
