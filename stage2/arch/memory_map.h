#ifndef ARCH_MEMORY_MAP_H
#define ARCH_MEMORY_MAP_H
/*
 * The memory map: every fixed address of Cor, once. C includes this file, the linker script goes
 * through the C preprocessor, and the boot code gets it as build/memory_map.inc, where each line
 * "#define NAME value" becomes "%define NAME value". So: one plain number a line, no expressions.
 * docs/memory-map.md has the picture.
 */

/* Physical, below 1 MiB: real-mode territory, never given to the frame allocator. */
#define AP_TRAMPOLINE_PADDR 0x1000 /* one page; its number is the SIPI vector (SDM 3A 9.4.4) */
#define BOOT_INFO_PADDR     0x2000 /* struct boot_info and the raw e820 table inside it */
#define BOOT_SECTOR_PADDR   0x7c00 /* where the BIOS puts sector 0; the loader's stack ends here */
#define IMAGE_HEADER_PADDR  0x7e00 /* sector 1 of the disk: struct image_header */
#define LOADER_PADDR        0x8000 /* sectors 2...: the loader; read together with the header */
#define LOADER_SECTORS      16
#define CRC_TABLES_PADDR    0xa000  /* sixteen tables of 1 KiB, made by the loader */
#define BOUNCE_PADDR        0x10000 /* 64 KiB aligned: no INT 13h read crosses a DMA border */
#define LOW_MEMORY_END      0x100000

/* Physical, above 1 MiB. */
#define KERNEL_PADDR     0x200000 /* first byte of the kernel image */
#define KERNEL_MAX_BYTES 0xc00000 /* image and bss end below 14 MiB: fits a machine of 32 MiB */

/* Virtual: the upper half. PML4 slots 256, 384, 416 and 511. */
#define DIRECT_MAP_BASE  0xffff800000000000 /* all physical memory, at DIRECT_MAP_BASE + paddr */
#define DIRECT_MAP_BYTES 0x400000000000     /* 64 TiB */
#define FRAME_MAP_BASE   0xffffc00000000000 /* struct frame records, indexed by frame number */
#define KMAP_BASE        0xffffd00000000000 /* kernel stacks between guard pages, and MMIO */
#define KMAP_BYTES       0x8000000000       /* one PML4 slot: 512 GiB */
#define KERNEL_BASE      0xffffffff80000000 /* the kernel image, at KERNEL_BASE + paddr */
#define FIXMAP_BASE      0xffffffffc0000000 /* local APIC, I/O APICs, HPET: tables in the image */

/* Virtual: the lower half, as Linux lays it out. */
#define USER_BASE 0x10000        /* nothing is mapped below: vm.mmap_min_addr */
#define USER_END  0x7ffffffff000 /* first address a program cannot use */

#define PAGE_SIZE          4096
#define PAGE_SHIFT         12
#define KERNEL_STACK_BYTES 16384

#endif
