/*
 * The kernel heap over a frame allocator made here, which can run out: objects never overlap, all
 * memory comes back, and the DEBUG build catches what must not be done to an object.
 *
 * links: stage2/mm/slab.c
 */
#include "host.h"

#include <sys/mman.h>

#include "abi/errno.h"
#include "core/panic.h"
#include "lib/bitmap.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define FRAMES  4096ul
#define OBJECTS 3000

/* ---- frames --------------------------------------------------------------------------------- */

static struct {
	uint64_t used[BITMAP_WORDS(FRAMES)];
	uint64_t count, limit;
} fake;

static size_t find_block(unsigned order)
{
	size_t npages = 1ul << order;
	for (size_t at = 0; at + npages <= FRAMES; at += npages)
		if (bitmap_find_clear_range(fake.used, at + npages, at, npages) == at)
			return at;
	return FRAMES;
}

int frame_alloc(unsigned order, enum frame_owner owner, struct frame **result)
{
	uint64_t npages = 1ul << order;
	size_t at = find_block(order);
	if (at == FRAMES || fake.count + npages > fake.limit)
		return -ENOMEM;
	bitmap_set_range(fake.used, at, npages);
	fake.count += npages;
	struct frame *frame = frame_at(at * PAGE_SIZE);
	memset(frame, 0xee, sizeof(*frame));
	*frame = (struct frame){ .refs = 1, .owner = (uint8_t)owner, .order = (uint8_t)order };
	list_init(&frame->link);
	memset(frame_virt(frame), 0xdd, npages * PAGE_SIZE);
	*result = frame;
	return 0;
}

void frame_free(struct frame *frame)
{
	uint64_t npages = 1ul << frame->order;
	assert_int_equal(frame->refs, 0);
	assert_false(list_is_linked(&frame->link));
	frame->owner = FRAME_FREE;
	bitmap_clear_range(fake.used, frame_paddr(frame) / PAGE_SIZE, npages);
	fake.count -= npages;
}

/* What the slab code says about a broken object. */
void panic(const char *format, ...)
{
	if (!host_assert_expected)
		fail_msg("panic: %s", format);
	host_assert_expected = false;
	longjmp(host_assert_jump, 1);
}

