/*
 * fs/dev/partition.h on any bytes: whatever stands on the disk, the search ends, reads nothing
 * outside, and what it finds lies on the disk. The first byte chooses the size of a block.
 *
 * links: stage2/fs/dev/partition.c
 */
#include "fs/dev/partition.h"
#include "mm/slab.h"

#include <stdlib.h>
#include <string.h>

#define MAX 15

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const uint8_t *disk;
static unsigned reads;

void *kmalloc(size_t bytes)
{
	return malloc(bytes);
}
void kfree(void *object)
{
	free(object);
}

static int disk_read(struct partition_source *source, uint64_t sector, void *buf, size_t bytes)
{
	if (sector * 512 + bytes > source->sectors * 512 || ++reads > 20000)
		abort();
	memcpy(buf, disk + sector * 512, bytes);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct partition_source source = { .read = disk_read };
	struct partition found[MAX];

	if (bytes < 1)
		return 0;
	source.block_bytes = 512u << (data[0] & 3);
	source.sectors = (bytes - 1) / 512;
	disk = data + 1;
	reads = 0;
	if (partitions_find(&source, found, MAX))
		return 0;
	for (unsigned i = 0; i < MAX; i++)
		if (found[i].sectors > source.sectors ||
			found[i].start > source.sectors - found[i].sectors)
			abort();
	return 0;
}
