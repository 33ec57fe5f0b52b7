/*
 * The disk that the machine was booted from: the one whose sector 1 is an image header with the id
 * that the loader found in its own. BIOS drive numbers mean nothing to our drivers.
 */
#include "abi/errno.h"
#include "abi/image.h"
#include "core/log.h"
#include "dev/blk.h"
#include "fs/root.h"
#include "lib/crc32.h"
#include "lib/string.h"
#include "mm/slab.h"

static bool header_valid(struct image_header *header)
{
	uint32_t crc = header->header_crc32;

	if (memcmp(header->magic, IMAGE_MAGIC, sizeof(header->magic)) != 0)
		return false;
	header->header_crc32 = 0;
	return crc32(0, header, sizeof(*header)) == crc;
}

/* Does this disk have the image? -ENODEV, or an error of the disk. */
static int disk_check(struct blk_device *disk, uint64_t image_id, struct image_header *header)
{
	int err = blk_read(disk, 1, header, sizeof(*header));

	if (err)
		return err;
	return header_valid(header) && header->image_id == image_id ? 0 : -ENODEV;
}

static int archive_place(const struct blk_device *disk, const struct image_header *header,
	uint64_t *offset, uint64_t *bytes)
{
	uint64_t disk_bytes = disk->sectors << BLK_SECTOR_SHIFT;

	*offset = (uint64_t)header->archive_lba * IMAGE_SECTOR;
	*bytes = header->archive_bytes;
	if (*offset > disk_bytes || *bytes > disk_bytes - *offset) {
		log_error("archive: %s ends before it: the image is cut short", disk->name);
		return -EINVAL;
	}
	return 0;
}

int boot_disk_find(uint64_t image_id, struct blk_device **disk, uint64_t *offset, uint64_t *bytes)
{
	struct image_header *header = kmalloc(sizeof(*header));
	int err = -ENODEV;

	if (!header)
		return -ENOMEM;
	for (unsigned i = 0; (*disk = blk_at(i)) != NULL; i++) {
		if ((*disk)->sectors < 2)
			continue;
		err = disk_check(*disk, image_id, header);
		if (!err)
			break;
		if (err != -ENODEV)
			log_warn("%s: the image header cannot be read (error %d)", (*disk)->name,
				err);
	}
	if (*disk)
		err = archive_place(*disk, header, offset, bytes);
	else
		err = -ENODEV;
	kfree(header);
	return err;
}
