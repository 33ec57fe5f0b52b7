; The least that can boot: a sector that sends one letter to the serial port, and the time stamp
; counter of its first instruction as 16 hexadecimal digits. What a machine costs before any kernel.

bits 16
org 0x7c00

	rdtsc
	cli
	xor	cx, cx
	mov	ds, cx
	mov	ss, cx
	mov	sp, 0x7c00
	mov	[stamp], eax
	mov	[stamp + 4], edx
	mov	al, 'A'
	call	put
	mov	si, stamp + 7		; the highest byte first
.byte:	mov	al, [si]
	shr	al, 4
	call	digit
	mov	al, [si]
	and	al, 15
	call	digit
	dec	si
	cmp	si, stamp
	jae	.byte
	mov	al, 10
	call	put
.stop:	hlt
	jmp	.stop

digit:	add	al, '0'
	cmp	al, '9'
	jbe	put
	add	al, 'a' - '0' - 10
put:	mov	dx, 0x3f8		; as the BIOS left it; QEMU's needs no more
	out	dx, al
	ret

stamp:	times 8 db 0
	times 510 - ($ - $$) db 0
	dw 0xaa55
