; Where an application processor begins: in real mode, at the page that the start-up IPI names
; (AP_TRAMPOLINE_PADDR), with CS = page number << 8. smp.c copies this there and fills in the words
; at its end. 16 -> 64 bit in one step (long mode is enabled together with paging), then the kernel.

%include "memory_map.inc"
%include "offsets.inc"

global trampoline_start, trampoline_end, trampoline_data

CR0_PE_PG	equ 0x80000001
CR4_PAE		equ 1 << 5
MSR_EFER	equ 0xc0000080
CODE64		equ 8

%define AT(label) (AP_TRAMPOLINE_PADDR + (label) - trampoline_start)

section .rodata
align 16
trampoline_start:
bits 16
	cli
	xor ax, ax
	mov ds, ax
	o32 lgdt [AT(.gdt_pointer)]
	mov eax, CR4_PAE
	mov cr4, eax
	mov eax, [AT(trampoline_data.root)]
	mov cr3, eax
	mov ecx, MSR_EFER
	mov eax, [AT(trampoline_data.efer)]
	xor edx, edx
	wrmsr
	mov eax, CR0_PE_PG
	mov cr0, eax
	jmp dword CODE64:AT(.long_mode)

bits 64
.long_mode:
	mov rsp, [abs AT(trampoline_data.stack)]
	mov rdi, [abs AT(trampoline_data.cpu)]
	mov rax, [abs AT(trampoline_data.entry)]
	xor ebp, ebp
	xor esi, esi
	mov ss, esi
	mov ds, esi
	mov es, esi
	call rax
	ud2

align 8
.gdt:	dq 0
	dq 0x00af9b000000ffff		; CODE64
.gdt_pointer:
	dw 15
	dd AT(.gdt)

align 8
trampoline_data:			; struct trampoline_data of smp.c
.root:	dq 0
.efer:	dq 0
.stack:	dq 0
.cpu:	dq 0
.entry:	dq 0
trampoline_end:
