; Copying and filling memory: memcpy, memmove, memset of lib/string.h, for C and for the compiler.
;
; One main idea: `rep movsq`/`rep stosq` for whole words and `rep movsb`/`rep stosb` for the rest of
; seven bytes at most. Newer CPUs run them as microcode on cache lines; an emulator counts an
; iteration as one instruction, which makes words eight times cheaper than bytes. memmove copies
; backwards with a plain loop: the direction flag is never set anywhere in Cor.
; Kernel memory alone; a program's memory is copied by routines that expect a fault.

bits 64
default rel

; void *memmove(void *to, const void *from, size_t bytes);
; rdi, rsi, rdx; returns rax = to. Clobbers rcx, rdx, rsi, rdi, r8.
section .text.memmove progbits alloc exec nowrite align=16
global memmove:function
memmove:
	mov rax, rdi
	mov rcx, rdi
	sub rcx, rsi
	cmp rcx, rdx           ; to - from, unsigned: below `bytes` if to lies inside from's area
	jae copy_forward       ; a forward copy overwrites nothing that it has yet to read
.words:
	cmp rdx, 8
	jb .bytes
	mov r8, [rsi + rdx - 8]
	mov [rdi + rdx - 8], r8
	sub rdx, 8
	jmp .words
.bytes:
	test rdx, rdx
	jz .done
	mov cl, [rsi + rdx - 1]
	mov [rdi + rdx - 1], cl
	dec rdx
	jmp .bytes
.done:
	ret

; void *memcpy(void *to, const void *from, size_t bytes);
; rdi, rsi, rdx; returns rax = to. Clobbers rcx, rdx, rsi, rdi.
global memcpy:function
memcpy:
	mov rax, rdi
copy_forward:
	mov rcx, rdx
	shr rcx, 3
	rep movsq
	mov ecx, edx
	and ecx, 7
	rep movsb
	ret

; void *memset(void *to, int value, size_t bytes);
; rdi, esi, rdx; returns rax = to. Clobbers rcx, rdx, rsi, rdi, r8.
section .text.memset progbits alloc exec nowrite align=16
global memset:function
memset:
	mov r8, rdi
	movzx eax, sil
	mov rcx, 0x0101010101010101
	imul rax, rcx          ; the byte in all eight places
	mov rcx, rdx
	shr rcx, 3
	rep stosq
	mov ecx, edx
	and ecx, 7
	rep stosb
	mov rax, r8
	ret
