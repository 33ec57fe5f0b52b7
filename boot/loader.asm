; The loader: what the boot sector starts. It gets the machine ready, reads the kernel (and, where
; the image asks for it, the root archive) to memory, fills in struct boot_info and jumps to the
; kernel's 32-bit entry, boot/enter.asm.
;
; It is a program in 32-bit protected mode that borrows the BIOS: `bios` in mode.inc goes to real
; mode for one BIOS call and comes back. So no code depends on what a BIOS does to segment limits,
; to flags or to A20, and the memory above 1 MiB is just there. Whatever goes wrong has its own
; message, on the screen and on COM1; then the machine stops.
;
; It builds no page tables and does not know the kernel's virtual addresses: enter.asm does both.

%include "memory_map.inc"
%include "boot_offsets.inc"
%include "loader.inc"

%ifidn __?OUTPUT_FORMAT?__, bin
	org LOADER_PADDR		; as ELF, for the debugger, the linker places it
%endif

; Free memory wanted behind the kernel: enough for the kernel to come up and to say more itself.
MEMORY_SPARE equ 8 << 20

HEADER equ IMAGE_HEADER_PADDR
INFO equ BOOT_INFO_PADDR

	dd LOADER_MAGIC

; State: as boot/sector.asm leaves it: real mode, CS = DS = ES = SS = 0, SP = 0x7c00, DL = drive,
; EDI:ESI = time stamp.
	bits 16
loader:
	cli
	cld
	mov [drive], dl
	mov [tsc_sector], esi
	mov [tsc_sector + 4], edi
	call cpu_check			; ends here on a CPU that will not do
	rdtsc
	mov [tsc_loader], eax
	mov [tsc_loader + 4], edx
	call a20_ensure			; ends here if there is no way
	call to_protected
	bits 32
	call boot_info_clear
	call header_check
	call memory_map_read
	call memory_check
	call kernel_read
	call archive_read
	call long_mode_announce
	call boot_info_fill
	jmp [HEADER + IMAGE_KERNEL_ENTRY]

; void boot_info_clear(void)
; Changes EAX, ECX, EDI.
boot_info_clear:
	mov edi, INFO
	mov ecx, BOOT_INFO_BYTES / 4
	xor eax, eax
	rep stosd
	ret

; void header_check(void)
; Ends here if sector 1 is not an image header, or a damaged one, or one that cannot be.
; Changes all but ESP.
header_check:
	mov esi, text_no_kernel
	cmp dword [HEADER], 'CORI'
	jne fail
	cmp dword [HEADER + 4], 'MAGE'
	jne fail
	cmp dword [HEADER + IMAGE_KERNEL_BYTES], 0
	je fail
	call crc32_init
	xor ebx, ebx
	xchg ebx, [HEADER + IMAGE_HEADER_CRC32]	; the sum is of the header with 0 in this place
	mov esi, HEADER
	mov ecx, IMAGE_SECTOR
	call crc32
	mov esi, text_header
	cmp eax, ebx
	jne fail
	mov eax, [HEADER + IMAGE_KERNEL_MEMORY]
	cmp eax, KERNEL_MAX_BYTES
	ja fail
	cmp eax, [HEADER + IMAGE_KERNEL_BYTES]
	jb fail
	mov eax, [HEADER + IMAGE_KERNEL_ENTRY]
	sub eax, KERNEL_PADDR
	jb fail
	cmp eax, [HEADER + IMAGE_KERNEL_BYTES]
	jae fail
	ret

; void kernel_read(void)
; Reads the kernel to KERNEL_PADDR and compares its checksum. Ends here if it is wrong.
; Changes all but ESP.
kernel_read:
	mov eax, [HEADER + IMAGE_KERNEL_LBA]
	mov ecx, [HEADER + IMAGE_KERNEL_BYTES]
	mov edi, KERNEL_PADDR
	call disk_read
	mov esi, KERNEL_PADDR
	mov ecx, [HEADER + IMAGE_KERNEL_BYTES]
	call crc32
	mov [fail_values], eax
	mov edx, [HEADER + IMAGE_KERNEL_CRC32]
	mov [fail_values + 4], edx
	mov esi, text_kernel_crc
	cmp eax, edx
	jne fail
	ret