static int setup(void **state)
{
	uint64_t record_bytes = FRAMES * FRAME_RECORD_BYTES;
	mmap((void *)DIRECT_MAP_BASE, FRAMES * PAGE_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	mmap((void *)FRAME_MAP_BASE, record_bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	fake.limit = FRAMES;
	return 0;
}

/* ---- tests ---------------------------------------------------------------------------------- */

struct big {
	char bytes[3000];
};

struct odd {
	char bytes[37];
};

static struct slab_cache big_cache = SLAB_CACHE("big", struct big);
static struct slab_cache odd_cache = SLAB_CACHE("odd", struct odd);
static struct slab_cache aligned_cache = { .name = "aligned", .object_bytes = 832, .align = 64 };

/* An object and the byte that all of it is filled with. */
struct held {
	uint8_t *object;
	size_t bytes;
	uint8_t mark;
};

static void check_mark(const struct held *held)
{
	for (size_t i = 0; i < held->bytes; i++)
		assert_int_equal(held->object[i], held->mark);
}

static struct slab_cache *cache_of(size_t bytes)
{
	if (bytes == sizeof(struct big))
		return &big_cache;
	return bytes == sizeof(struct odd) ? &odd_cache : &aligned_cache;
}

static void fill(struct held *held, bool typed)
{
	static const size_t sizes[] = { sizeof(struct big), sizeof(struct odd), 832 };
	held->bytes = typed ? sizes[host_random_below(3)] : 1 + host_random_below(6000);
	held->object = typed ? slab_alloc(cache_of(held->bytes)) : kmalloc(held->bytes);
	if (!held->object)
		return;
	assert_int_equal((uint64_t)held->object % (typed ? cache_of(held->bytes)->align : 16), 0);
	held->mark = (uint8_t)host_random();
	memset(held->object, held->mark, held->bytes);
}

static void empty(struct held *held, bool typed)
{
	check_mark(held);
	if (typed)
		slab_free(cache_of(held->bytes), held->object);
	else
		kfree(held->object);
	held->object = NULL;
}

static void churn(bool typed, unsigned rounds)
{
	static struct held all[OBJECTS];
	for (unsigned i = 0; i < rounds; i++) {
		struct held *held = &all[host_random_below(OBJECTS)];
		if (held->object)
			empty(held, typed);
		else
			fill(held, typed);
	}
	for (unsigned i = 0; i < OBJECTS; i++)
		if (all[i].object)
			empty(&all[i], typed);
}

static void no_frame_is_left(void)
{
	const char *name;
	uint64_t in_use, object_bytes, frames;
	slab_drain();
	assert_int_equal(fake.count, 0);
	for (unsigned i = 0; slab_info(i, &name, &in_use, &object_bytes, &frames); i++) {
		assert_int_equal(in_use, 0);
		assert_int_equal(frames, 0);
	}
}

static void test_typed(void **state)
{
	host_random_seed(1);
	churn(true, 60000);
	no_frame_is_left();
}

static void test_kmalloc(void **state)
{
	host_random_seed(2);
	churn(false, 60000);
	no_frame_is_left();
}

/* With too little memory some calls fail; those that do not are good, and nothing is lost. */
static void test_out_of_memory(void **state)
{
	host_random_seed(3);
	fake.limit = 200;
	churn(true, 20000);
	churn(false, 20000);
	no_frame_is_left();
	fake.limit = 0;
	assert_null(kmalloc(100));
	assert_null(kmalloc(10000));
	assert_null(slab_zalloc(&big_cache));
	fake.limit = FRAMES;
	no_frame_is_left();
}

static void test_zeroed(void **state)
{
	static const uint8_t zeros[sizeof(struct big)];
	for (unsigned i = 0; i < 20; i++) {
		void *object = slab_zalloc(&big_cache), *other = kzalloc(700);
		assert_memory_equal(object, zeros, sizeof(struct big));
		assert_memory_equal(other, zeros, 700);
		memset(object, 0xff, sizeof(struct big));
		memset(other, 0xff, 700);
		slab_free(&big_cache, object);
		kfree(other);
	}
	kfree(NULL);
	no_frame_is_left();
}

static void test_size_limits(void **state)
{
	assert_null(kmalloc(((size_t)PAGE_SIZE << FRAME_ORDER_MAX) + 1));
	void *most = kmalloc((size_t)PAGE_SIZE << FRAME_ORDER_MAX);
	assert_non_null(most);
	kfree(most);
	expect_kernel_assert(kmalloc(0) == NULL);
	no_frame_is_left();
}

/* ---- what DEBUG catches: each leaves its cache broken, so it is a cache of its own ------- */

static void test_double_free(void **state)
{
	static struct slab_cache cache = SLAB_CACHE("twice", struct odd);
	void *object = slab_alloc(&cache);
	slab_free(&cache, object);
	expect_kernel_assert(slab_free(&cache, object));
}

static void test_overrun(void **state)
{
	static struct slab_cache cache = SLAB_CACHE("overrun", struct odd);
	struct odd *object = slab_alloc(&cache);
	memset(object, 0, cache.stride);
	expect_kernel_assert(slab_free(&cache, object));
}

static void test_write_after_free(void **state)
{
	static struct slab_cache cache = SLAB_CACHE("after", struct odd);
	struct odd *object = slab_alloc(&cache);
	slab_free(&cache, object);
	object->bytes[20]++;
	expect_kernel_assert(slab_alloc(&cache) == NULL);
}

static void test_wrong_cache(void **state)
{
	static struct slab_cache cache = SLAB_CACHE("wrong", struct odd);
	void *object = slab_alloc(&cache);
	expect_kernel_assert(slab_free(&odd_cache, object));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_kmalloc),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_zeroed),
		cmocka_unit_test(test_size_limits),
		cmocka_unit_test(test_double_free),
		cmocka_unit_test(test_overrun),
		cmocka_unit_test(test_write_after_free),
		cmocka_unit_test(test_wrong_cache),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
