/*
 * Partition tables. A GPT counts where the MBR says so and one of its two headers is whole, by its
 * checksums; else the MBR counts. Nothing is believed: what lies outside the disk is cut or left
 * out, a chain of extended partitions ends.
 */
#include "fs/dev/partition.h"

#include "abi/errno.h"
#include "lib/crc32.h"
#include "lib/string.h"
#include "mm/slab.h"

#define SECTOR_BYTES 512
#define BUFFER_BYTES 4096

struct mbr_entry {
	uint8_t status; /* 0x80: active */
	uint8_t first_chs[3];
	uint8_t type;
	uint8_t last_chs[3];
	uint32_t start, blocks;
} __packed;

struct mbr {
	uint8_t code[446];
	struct mbr_entry entries[4];
	uint16_t magic;
} __packed;
_Static_assert(sizeof(struct mbr) == SECTOR_BYTES, "UEFI 2.10, 5.2.1");

#define MBR_MAGIC  0xaa55
#define MBR_ACTIVE 0x80
#define TYPE_GPT   0xee
#define CHAIN_MAX  100 /* extended partitions without a logical one in between */
#define LOGICAL    5   /* the first number */
#define EXTENDED_SECTORS                                                                           \
	2 /* what is shown of an extended partition, so that nobody writes to it                   \
	   */

struct gpt_header {
	uint64_t signature;
	uint32_t revision, bytes, crc, reserved;
	uint64_t own_lba, other_lba, first_usable, last_usable;
	uint8_t disk_guid[16];
	uint64_t entries_lba;
	uint32_t entry_count, entry_bytes, entries_crc;
} __packed;
_Static_assert(sizeof(struct gpt_header) == 92, "UEFI 2.10, 5.3.2");

#define GPT_SIGNATURE   0x5452415020494645ull /* "EFI PART" */
#define GPT_ENTRIES_MAX 4096

struct gpt_entry {
	uint8_t type[16], guid[16];
	uint64_t first, last;
	uint8_t rest[80];
} __packed;
_Static_assert(sizeof(struct gpt_entry) == 128, "UEFI 2.10, 5.3.3");

struct search {
	struct partition_source *source;
	struct partition *found;
	unsigned max;
	uint32_t scale; /* sectors in a block */
	void *buffer;   /* BUFFER_BYTES */
};

/* A block into the buffer. */
static int block_read(struct search *search, uint64_t block)
{
	struct partition_source *source = search->source;
	uint64_t blocks = source->sectors / search->scale;

	if (block >= blocks)
		return -EINVAL;
	return source->read(source, block * search->scale, search->buffer, source->block_bytes);
}

/* Partition `number`, given in blocks; what reaches over the end of the disk is cut. */
static void partition_enter(struct search *search, unsigned number, uint64_t start, uint64_t blocks)
{
	uint64_t sectors = search->source->sectors;

	if (number == 0 || number > search->max || blocks == 0 || start >= sectors / search->scale)
		return;
	start *= search->scale;
	blocks = min(blocks, (sectors - start) / search->scale);
	search->found[number - 1] =
		(struct partition){ .start = start, .sectors = blocks * search->scale };
}

/* ---- MBR ------------------------------------------------------------------------------------ */

static bool is_extended(const struct mbr_entry *entry)
{
	return entry->type == 0x05 || entry->type == 0x0f || entry->type == 0x85;
}

/* The logical partitions of an extended one. */
static int chain_find(struct search *search, uint64_t first, uint64_t first_blocks)
{
	const struct mbr *mbr = search->buffer;
	uint64_t at = first, blocks = first_blocks;
	unsigned number = LOGICAL;

	for (unsigned links = 0; links < CHAIN_MAX && number <= search->max; links++) {
		const struct mbr_entry *next = NULL;
		int err = block_read(search, at);

		if (err)
			return err == -EINVAL ? 0 : err;
		if (mbr->magic != MBR_MAGIC)
			return 0;
		for (unsigned i = 0; i < 4; i++) {
			const struct mbr_entry *entry = &mbr->entries[i];
			uint64_t start = at + entry->start;

			if (entry->blocks == 0)
				continue;
			if (is_extended(entry)) {
				next = next ? next : entry;
				continue;
			}
			/* The third and fourth are often rubbish. */
			if (i >= 2 && (entry->start + (uint64_t)entry->blocks > blocks ||
					      start + entry->blocks > first + first_blocks))
				continue;
			partition_enter(search, number++, start, entry->blocks);
			links = 0;
		}
		if (!next)
			return 0;
		at = first + next->start;
		blocks = next->blocks;
	}
	return 0;
}

