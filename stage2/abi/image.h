#ifndef ABI_IMAGE_H
#define ABI_IMAGE_H
/*
 * The disk image and the root archive: formats shared by tools/, boot/ and the kernel.
 *
 *   LBA 0                  boot sector with the partition table: one active partition
 *   LBA 1                  struct image_header
 *   LBA 2 ...              the loader, LOADER_SECTORS long
 *   LBA IMAGE_PART_LBA     the partition: the kernel (a flat binary, page aligned),
 *                          then the root archive (page aligned)
 *
 * All numbers are little-endian.
 */
#include <stdint.h>

#define IMAGE_MAGIC        "CORIMAGE"
#define IMAGE_PART_LBA     2048 /* 1 MiB: where partitioning tools expect it */
#define IMAGE_SECTOR       512
#define IMAGE_LOAD_ARCHIVE 1u /* flags: the loader puts the archive into memory */

struct image_header {
	char magic[8];
	uint32_t header_crc32; /* of this struct with this field 0 */
	uint32_t flags;
	uint64_t image_id; /* random: how a booted kernel knows its own disk */
	uint32_t kernel_lba;
	uint32_t kernel_bytes;
	uint32_t kernel_crc32;
	uint32_t kernel_memory; /* bytes from KERNEL_PADDR to the end of bss */
	uint32_t kernel_entry;  /* physical address of the 32-bit entry for the loader */
	uint32_t archive_lba;
	uint64_t archive_bytes;
	char cmdline[456]; /* NUL-terminated */
};
_Static_assert(sizeof(struct image_header) == IMAGE_SECTOR, "one sector");

/*
 * The root archive is a cpio archive in the "newc" format that GNU cpio reads, of one part or of
 * several one behind another. File data of a page or more begins at a multiple of ARCHIVE_ALIGN,
 * so that a page of the file is a page of the archive. Its first member may be an index of all the
 * others, a file called ARCHIVE_INDEX_NAME: header, entries, names. With it the kernel knows every
 * node after one read; without it the kernel walks the cpio headers.
 */
#define ARCHIVE_ALIGN       4096
#define ARCHIVE_INDEX_NAME  ".cor-index"
#define ARCHIVE_INDEX_MAGIC "CORINDEX"

struct archive_index {
	char magic[8];
	uint32_t crc32;         /* of all that follows this struct: entries and names */
	uint32_t count;         /* entries; entry 0 is the root directory */
	uint32_t names_bytes;   /* behind the entries */
	uint32_t reserved;      /* 0 */
	uint64_t archive_bytes; /* the whole archive, this index included */
};
_Static_assert(sizeof(struct archive_index) == 32, "on-disk format");

struct archive_entry {
	uint64_t data_offset; /* of the contents (or a link's target) from the archive's start */
	uint64_t size;        /* bytes */
	int64_t mtime;        /* seconds since 1970 */
	uint32_t parent;      /* number of the directory it is in: smaller than its own; root: 0 */
	uint32_t name_offset; /* of the last component, in the names; not NUL-terminated */
	uint32_t name_bytes;
	uint32_t mode; /* as st_mode */
	uint32_t uid;
	uint32_t gid;
	uint32_t rdev; /* of a device node: major << 8 | minor (both below 256) */
	uint32_t link; /* number of the first entry of the same hard-linked file, or its own */
};
_Static_assert(sizeof(struct archive_entry) == 56, "on-disk format");

#endif
