/*
 * dev/region.h: who may have which range, and what is said to the second who asks.
 *
 * links: stage2/dev/region.c
 */
#include "abi/errno.h"
#include "core/log.h"
#include "dev/region.h"
#include "host.h"
#include "mm/kmap.h"

/* ---- what lower rooms do -------------------------------------------------------------------- */

static char said[256];

void log_at(enum log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said, sizeof(said), format, args);
	va_end(args);
}

static uint8_t device_memory[64];
static int mappings, mapping_error;

int kmap_device(paddr_t paddr, size_t bytes, volatile void **address)
{
	if (mapping_error)
		return mapping_error;
	mappings++;
	*address = device_memory;
	return 0;
}
void kunmap_device(volatile void *address, size_t bytes)
{
	assert_ptr_equal(address, device_memory);
	mappings--;
}

/* ---- tests ---------------------------------------------------------------------------------- */

static bool claimed(uint64_t base, uint64_t bytes)
{
	uint64_t at, size;
	const char *name;

	for (unsigned i = 0; region_info(REGION_PORTS, i, &name, &at, &size); i++)
		if (at == base && size == bytes)
			return true;
	return false;
}

static void a_second_claim_is_refused_and_said(void **state)
{
	struct region first, second;

	assert_int_equal(region_claim_ports("uart", 0x3f8, 8, &first), 0);
	assert_int_equal(region_claim_ports("modem", 0x3f0, 9, &second), -EBUSY);
	assert_non_null(strstr(said, "modem"));
	assert_non_null(strstr(said, "uart"));
	assert_int_equal(region_claim_ports("modem", 0x3ff, 1, &second), -EBUSY);
	assert_int_equal(region_claim_ports("modem", 0x3fa, 2, &second), -EBUSY);
	assert_int_equal(region_claim_ports("modem", 0x300, 0x200, &second), -EBUSY);
	region_release(&second); /* was never claimed: nothing happens */
	assert_int_equal(region_claim_ports("below", 0x3f0, 8, &second), 0);
	region_release(&first);
	assert_int_equal(region_claim_ports("again", 0x3f8, 8, &first), 0);
	region_release(&first);
	region_release(&second);
}

static void claims_are_listed_by_address(void **state)
{
	static const uint16_t bases[] = { 0x70, 0x20, 0xcf8, 0x40 };
	struct region regions[4];
	uint64_t base, bytes, before = 0;
	const char *name;
	unsigned count = 0;

	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(region_claim_ports("x", bases[i], 4, &regions[i]), 0);
	while (region_info(REGION_PORTS, count, &name, &base, &bytes)) {
		assert_true(base >= before);
		before = base + bytes;
		count++;
	}
	assert_int_equal(count, 4);
	for (unsigned i = 0; i < 4; i++)
		region_release(&regions[i]);
	assert_false(region_info(REGION_PORTS, 0, &name, &base, &bytes));
}

/* Against a map of all ports: a claim goes through exactly where every port is free. */
static void random_claims_match_a_map(void **state)
{
	static uint8_t owner[0x10000];
	struct region regions[40] = { 0 };

	host_random_seed(7);
	for (int step = 0; step < 20000; step++) {
		unsigned i = (unsigned)host_random_below(ARRAY_SIZE(regions));
		uint16_t base = (uint16_t)host_random_below(1000);
		unsigned count = 1 + (unsigned)host_random_below(60);
		bool is_free = true;

		if (regions[i].bytes) {
			memset(owner + regions[i].base, 0, regions[i].bytes);
			region_release(&regions[i]);
			continue;
		}
		for (unsigned port = base; port < base + count; port++)
			is_free = is_free && !owner[port];
		assert_int_equal(
			region_claim_ports("x", base, count, &regions[i]), is_free ? 0 : -EBUSY);
		assert_true(!is_free || claimed(base, count));
		if (is_free)
			memset(owner + base, 1, count);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(regions); i++)
		region_release(&regions[i]);
}

static void device_memory_is_mapped_and_bounded(void **state)
{
	struct region region, other;

	assert_int_equal(region_claim_mmio("nic", 0xfe000000, 64, &region), 0);
	assert_int_equal(mappings, 1);
	region_write32(&region, 60, 0x12345678);
	assert_int_equal(region_read16(&region, 62), 0x1234);
	assert_int_equal(device_memory[60], 0x78);
	expect_kernel_assert(region_read32(&region, 61));
	expect_kernel_assert((region_write8(&region, 64, 0), 0));
	expect_kernel_assert(region_read64(&region, UINT64_MAX - 3));
	assert_int_equal(region_claim_mmio("disk", 0xfe00003f, 1, &other), -EBUSY);
	assert_int_equal(region_claim_mmio("disk", 0xfe000040, 0, &other), -EINVAL);
	assert_int_equal(region_claim_mmio("disk", UINT64_MAX, 2, &other), -EINVAL);
	region_release(&region);
	assert_int_equal(mappings, 0);
}

static void a_failed_mapping_leaves_nothing(void **state)
{
	struct region region;

	mapping_error = -ENOMEM;
	assert_int_equal(region_claim_mmio("nic", 0xfe000000, 64, &region), -ENOMEM);
	mapping_error = 0;
	assert_int_equal(region_claim_mmio("nic", 0xfe000000, 64, &region), 0);
	region_release(&region);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_claim_is_refused_and_said),
		cmocka_unit_test(claims_are_listed_by_address),
		cmocka_unit_test(random_claims_match_a_map),
		cmocka_unit_test(device_memory_is_mapped_and_bounded),
		cmocka_unit_test(a_failed_mapping_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