static int mbr_find(struct search *search)
{
	struct mbr mbr;

	memcpy(&mbr, search->buffer, sizeof(mbr));
	/* A boot sector without a table has code there. */
	for (unsigned i = 0; i < 4; i++)
		if ((mbr.entries[i].status & ~MBR_ACTIVE) || mbr.entries[i].type == TYPE_GPT)
			return 0;
	for (unsigned i = 0; i < 4; i++) {
		const struct mbr_entry *entry = &mbr.entries[i];
		int err;

		if (entry->blocks == 0)
			continue;
		if (!is_extended(entry)) {
			partition_enter(search, i + 1, entry->start, entry->blocks);
			continue;
		}
		partition_enter(search, i + 1, entry->start,
			min(entry->blocks, max(EXTENDED_SECTORS / search->scale, 1u)));
		err = chain_find(search, entry->start, entry->blocks);
		if (err)
			return err;
	}
	return 0;
}

/* ---- GPT ------------------------------------------------------------------------------------ */

static bool mbr_says_gpt(const struct mbr *mbr)
{
	for (unsigned i = 0; i < 4; i++)
		if (mbr->entries[i].type == TYPE_GPT && mbr->entries[i].start == 1)
			return true;
	return false;
}

/* The header in the buffer, its checksum field cleared. */
static bool header_good(struct search *search, uint64_t block)
{
	struct gpt_header *header = search->buffer;
	uint64_t blocks = search->source->sectors / search->scale;
	uint32_t crc = header->crc;

	if (header->signature != GPT_SIGNATURE || header->bytes < sizeof(*header) ||
		header->bytes > search->source->block_bytes)
		return false;
	header->crc = 0;
	return crc32(0, header, header->bytes) == crc && header->own_lba == block &&
	       header->first_usable < blocks && header->last_usable < blocks &&
	       header->entry_bytes == sizeof(struct gpt_entry) &&
	       header->entry_count <= GPT_ENTRIES_MAX;
}

static bool guid_empty(const uint8_t guid[16])
{
	for (unsigned i = 0; i < 16; i++)
		if (guid[i])
			return false;
	return true;
}

/* Go through the entries block by block, and enter them if that is asked for. *crc: theirs. */
static int entries_read(
	struct search *search, const struct gpt_header *header, bool enter, uint32_t *crc)
{
	uint64_t last = search->source->sectors / search->scale - 1;
	unsigned each = search->source->block_bytes / sizeof(struct gpt_entry);

	*crc = 0;
	for (unsigned i = 0; i < header->entry_count; i += each) {
		const struct gpt_entry *entries = search->buffer;
		unsigned count = min(each, header->entry_count - i);
		int err = block_read(search, header->entries_lba + i / each);

		if (err)
			return err;
		*crc = crc32(*crc, entries, count * sizeof(*entries));
		for (unsigned k = 0; enter && k < count; k++)
			if (!guid_empty(entries[k].type) && entries[k].first <= entries[k].last &&
				entries[k].last <= last)
				partition_enter(search, i + k + 1, entries[k].first,
					entries[k].last - entries[k].first + 1);
	}
	return 0;
}

/* The table whose header lies there; -EINVAL: it is not whole. */
static int gpt_find_at(struct search *search, uint64_t block)
{
	struct gpt_header header;
	uint32_t crc;
	int err = block_read(search, block);

	if (err)
		return err;
	if (!header_good(search, block))
		return -EINVAL;
	memcpy(&header, search->buffer, sizeof(header));
	err = entries_read(search, &header, false, &crc);
	if (!err && crc != header.entries_crc)
		err = -EINVAL;
	return err ? err : entries_read(search, &header, true, &crc);
}

/* ---- both ----------------------------------------------------------------------------------- */

static int table_find(struct search *search)
{
	const struct mbr *mbr = search->buffer;
	uint64_t blocks = search->source->sectors / search->scale;
	int err = block_read(search, 0);

	if (err)
		return err == -EINVAL ? 0 : err;
	if (mbr->magic != MBR_MAGIC)
		return 0;
	if (!mbr_says_gpt(mbr))
		return mbr_find(search);
	err = gpt_find_at(search, 1);
	if (err == -EINVAL)
		err = gpt_find_at(search, blocks - 1);
	return err == -EINVAL ? 0 : err;
}

int partitions_find(struct partition_source *source, struct partition *found, unsigned max)
{
	struct search search = {
		.source = source,
		.found = found,
		.max = max,
		.scale = source->block_bytes / SECTOR_BYTES,
		.buffer = kmalloc(BUFFER_BYTES),
	};
	int err;

	memset(found, 0, max * sizeof(*found));
	if (!search.buffer)
		return -ENOMEM;
	err = table_find(&search);
	kfree(search.buffer);
	return err;
}
