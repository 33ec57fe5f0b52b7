/*
 * fs/dev/partition.h on disks that are made here: both kinds of tables, with blocks of 512 and 4096
 * bytes, whole and damaged.
 *
 * links: stage2/fs/dev/partition.c
 */
#include "abi/errno.h"
#include "fs/dev/partition.h"
#include "host.h"
#include "lib/crc32.h"
#include "mm/slab.h"

#include <stdlib.h>

#define SECTORS 4096
#define MAX     15

void *kmalloc(size_t bytes)
{
	return malloc(bytes);
}
void kfree(void *object)
{
	free(object);
}

static struct {
	struct partition_source source;
	uint8_t bytes[SECTORS * 512];
	uint64_t bad; /* sector that cannot be read */
	unsigned reads;
} disk;

static struct partition found[MAX];

static int disk_read(struct partition_source *source, uint64_t sector, void *buf, size_t bytes)
{
	assert_true(sector + bytes / 512 <= SECTORS && bytes % source->block_bytes == 0);
	disk.reads++;
	if (disk.bad >= sector && disk.bad < sector + bytes / 512)
		return -EIO;
	memcpy(buf, disk.bytes + sector * 512, bytes);
	return 0;
}

static void disk_init(uint32_t block_bytes)
{
	memset(&disk, 0, sizeof(disk));
	disk.bad = UINT64_MAX;
	disk.source = (struct partition_source){
		.read = disk_read, .sectors = SECTORS, .block_bytes = block_bytes
	};
}

static uint8_t *block(uint64_t number)
{
	return disk.bytes + number * disk.source.block_bytes;
}

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, 4);
}
static void put64(uint8_t *at, uint64_t value)
{
	memcpy(at, &value, 8);
}

static void mbr_entry(uint64_t at, unsigned slot, uint8_t type, uint32_t start, uint32_t blocks)
{
	uint8_t *entry = block(at) + 446 + 16 * slot;

	entry[4] = type;
	put32(entry + 8, start);
	put32(entry + 12, blocks);
	block(at)[510] = 0x55;
	block(at)[511] = 0xaa;
}

static int find(void)
{
	return partitions_find(&disk.source, found, MAX);
}

static void expect(unsigned number, uint64_t start, uint64_t sectors)
{
	assert_int_equal(found[number - 1].start, start);
	assert_int_equal(found[number - 1].sectors, sectors);
}

static unsigned count(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MAX; i++)
		n += found[i].sectors > 0;
	return n;
}

static void no_table(void **state)
{
	disk_init(512);
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 0);
	mbr_entry(0, 0, 0x83, 8, 8);
	disk.bytes[511] = 0;
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 0);
	disk.bytes[511] = 0xaa;
	disk.bytes[446] = 0x33; /* code, where a table has 0 or 0x80 */
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 0);
	disk.source.sectors = 0;
	assert_int_equal(find(), 0);
	disk.source.sectors = SECTORS;
	disk.bad = 0;
	assert_int_equal(find(), -EIO);
}

static void primary(void **state)
{
	disk_init(512);
	mbr_entry(0, 0, 0x83, 63, 100);
	mbr_entry(0, 2, 0x82, 2048, 100000); /* reaches over the end */
	mbr_entry(0, 3, 0x83, SECTORS, 1);   /* begins there */
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 2);
	expect(1, 63, 100);
	expect(3, 2048, SECTORS - 2048);
	disk_init(4096);
	mbr_entry(0, 1, 0x83, 10, 20);
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 1);
	expect(2, 80, 160);
}

