/*
 * The loader's judgement of memory, and its checksum. They are 32-bit assembly, so another program
 * runs them (test/unit/loader32.asm): it gets all cases in one file, and its answers are compared
 * with models that try every page.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/image.h"
#include "arch/boot_info.h"
#include "arch/memory_map.h"
#include "host.h"
#include "lib/crc32.h"

#define CASES        3000
#define SPARE_BYTES  (8u << 20)
#define LAST_PAGE    0xfffff000ull /* nothing reaches into it */
#define KERNEL_BYTES 0x40000u

struct record {
	struct boot_info info;
	struct image_header header;
};

struct answer {
	uint32_t place, enough, crc32;
};

static struct record records[CASES];
static struct answer answers[CASES];

static void run_child(int in, int out)
{
	dup2(in, 0);
	dup2(out, 1);
	execl("build/unit/loader32", "loader32", (char *)NULL);
	_exit(127);
}

/* Runs the loader's code on the first `count` records. */
static void ask(size_t count)
{
	FILE *in = tmpfile(), *out = tmpfile();
	int status;

	assert_non_null(in);
	assert_non_null(out);
	assert_int_equal(fwrite(records, sizeof(records[0]), count, in), count);
	fflush(in);
	rewind(in);
	pid_t child = fork();
	if (child == 0)
		run_child(fileno(in), fileno(out));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	rewind(out);
	assert_int_equal(fread(answers, sizeof(answers[0]), count, out), count);
	fclose(in);
	fclose(out);
}

static void record_add(struct record *record, uint64_t base, uint64_t bytes, uint32_t type)
{
	record->info.mem[record->info.mem_count++] =
		(struct boot_mem){ base, bytes, type, BOOT_MEM_ENABLED };
}

static void record_init(struct record *record, uint32_t archive_bytes)
{
	memset(record, 0, sizeof(*record));
	record->header.kernel_memory = KERNEL_BYTES;
	record->header.archive_bytes = archive_bytes;
}

/* Is [start, end) inside one usable entry, and clear of all that are not usable? */
static bool model_fits(const struct record *record, uint64_t start, uint64_t end)
{
	bool inside = false;

	for (uint32_t i = 0; i < record->info.mem_count; i++) {
		const struct boot_mem *mem = &record->info.mem[i];
		__uint128_t mem_end = (__uint128_t)mem->base + mem->bytes;

		if (!(mem->attributes & BOOT_MEM_ENABLED) || mem->bytes == 0)
			continue;
		if (mem->type == BOOT_MEM_USABLE)
			inside |= mem->base <= start && end <= mem_end;
		else if (mem->base < end && start < mem_end)
			return false;
	}
	return inside;
}

/* The highest place, looked for page by page between two addresses. */
static uint32_t model_place(const struct record *record, uint64_t low, uint64_t high)
{
	uint64_t bytes = record->header.archive_bytes + PAGE_SIZE - 1;

	bytes -= bytes % PAGE_SIZE;
	for (uint64_t start = high - bytes; start >= low && start < high; start -= PAGE_SIZE)
		if (model_fits(record, start, start + bytes))
			return start;
	return 0;
}

static void places_by_page(void **state)
{
	const uint64_t low = KERNEL_PADDR + KERNEL_BYTES, pages = 64;

	(void)state;
	host_random_seed(1);
	for (size_t i = 0; i < CASES; i++) {
		record_init(&records[i], 1 + host_random_below(6 * PAGE_SIZE));
		for (uint64_t n = 1 + host_random_below(9); n > 0; n--) {
			uint64_t base = low - PAGE_SIZE + host_random_below(pages * 8) * 512;
			uint64_t bytes = host_random_below(pages * 4) * 512;
			uint32_t type = 1 + host_random_below(3) % 2;

			record_add(&records[i], base, type == 1 ? bytes : bytes / 8, type);
		}
	}
	ask(CASES);
	for (size_t i = 0; i < CASES; i++)
		assert_int_equal(answers[i].place,
			model_place(&records[i], low, low + 2 * pages * PAGE_SIZE));
}

static void places_at_the_borders(void **state)
{
	size_t n = 0;

	(void)state;
	record_init(&records[n], 1); /* memory up to 4 GiB and beyond */
	record_add(&records[n++], 0, 1ull << 33, BOOT_MEM_USABLE);
	record_init(&records[n], 1); /* only beyond */
	record_add(&records[n++], 1ull << 32, 1ull << 32, BOOT_MEM_USABLE);
	record_init(&records[n], 1); /* an entry that wraps round */
	record_add(&records[n], 0x1000000, UINT64_MAX, BOOT_MEM_USABLE);
	record_add(&records[n++], 0x2000000, UINT64_MAX - 1, BOOT_MEM_RESERVED);
	record_init(&records[n], UINT32_MAX); /* nearly 4 GiB */
	record_add(&records[n++], 0, 1ull << 33, BOOT_MEM_USABLE);
	record_init(&records[n], 0xf0000000); /* all that there is */
	record_add(&records[n++], 0x1000000, 0xf0000000, BOOT_MEM_USABLE);
	record_init(&records[n], 0xf0000001); /* a byte more than that */
	record_add(&records[n++], 0x1000000, 0xf0000000, BOOT_MEM_USABLE);
	record_init(&records[n], 1); /* an entry that is to be ignored */
	record_add(&records[n], 0x1000000, 0x1000000, BOOT_MEM_USABLE);
	record_add(&records[n], 0x1fff000, 0x1000, BOOT_MEM_RESERVED);
	records[n++].info.mem[1].attributes = 0;
	ask(n);
	assert_int_equal(answers[0].place, LAST_PAGE - PAGE_SIZE);
	assert_int_equal(answers[1].place, 0);
	assert_int_equal(answers[2].place, 0x2000000 - PAGE_SIZE);
	assert_int_equal(answers[3].place, 0);
	assert_int_equal(answers[4].place, 0x1000000);
	assert_int_equal(answers[5].place, 0);
	assert_int_equal(answers[6].place, 0x1fff000);
}

#define GRAIN  0x40000u /* of memory_check's cases */
#define NEEDED ((KERNEL_BYTES + SPARE_BYTES) / GRAIN)

/* Every grain usable by some entry's word, and none by another's not. */
static bool model_enough(const struct record *record)
{
	for (uint64_t g = 0; g < NEEDED; g++) {
		bool usable = false;
		uint64_t at = KERNEL_PADDR + g * GRAIN;

		for (uint32_t i = 0; i < record->info.mem_count; i++) {
			const struct boot_mem *mem = &record->info.mem[i];

			if (at < mem->base || at - mem->base >= mem->bytes)
				continue;
			if (mem->type != BOOT_MEM_USABLE)
				return false;
			usable = true;
		}
		if (!usable)
			return false;
	}
	return true;
}

static void enough_memory(void **state)
{
	size_t enough = 0;

	(void)state;
	host_random_seed(2);
	for (size_t i = 0; i < CASES; i++) {
		record_init(&records[i], 0);
		for (uint64_t n = 1 + host_random_below(11); n > 0; n--) {
			uint64_t base = host_random_below(NEEDED + 16);
			uint32_t type = host_random_below(20) ? BOOT_MEM_USABLE : BOOT_MEM_NVS;

			record_add(&records[i], base * GRAIN,
				(1 + host_random_below(NEEDED)) * GRAIN, type);
		}
	}
	ask(CASES);
	for (size_t i = 0; i < CASES; i++) {
		assert_int_equal(answers[i].enough, model_enough(&records[i]));
		enough += answers[i].enough;
	}
	assert_in_range(enough, CASES / 50, CASES - CASES / 50); /* else it shows nothing */
}

static void checksums(void **state)
{
	(void)state;
	host_random_seed(3);
	for (size_t i = 0; i < 200; i++) {
		record_init(&records[i], 0);
		record_add(&records[i], 0, 1, BOOT_MEM_USABLE);
		for (size_t j = 0; j < sizeof(records[i].info.cmdline); j++)
			records[i].info.cmdline[j] = host_random();
		records[i].header.kernel_bytes = i < 20 ? i : host_random_below(700);
	}
	ask(200);
	for (size_t i = 0; i < 200; i++)
		assert_int_equal(
			answers[i].crc32, crc32(0, &records[i], records[i].header.kernel_bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_by_page),
		cmocka_unit_test(places_at_the_borders),
		cmocka_unit_test(enough_memory),
		cmocka_unit_test(checksums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
