; The kernel's first instructions: from 32-bit protected mode to kernel_main in 64 bit.
;
; There are two ways in. The loader (boot/loader.asm) jumps to enter_loader with struct boot_info
; in place. A hypervisor that boots by PVH (qemu -kernel) jumps to enter_pvh with a struct of its
; own, which is made into the same boot_info here. From enter_common on there is one way.
;
; This section, .boot, is linked at its physical address: it runs before there is paging, and then
; under the identity map of the first tables. The rest of the kernel is linked at KERNEL_BASE; what
; of it is needed here before paging has a name with _paddr, from the linker script.

%include "memory_map.inc"
%include "boot_offsets.inc"

global enter_loader
global enter_pvh
global __boot_stack_guard
extern kernel_main
extern boot_tables_paddr
extern bss_paddr
extern bss_end_paddr

INFO equ BOOT_INFO_PADDR
%define BOOT_STACK boot_tables_paddr + 5 * PAGE_SIZE + KERNEL_STACK_BYTES

; Control and model-specific registers: SDM 3A 2.5, 2.2.1.
CR0_PE equ 1 << 0
CR0_MP equ 1 << 1
CR0_ET equ 1 << 4
CR0_NE equ 1 << 5
CR0_WP equ 1 << 16
CR0_PG equ 1 << 31
CR4_PAE equ 1 << 5
MSR_EFER equ 0xc0000080
EFER_LME equ 1 << 8
EFER_NXE equ 1 << 11
MSR_FS_BASE equ 0xc0000100
MSR_GS_BASE equ 0xc0000101

; Page table entries: SDM 3A 4.5.
PRESENT_WRITE equ 3
LARGE equ 1 << 7

CODE32 equ 0x08
DATA equ 0x10
CODE64 equ 0x18

section .boot progbits alloc exec nowrite align=16

	bits 32
; State: protected mode, flat segments, interrupts off, boot_info at BOOT_INFO_PADDR.
enter_loader:
	cli
	cld
	jmp enter_common

; State (the "x86/HVM direct boot ABI" of Xen): protected mode, flat segments, paging and
; interrupts off, EBX = struct hvm_start_info, no stack.
enter_pvh:
	cli
	cld
	mov esp, BOOT_STACK
	call pvh_boot_info

; The way to 64 bit. State: protected mode, flat segments, boot_info filled; no stack.
enter_common:
	lgdt [gdt_pointer]
	jmp CODE32:.own_gdt
.own_gdt:
	mov eax, DATA
	mov ds, eax
	mov es, eax
	mov fs, eax
	mov gs, eax
	mov ss, eax
	mov edi, bss_paddr
	mov ecx, bss_end_paddr
	sub ecx, edi
	shr ecx, 2			; both are page aligned
	xor eax, eax
	rep stosd			; the stack is in there: from here on it is one
	mov esp, BOOT_STACK
	call cpu_check
	call tables_make

	mov eax, CR0_PE | CR0_MP | CR0_ET | CR0_NE	; what firmware left, caches off or FPU
	mov cr0, eax					; emulated, is gone
	mov eax, CR4_PAE
	mov cr4, eax
	mov eax, boot_tables_paddr
	mov cr3, eax
	call efer_set
	mov eax, CR0_PG | CR0_WP | CR0_PE | CR0_MP | CR0_ET | CR0_NE
	mov cr0, eax			; long mode, in a segment of 32-bit code
	jmp CODE64:enter_64

; void cpu_check(void)
; Ends here on a CPU on which the kernel cannot run. Changes EAX, EBX, ECX, EDX.
cpu_check:
	call cpu_missing
	mov esi, text_no_long_mode
	jc fail
	mov esi, text_cpu
	test edx, edx
	jnz fail
	ret
%include "cpu.inc"

