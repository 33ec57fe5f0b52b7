/*
 * What boot/ knows of C's structs, as offsets.c has it for the kernel's assembly. It is the same in
 * every kind of build, and so are the boot sector and the loader.
 */
#include "abi/image.h"
#include "arch/boot_info.h"
#include "lib/asm_values.h"

void boot_offsets(void);

void boot_offsets(void)
{
	/* what the loader and the PVH entry fill in */
	VALUE(BOOT_INFO_MAGIC, BOOT_INFO_MAGIC);
	VALUE(BOOT_INFO_BYTES, sizeof(struct boot_info));
	VALUE(BOOT_MEM_MAX, BOOT_MEM_MAX);
	VALUE(BOOT_MEM_BYTES, sizeof(struct boot_mem));
	VALUE(BOOT_MEM_USABLE, BOOT_MEM_USABLE);
	VALUE(BOOT_MEM_ENABLED, BOOT_MEM_ENABLED);
	VALUE(BOOT_CMDLINE_BYTES, BOOT_CMDLINE_BYTES);
	VALUE(BOOT_SOURCE_DISK, BOOT_SOURCE_DISK);
	VALUE(BOOT_SOURCE_PVH, BOOT_SOURCE_PVH);
	OFFSET(BOOT_INFO_MAGIC_AT, boot_info, magic);
	OFFSET(BOOT_INFO_SOURCE, boot_info, source);
	OFFSET(BOOT_INFO_RSDP, boot_info, rsdp);
	OFFSET(BOOT_INFO_ARCHIVE, boot_info, archive);
	OFFSET(BOOT_INFO_ARCHIVE_BYTES, boot_info, archive_bytes);
	OFFSET(BOOT_INFO_IMAGE_ID, boot_info, image_id);
	OFFSET(BOOT_INFO_TSC_SECTOR, boot_info, tsc_sector);
	OFFSET(BOOT_INFO_TSC_LOADER, boot_info, tsc_loader);
	OFFSET(BOOT_INFO_TSC_LOADED, boot_info, tsc_loaded);
	OFFSET(BOOT_INFO_TSC_LONG_MODE, boot_info, tsc_long_mode);
	OFFSET(BOOT_INFO_DRIVE, boot_info, drive);
	OFFSET(BOOT_INFO_MEM_COUNT, boot_info, mem_count);
	OFFSET(BOOT_INFO_CMDLINE, boot_info, cmdline);
	OFFSET(BOOT_INFO_MEM, boot_info, mem);
	OFFSET(BOOT_MEM_BASE, boot_mem, base);
	OFFSET(BOOT_MEM_LENGTH, boot_mem, bytes);
	OFFSET(BOOT_MEM_TYPE, boot_mem, type);
	OFFSET(BOOT_MEM_ATTRIBUTES, boot_mem, attributes);

	/* the image header */
	VALUE(IMAGE_SECTOR, IMAGE_SECTOR);
	VALUE(IMAGE_LOAD_ARCHIVE, IMAGE_LOAD_ARCHIVE);
	OFFSET(IMAGE_HEADER_CRC32, image_header, header_crc32);
	OFFSET(IMAGE_FLAGS, image_header, flags);
	OFFSET(IMAGE_ID, image_header, image_id);
	OFFSET(IMAGE_KERNEL_LBA, image_header, kernel_lba);
	OFFSET(IMAGE_KERNEL_BYTES, image_header, kernel_bytes);
	OFFSET(IMAGE_KERNEL_CRC32, image_header, kernel_crc32);
	OFFSET(IMAGE_KERNEL_MEMORY, image_header, kernel_memory);
	OFFSET(IMAGE_KERNEL_ENTRY, image_header, kernel_entry);
	OFFSET(IMAGE_ARCHIVE_LBA, image_header, archive_lba);
	OFFSET(IMAGE_ARCHIVE_BYTES, image_header, archive_bytes);
	OFFSET(IMAGE_CMDLINE, image_header, cmdline);
	VALUE(IMAGE_CMDLINE_BYTES, sizeof(((struct image_header *)0)->cmdline));
}
