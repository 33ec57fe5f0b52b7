; The instructions that touch user memory. Each has an entry in the exception table: where it faults
; and vm cannot bring the page in, execution goes on at the fix-up.
;
; STAC and CLAC (SMAP's gate) are no-ops of three bytes, patched by cpu_init where the CPU has SMAP;
; the last byte says which: 1 opens, 0 closes.

bits 64
default rel

global arch_copy_user, arch_zero_user, arch_copy_user_string, arch_cmpxchg_user32
global arch_fpu_save_user, arch_fpu_load_user
global smap_sites_uaccess

EFAULT equ 14
FXSAVE_BYTES equ 512
HEADER_WORDS equ 8

%macro STAC_SITE 1
%1:	db 0x0f, 0x1f, 0x01
%endmacro
%macro CLAC_SITE 1
%1:	db 0x0f, 0x1f, 0x00
%endmacro

; FIXUP instruction, where to go on
%macro FIXUP 2
[section .ex_table alloc noexec nowrite align=8]
	dq %1, %2
__?SECT?__
%endmacro

section .text

; size_t arch_copy_user(void *dst [rdi], const void *src [rsi], size_t n [rdx])
; Returns the bytes not copied. Words first; where a word faults, the bytes before the bad page are
; still copied one by one.
arch_copy_user:
STAC_SITE .stac
	mov rcx, rdx
	shr rcx, 3
	and edx, 7
.words:	rep movsq
	mov ecx, edx
.bytes:	rep movsb
.done:	mov rax, rcx
CLAC_SITE .clac
	ret
.word_fault:
	lea rcx, [rcx * 8 + rdx]
	jmp .bytes
FIXUP .words, .word_fault
FIXUP .bytes, .done

; size_t arch_zero_user(void *dst [rdi], size_t n [rsi])
; Returns the bytes not zeroed.
arch_zero_user:
STAC_SITE .stac
	xor eax, eax
	mov rcx, rsi
	shr rcx, 3
	and esi, 7
.words:	rep stosq
	mov ecx, esi
.bytes:	rep stosb
.done:	mov rax, rcx
CLAC_SITE .clac
	ret
.word_fault:
	lea rcx, [rcx * 8 + rsi]
	jmp .bytes
FIXUP .words, .word_fault
FIXUP .bytes, .done

; size_t arch_copy_user_string(char *dst [rdi], const char *src [rsi], size_t n [rdx])
; Copies up to a NUL, which is copied too, or n bytes; returns how many, or -EFAULT. Words first:
; the one with the NUL in it, which shows as a borrow out of a byte that was 0, is copied whole.
arch_copy_user_string:
	mov r8, 0x0101010101010101
	mov r9, 0x8080808080808080
	mov r10, rdx
STAC_SITE .stac
	sub rdx, 8
	jb .rest
.word:	mov rax, [rsi]
	mov rcx, rax
	sub rcx, r8
	mov r11, rax
	not r11
	and rcx, r11
	mov [rdi], rax
	and rcx, r9
	jnz .last
	add rsi, 8
	add rdi, 8
	sub rdx, 8
	jae .word
	jmp .rest
.last:	bsf rcx, rcx
	shr ecx, 3
	sub rdx, rcx
	add rdx, 7
	jmp .done
.rest:	add rdx, 8
	jz .done
.byte:	mov al, [rsi]
	mov [rdi], al
	dec rdx
	test al, al
	jz .done
	inc rsi
	inc rdi
	test rdx, rdx
	jnz .byte
.done:	mov rax, r10
	sub rax, rdx
.out:
CLAC_SITE .clac
	ret
.fault:	mov rax, -EFAULT
	jmp .out
FIXUP .word, .fault
FIXUP .byte, .fault

; int arch_cmpxchg_user32(uint32_t *address [rdi], uint32_t expected [esi], uint32_t desired [edx],
;			  uint32_t *old [rcx])
; 0 or -EFAULT; *old is what was there.
arch_cmpxchg_user32:
STAC_SITE .stac
	mov eax, esi
.exchange:
	lock cmpxchg [rdi], edx
	mov [rcx], eax
	xor eax, eax
.done:
CLAC_SITE .clac
	ret
.fault:	mov eax, -EFAULT
	jmp .done
FIXUP .exchange, .fault

; int arch_fpu_save_user(void *area [rdi], bool xsave [esi])
; 0 or -EFAULT. Of an XSAVE area's header, XSAVE writes one word: the others are made 0 first.
arch_fpu_save_user:
STAC_SITE .stac
	test esi, esi
	jz .fxsave
	mov r8, rdi
	add rdi, FXSAVE_BYTES
	xor eax, eax
	mov ecx, HEADER_WORDS
.header:
	rep stosq
	mov eax, -1
	mov edx, eax
.xsave:	xsave64 [r8]
	xor eax, eax
.done:
CLAC_SITE .clac
	ret
.fxsave:
	fxsave64 [rdi]
	xor eax, eax
	jmp .done
.fault:	mov eax, -EFAULT
	jmp .done
FIXUP .header, .fault
FIXUP .xsave, .fault
FIXUP .fxsave, .fault

; int arch_fpu_load_user(const void *area [rdi], bool xsave [esi])
; 0 or -EFAULT, also for what the CPU does not take as a state (#GP).
arch_fpu_load_user:
STAC_SITE .stac
	test esi, esi
	jz .fxrstor
	mov eax, -1
	mov edx, eax
.xrstor:
	xrstor64 [rdi]
	xor eax, eax
.done:
CLAC_SITE .clac
	ret
.fxrstor:
	fxrstor64 [rdi]
	xor eax, eax
	jmp .done
.fault:	mov eax, -EFAULT
	jmp .done
FIXUP .xrstor, .fault
FIXUP .fxrstor, .fault

section .rodata
align 8
smap_sites_uaccess:
	dq arch_fpu_save_user.stac, arch_fpu_save_user.clac
	dq arch_fpu_load_user.stac, arch_fpu_load_user.clac
	dq arch_copy_user.stac, arch_copy_user.clac
	dq arch_zero_user.stac, arch_zero_user.clac
	dq arch_copy_user_string.stac, arch_copy_user_string.clac
	dq arch_cmpxchg_user32.stac, arch_cmpxchg_user32.clac, 0