static void logical(void **state)
{
	disk_init(512);
	mbr_entry(0, 0, 0x83, 8, 8);
	mbr_entry(0, 1, 0x05, 100, 1000);
	mbr_entry(100, 0, 0x83, 2, 30);
	mbr_entry(100, 1, 0x05, 200, 100);
	mbr_entry(100, 2, 0x83, 5000, 3); /* rubbish */
	mbr_entry(300, 0, 0x83, 1, 50);
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 4);
	expect(1, 8, 8);
	expect(2, 100, 2);
	expect(5, 102, 30);
	expect(6, 301, 50);
	disk.bad = 300;
	assert_int_equal(find(), -EIO);
	disk.bad = UINT64_MAX;
	mbr_entry(300, 1, 0x05, 0, 100); /* back to the first */
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 2 + MAX - 4); /* as many as there are numbers */
	mbr_entry(100, 0, 0x83, 2, 0);
	mbr_entry(300, 0, 0x83, 1, 0);
	disk.reads = 0;
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 2);
	assert_true(disk.reads < 200); /* a circle of nothing ends */
}

/* A header and entries; `own` and `other` are where the two headers lie. */
static void gpt_make(uint64_t own, uint64_t other, uint64_t entries, uint32_t entry_count)
{
	uint8_t *header = block(own), *table = block(entries);
	uint64_t blocks = SECTORS * 512 / disk.source.block_bytes;

	mbr_entry(0, 0, 0xee, 1, UINT32_MAX);
	memset(header, 0, 92);
	memcpy(header, "EFI PART", 8);
	put32(header + 8, 0x10000);
	put32(header + 12, 92);
	put64(header + 24, own);
	put64(header + 32, other);
	put64(header + 40, 6);
	put64(header + 48, blocks - 6);
	put64(header + 72, entries);
	put32(header + 80, entry_count);
	put32(header + 84, 128);
	put32(header + 88, crc32(0, table, entry_count * 128));
	put32(header + 16, crc32(0, header, 92));
}

static void gpt_entry(uint64_t entries, unsigned index, uint64_t first, uint64_t last)
{
	uint8_t *entry = block(entries) + 128 * index;

	entry[0] = 1;
	put64(entry + 32, first);
	put64(entry + 40, last);
}

static void gpt_check(uint32_t block_bytes)
{
	uint32_t scale = block_bytes / 512;
	uint64_t end;

	disk_init(block_bytes);
	end = SECTORS / scale;
	for (int copy = 0; copy < 2; copy++) {
		uint64_t entries = copy ? end - 5 : 2;

		gpt_entry(entries, 0, 10, 19);
		gpt_entry(entries, 2, 100, 100);
		gpt_entry(entries, 3, 50, 40);  /* backwards */
		gpt_entry(entries, 4, 50, end); /* over the end */
		gpt_entry(entries, 15, 30, 40); /* no number for it */
		gpt_make(copy ? end - 1 : 1, copy ? 1 : end - 1, entries, 16);
	}
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 2);
	expect(1, 10 * scale, 10 * scale);
	expect(3, 100 * scale, scale);
	/* The first table is damaged: the second counts. */
	block(2)[1]++;
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 2);
	block(1)[0]++;
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 2);
	/* Both are: there is none, nor does the MBR count. */
	block(end - 1)[20]++;
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 0);
}

static void gpt(void **state)
{
	gpt_check(512);
	gpt_check(4096);
}

static void gpt_lies(void **state)
{
	disk_init(512);
	gpt_entry(2, 0, 10, 19);
	gpt_make(1, SECTORS - 1, 2, 4096); /* the entries reach into the last sectors */
	assert_int_equal(find(), 0);
	expect(1, 10, 10);
	gpt_make(1, SECTORS - 1, SECTORS - 1, 4);
	put64(block(1) + 72, SECTORS + 5);
	put32(block(1) + 16, 0);
	put32(block(1) + 16, crc32(0, block(1), 92));
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 0);
	gpt_make(1, SECTORS - 1, 2, 4);
	put32(block(1) + 12, 600); /* larger than the block */
	assert_int_equal(find(), 0);
	assert_int_equal(count(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_table),
		cmocka_unit_test(primary),
		cmocka_unit_test(logical),
		cmocka_unit_test(gpt),
		cmocka_unit_test(gpt_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
