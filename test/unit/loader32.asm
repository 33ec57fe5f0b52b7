; The loader's pure parts as a 32-bit program of the host: boot/memory.inc and boot/crc32.inc, for
; test/unit/loader_test.c. Standard input: records of struct boot_info and struct image_header.
; Standard output, for each: what memory_place says for archive_bytes (which is below 4 GiB); 1 or 0
; for memory_check; the CRC-32 of the first kernel_bytes bytes of the record.

%include "memory_map.inc"
%include "boot_offsets.inc"

MEMORY_SPARE equ 8 << 20		; as in boot/loader.asm
RECORD_BYTES equ BOOT_INFO_BYTES + IMAGE_SECTOR
TEXT_END equ 0
TEXT_DECIMAL equ 3
%define CRC_TABLES_PADDR crc_tables
INFO equ record
HEADER equ record + BOOT_INFO_BYTES

SYS_EXIT equ 1
SYS_READ equ 3
SYS_WRITE equ 4

section .text
	bits 32
global _start
_start:
	call crc32_init
.record:
	call record_read
	mov ecx, [HEADER + IMAGE_ARCHIVE_BYTES]
	call memory_place
	mov [answer], eax

	mov dword [answer + 4], 0
	mov [stack], esp
	call memory_check
	mov dword [answer + 4], 1
checked:
	mov esi, record
	mov ecx, [HEADER + IMAGE_KERNEL_BYTES]
	call crc32
	mov [answer + 8], eax

	mov eax, SYS_WRITE
	mov ebx, 1
	mov ecx, answer
	mov edx, 12
	int 0x80
	jmp _start.record

; The loader's way out: here it means that memory_check refuses.
fail:
	mov esp, [stack]
	jmp checked

; Fills `record`, or ends the program.
record_read:
	mov ecx, record
.more:
	mov edx, record + RECORD_BYTES
	sub edx, ecx
	jz .done
	xor ebx, ebx
	mov eax, SYS_READ
	int 0x80
	test eax, eax
	jle .end
	add ecx, eax
	jmp .more
.done:
	ret
.end:
	mov eax, SYS_EXIT
	xor ebx, ebx
	int 0x80

; The BIOS, which nothing called here needs.
bios:
	ud2

section .data				; the loader is one piece, writable and executable
regs:
.eax	dd 0
.ebx	dd 0
.ecx	dd 0
.edx	dd 0
.edi	dd 0
fail_values	dd 0, 0

section .text
%include "memory.inc"
%include "crc32.inc"

section .bss
	alignb 16
record	resb RECORD_BYTES
crc_tables	resb CRC_TABLES * 1024
answer	resd 3
stack	resd 1
