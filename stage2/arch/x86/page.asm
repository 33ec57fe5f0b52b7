; Pages of zeros.
;
; One main idea: an AVX register writes 32 bytes an instruction, four times as many as a step of
; `rep stosq`. The register holds a program's value (fpu.c), which is put back before anybody can
; look: that is why interrupts are off meanwhile. A write to half of an AVX-512 register would clear
; its other half, so where those are in use, and where there is no AVX, it is words. Copying gains
; nothing in this way: an emulator takes longer for it than for `rep movsq`.

%include "offsets.inc"

bits 64
default rel

extern x86_features
global page_zero:function

PAGE_BYTES equ 4096
VECTOR_BYTES equ 32
VECTORS equ 16			; in a round of the loop

section .text

; void page_zero(void *page [rdi])
; Clobbers rax, rcx, rdi.
page_zero:
	cmp byte [x86_features + X86_FEATURES_AVX_PAGES], 0
	je .words
	pushfq
	cli
	sub rsp, VECTOR_BYTES
	vmovups [rsp], ymm0
	vxorps ymm0, ymm0, ymm0
	mov ecx, PAGE_BYTES / (VECTORS * VECTOR_BYTES)
.round:
%assign at 0
%rep VECTORS
	vmovaps [rdi + at], ymm0
%assign at at + VECTOR_BYTES
%endrep
	add rdi, VECTORS * VECTOR_BYTES
	dec ecx
	jnz .round
	vmovups ymm0, [rsp]
	add rsp, VECTOR_BYTES
	popfq
	ret
.words:
	xor eax, eax
	mov ecx, PAGE_BYTES / 8
	rep stosq
	ret