; void tables_make(void)
; The first 1 GiB, by pages of 2 MiB, at three places: 0 (where this code runs), DIRECT_MAP_BASE and
; KERNEL_BASE. The kernel makes its own, tighter tables later. Changes EAX, ECX, EDI.
tables_make:
	mov edi, boot_tables_paddr
	lea eax, [edi + 1 * PAGE_SIZE + PRESENT_WRITE]
	mov [edi + 0 * 8], eax		; PML4[0]: the lower PDPT
	mov [edi + 256 * 8], eax	; PML4[256]: DIRECT_MAP_BASE, the same
	add eax, PAGE_SIZE
	mov [edi + 511 * 8], eax	; PML4[511]: the upper PDPT
	add eax, PAGE_SIZE
	mov [edi + 1 * PAGE_SIZE + 0 * 8], eax	; lower PDPT[0]: the page directory
	mov [edi + 2 * PAGE_SIZE + 510 * 8], eax ; upper PDPT[510]: KERNEL_BASE, the same
	add edi, 3 * PAGE_SIZE
	mov eax, PRESENT_WRITE | LARGE
	mov ecx, 512
.page:
	mov [edi], eax
	add eax, 2 << 20
	add edi, 8
	loop .page
	ret

; void efer_set(void)
; Long mode, and no-execute where the CPU has it. Changes EAX, EBX, ECX, EDX, ESI.
efer_set:
	mov eax, 0x80000001
	cpuid
	mov esi, EFER_LME
	bt edx, 20			; EDX.NX
	jnc .set
	or esi, EFER_NXE
.set:
	mov ecx, MSR_EFER
	rdmsr
	or eax, esi
	wrmsr
	ret

; void pvh_boot_info(const struct hvm_start_info *start [EBX])
; Makes boot_info from what the hypervisor says. That may lie anywhere below 1 MiB (SeaBIOS puts it
; right at BOOT_INFO_PADDR), so boot_info is put together where the page tables will be, and then
; copied to its place. Ends here if there is no memory map. Changes all but ESP.
%define BUILD boot_tables_paddr
HVM_START_MAGIC equ 0x336ec578		; offsets: Xen, public/arch-x86/hvm/start_info.h
HVM_VERSION equ 4
HVM_MODULES equ 12
HVM_MODULE_LIST equ 16
HVM_CMDLINE equ 24
HVM_RSDP equ 32
HVM_MEMORY_MAP equ 40
HVM_MEMORY_COUNT equ 48
HVM_MEMORY_ENTRY_BYTES equ 24

pvh_boot_info:
	mov edi, BUILD
	mov ecx, BOOT_INFO_BYTES / 4
	xor eax, eax
	rep stosd
	mov esi, text_pvh
	cmp dword [ebx], HVM_START_MAGIC
	jne fail
	cmp dword [ebx + HVM_VERSION], 1 ; version 0 has no memory map
	jb fail
	mov dword [BUILD + BOOT_INFO_MAGIC_AT], BOOT_INFO_MAGIC
	mov dword [BUILD + BOOT_INFO_SOURCE], BOOT_SOURCE_PVH
	mov eax, [ebx + HVM_RSDP]
	mov [BUILD + BOOT_INFO_RSDP], eax
	mov eax, [ebx + HVM_RSDP + 4]
	mov [BUILD + BOOT_INFO_RSDP + 4], eax
	call pvh_module
	call pvh_cmdline

	mov esi, text_pvh
	mov ecx, [ebx + HVM_MEMORY_COUNT]
	test ecx, ecx
	jz fail
	cmp ecx, BOOT_MEM_MAX
	jbe .count
	mov ecx, BOOT_MEM_MAX
.count:
	mov [BUILD + BOOT_INFO_MEM_COUNT], ecx
	mov esi, [ebx + HVM_MEMORY_MAP]
	mov edi, BUILD + BOOT_INFO_MEM
.entry:					; base, bytes, type as in e820; then a reserved dword
	mov edx, ecx
	mov ecx, HVM_MEMORY_ENTRY_BYTES / 4
	rep movsd
	mov dword [edi - BOOT_MEM_BYTES + BOOT_MEM_ATTRIBUTES], BOOT_MEM_ENABLED
	mov ecx, edx
	loop .entry
	mov esi, BUILD
	mov edi, INFO
	mov ecx, BOOT_INFO_BYTES / 4
	rep movsd
	ret

