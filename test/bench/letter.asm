; The least that can boot: a sector that sends one letter to the serial port. What a machine costs
; before any kernel.

bits 16
org 0x7c00

	mov	dx, 0x3f8		; as the BIOS left it; QEMU's needs no more
	mov	al, 'A'
	out	dx, al
	cli
.stop:	hlt
	jmp	.stop

	times 510 - ($ - $$) db 0
	dw 0xaa55
