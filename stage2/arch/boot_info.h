#ifndef ARCH_BOOT_INFO_H
#define ARCH_BOOT_INFO_H
/*
 * What the boot code hands to the kernel: one struct, whichever way the machine was entered.
 * The loader (boot/loader.asm) or the PVH entry (boot/enter.asm) fills it at BOOT_INFO_PADDR;
 * main.c takes it as its argument. All addresses are physical; 0 means "not there".
 */
#include <stddef.h>
#include <stdint.h>

#define BOOT_INFO_MAGIC    0x21524f43 /* "COR!" */
#define BOOT_MEM_MAX       128
#define BOOT_CMDLINE_BYTES 512

/* Types of INT 15h E820h (ACPI 6.4, table 15.4). Anything else counts as reserved. */
enum boot_mem_type {
	BOOT_MEM_USABLE = 1,
	BOOT_MEM_RESERVED = 2,
	BOOT_MEM_ACPI = 3,
	BOOT_MEM_NVS = 4,
	BOOT_MEM_BAD = 5,
};

/* Extended attributes, the last dword of an ACPI 3 entry. Where the BIOS gives only 20 bytes the
 * boot code stores BOOT_MEM_ENABLED. */
#define BOOT_MEM_ENABLED     1u /* clear: the entry is to be ignored */
#define BOOT_MEM_NONVOLATILE 2u

struct boot_mem {
	uint64_t base;
	uint64_t bytes;
	uint32_t type;
	uint32_t attributes;
};
_Static_assert(sizeof(struct boot_mem) == 24, "an ACPI 3 e820 entry is 24 bytes");

enum boot_source { BOOT_SOURCE_DISK = 1, BOOT_SOURCE_PVH = 2 };

struct boot_info {
	uint32_t magic;
	uint32_t source;  /* enum boot_source */
	uint64_t rsdp;    /* ACPI root pointer; the loader leaves 0: the kernel searches */
	uint64_t archive; /* root archive, if it was loaded to memory, page aligned */
	uint64_t archive_bytes;
	uint64_t image_id; /* id of the image booted from: finds its disk again */
	/* Time stamps (RDTSC): first instruction of the boot sector, of the loader; everything
	 * read and checked; long mode entered. PVH fills the last alone. */
	uint64_t tsc_sector;
	uint64_t tsc_loader;
	uint64_t tsc_loaded;
	uint64_t tsc_long_mode;
	uint32_t drive;                    /* BIOS drive number */
	uint32_t mem_count;                /* entries of mem[] that are filled */
	char cmdline[BOOT_CMDLINE_BYTES];  /* NUL-terminated */
	struct boot_mem mem[BOOT_MEM_MAX]; /* as the firmware gave it: raw */
};
_Static_assert(offsetof(struct boot_info, cmdline) == 80, "known to boot/ by generated offsets");

#endif