; void pvh_module(const struct hvm_start_info *start [EBX])
; The first module, if there is one, is the root archive. Changes EAX, ECX, ESI, EDI.
pvh_module:
	cmp dword [ebx + HVM_MODULES], 0
	je .done
	mov esi, [ebx + HVM_MODULE_LIST]
	mov edi, BUILD + BOOT_INFO_ARCHIVE ; paddr, size: the order of boot_info's archive fields
	mov ecx, 4
	rep movsd
.done:
	ret

; void pvh_cmdline(const struct hvm_start_info *start [EBX])
; Copies what fits. Changes EAX, ECX, ESI, EDI.
pvh_cmdline:
	mov esi, [ebx + HVM_CMDLINE]
	test esi, esi
	jz .done
	mov edi, BUILD + BOOT_INFO_CMDLINE
	mov ecx, BOOT_CMDLINE_BYTES - 1	; a 0 stays behind it
.copy:
	lodsb
	test al, al
	jz .done
	stosb
	loop .copy
.done:
	ret

; void fail(const char *text [ESI])
; Writes to the first line of the text screen and to COM1, then stops the machine: without a BIOS.
COM1 equ 0x3f8
TEXT_SCREEN equ 0xb8000
fail:
	mov ebx, serial_setup
.setup:
	mov dx, COM1
	add dl, [ebx]
	mov al, [ebx + 1]
	out dx, al
	add ebx, 2
	cmp ebx, serial_setup.end
	jb .setup
	mov edi, TEXT_SCREEN
.next:
	lodsb
	test al, al
	jz .stop
	mov ah, 0x0f			; white on black
	stosw
	mov bl, al
	mov ecx, 65536			; wait for COM1, if there is one
	mov dx, COM1 + 5
.wait:
	in al, dx
	test al, 1 << 5			; transmitter holding register empty
	loopz .wait
	mov al, bl
	mov dx, COM1
	out dx, al
	jmp .next
.stop:
	cli
	hlt				; an NMI wakes it: stop again
	jmp .stop

serial_setup:				; register, value: 115200 baud, 8N1
	db 1, 0,  3, 0x80,  0, 1,  1, 0,  3, 3,  2, 0xc7,  4, 3
.end:

text_no_long_mode	db "Cor: this CPU has no long mode (64 bit)", 13, 10, 0
text_cpu		db "Cor: this CPU lacks features that every 64-bit CPU has", 13, 10, 0
text_pvh		db "Cor: PVH start info without a memory map", 13, 10, 0

	bits 64
; State: 64-bit code, the first page tables, no stack yet, DS = ES = SS = a data segment.
enter_64:
	mov rsp, boot_stack_end		; its upper address
	xor eax, eax
	xor edx, edx
	mov ds, eax			; 64-bit code needs no data segments
	mov es, eax
	mov ss, eax
	mov fs, eax
	mov gs, eax
	mov ecx, MSR_FS_BASE		; loading 0 clears the base on Intel's CPUs, not on AMD's
	wrmsr
	mov ecx, MSR_GS_BASE
	wrmsr
	lldt ax
	rdtsc
	mov [INFO + BOOT_INFO_TSC_LONG_MODE], eax
	mov [INFO + BOOT_INFO_TSC_LONG_MODE + 4], edx
	mov rdi, DIRECT_MAP_BASE + INFO
	xor ebp, ebp			; the end of every stack trace
	push rbp			; no return address: keeps "RSP + 8 is a multiple of 16"
	mov rax, kernel_main
	jmp rax

	align 8
gdt:
	dq 0
	dq 0x00cf9b000000ffff		; CODE32: the accessed bit is set: no write to the table
	dq 0x00cf93000000ffff		; DATA
	dq 0x00af9b000000ffff		; CODE64
gdt_pointer:
	dw $ - gdt - 1
	dd gdt

section .boot_bss nobits alloc write align=4096
	resb 4 * PAGE_SIZE		; boot_tables_paddr: PML4, lower PDPT, upper PDPT, directory
__boot_stack_guard:
	resb PAGE_SIZE			; the kernel's own tables leave it out
	resb KERNEL_STACK_BYTES
boot_stack_end:

section .note.pvh note alloc align=4
	dd 4				; bytes of the name
	dd 8				; bytes of the value
	dd 18				; XEN_ELFNOTE_PHYS32_ENTRY
	db "Xen", 0
	dq enter_pvh