; void archive_read(void)
; Where the header asks for it: finds room for the root archive, reads it there, and enters place
; and size in boot_info. Ends here if there is no room. Changes all but ESP.
archive_read:
	test dword [HEADER + IMAGE_FLAGS], IMAGE_LOAD_ARCHIVE
	jz .done
	mov ecx, [HEADER + IMAGE_ARCHIVE_BYTES]
	test ecx, ecx
	jz .done
	mov [fail_values], ecx
	cmp dword [HEADER + IMAGE_ARCHIVE_BYTES + 4], 0
	jne .fail			; 4 GiB or more
	call memory_place
	test eax, eax
	jz .fail
	mov [INFO + BOOT_INFO_ARCHIVE], eax
	mov [INFO + BOOT_INFO_ARCHIVE_BYTES], ecx
	mov edi, eax
	mov eax, [HEADER + IMAGE_ARCHIVE_LBA]
	call disk_read
.done:
	ret
.fail:
	mov esi, text_archive
	jmp fail

; void long_mode_announce(void)
; Tells the BIOS that 64-bit mode will be used: INT 15h EC00h, which AMD's "BIOS and Kernel
; Developer's Guide" (12.21 for family 0Fh) asks for. A BIOS that does not know it fails, no matter.
long_mode_announce:
	mov dword [regs.eax], 0xec00
	mov dword [regs.ebx], 2		; long mode alone
	mov al, 0x15
	jmp bios

; void boot_info_fill(void)
; All but the memory map and the archive, which are there by now. Changes EAX, ECX, EDX, ESI, EDI.
boot_info_fill:
	mov dword [INFO + BOOT_INFO_MAGIC_AT], BOOT_INFO_MAGIC
	mov dword [INFO + BOOT_INFO_SOURCE], BOOT_SOURCE_DISK
	movzx eax, byte [drive]
	mov [INFO + BOOT_INFO_DRIVE], eax
	mov esi, HEADER + IMAGE_ID
	mov edi, INFO + BOOT_INFO_IMAGE_ID
	movsd
	movsd
	mov esi, tsc_sector
	mov edi, INFO + BOOT_INFO_TSC_SECTOR
	movsd
	movsd
	mov esi, tsc_loader
	mov edi, INFO + BOOT_INFO_TSC_LOADER
	movsd
	movsd
	mov esi, HEADER + IMAGE_CMDLINE
	mov edi, INFO + BOOT_INFO_CMDLINE
	mov ecx, IMAGE_CMDLINE_BYTES - 1	; the rest is 0 already
	rep movsb
	rdtsc
	mov [INFO + BOOT_INFO_TSC_LOADED], eax
	mov [INFO + BOOT_INFO_TSC_LOADED + 4], edx
	ret

%include "mode.inc"
%include "disk.inc"
%include "memory.inc"
%include "crc32.inc"
%include "a20.inc"
%include "fail.inc"

	bits 16
; void cpu_check(void)
; Real mode. Ends here on a CPU on which the kernel cannot run. Changes EAX, EBX, ECX, EDX, SI.
cpu_check:
	call cpu_missing
	mov si, text_no_long_mode
	jc fail_real
	mov [fail_values], edx
	mov si, text_cpu
	test edx, edx
	jnz fail_real
	ret
%include "cpu.inc"

text_no_long_mode	db "this CPU has no long mode (64 bit)", TEXT_END
text_cpu		db "this CPU lacks features (CPUID 1 EDX ", TEXT_1, ")", TEXT_END
text_no_kernel		db "no kernel in this image", TEXT_END
text_header		db "the image header is damaged", TEXT_END
text_kernel_crc		db "the kernel is damaged: checksum ", TEXT_1, ", not ", TEXT_2, TEXT_END
text_archive		db "no room in memory for the root archive: "
			db TEXT_DECIMAL, " bytes", TEXT_END

drive		db 0
	align 4
tsc_sector	dq 0
tsc_loader	dq 0

	times LOADER_SECTORS * 512 - ($ - $$) db 0 ; fails to assemble if too long
