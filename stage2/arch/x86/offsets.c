/*
 * Offsets and constants of C for the assembler: tools/gen-offsets compiles this file and takes
 * the numbers from the compiler's output, so that none of them exists twice. Nothing here runs.
 */
#include "abi/image.h"
#include "arch/boot_info.h"
#include "arch/cpu.h"
#include "arch/thread.h"
#include "arch/trap.h"
#include "arch/x86/x86.h"

#define VALUE(name, value)         __asm__ volatile(".ascii \"->" #name " %c0\"" : : "i"(value))
#define OFFSET(name, type, member) VALUE(name, offsetof(struct type, member))

void offsets(void);

void offsets(void)
{
	/* boot/: what the loader and the PVH entry fill in */
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

	/* arch/x86: traps and switches */
	VALUE(FRAME_BYTES, sizeof(struct trap_frame));
	OFFSET(FRAME_RBP, trap_frame, rbp);
	OFFSET(FRAME_R10, trap_frame, r10);
	OFFSET(FRAME_R9, trap_frame, r9);
	OFFSET(FRAME_R8, trap_frame, r8);
	OFFSET(FRAME_RAX, trap_frame, rax);
	OFFSET(FRAME_RDX, trap_frame, rdx);
	OFFSET(FRAME_RSI, trap_frame, rsi);
	OFFSET(FRAME_RDI, trap_frame, rdi);
	OFFSET(FRAME_ERROR, trap_frame, error);
	OFFSET(FRAME_RIP, trap_frame, rip);
	OFFSET(FRAME_CS, trap_frame, cs);
	OFFSET(FRAME_RFLAGS, trap_frame, rflags);
	OFFSET(FRAME_RSP, trap_frame, rsp);
	OFFSET(CPU_USER_RSP, cpu, user_rsp);
	OFFSET(CPU_KERNEL_RSP, cpu, kernel_rsp);
	OFFSET(CPU_CURRENT, cpu, current);
	OFFSET(CPU_NEED_RESCHED, cpu, need_resched);
	OFFSET(ARCH_THREAD_RSP, arch_thread, rsp);
	OFFSET(ARCH_THREAD_WORK, arch_thread, work);
	OFFSET(X86_FEATURES_AVX_PAGES, x86_features, avx_pages);

	/* boot/: the image header */
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
