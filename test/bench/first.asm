; A program that prints the time stamp counter of its first instruction as 16 hexadecimal digits.

bits 64
global _start
section .text

_start:	rdtsc
	shl	rdx, 32
	or	rax, rdx
	lea	rsi, [rel text + 15]
.digit:	mov	edx, eax
	and	edx, 15
	cmp	edx, 10
	jb	.put
	add	edx, 'a' - '0' - 10
.put:	add	edx, '0'
	mov	[rsi], dl
	dec	rsi
	shr	rax, 4
	lea	rdx, [rel text]
	cmp	rsi, rdx
	jae	.digit
	mov	eax, 1			; write(1, text, 17)
	mov	edi, eax
	lea	rsi, [rel text]
	mov	edx, 17
	syscall
	mov	eax, 60			; exit(0)
	xor	edi, edi
	syscall

section .data
text:	db "0000000000000000", 10
