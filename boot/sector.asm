; The boot sector: the first 512 bytes of the disk, which the BIOS reads to 0x7c00.
;
; It reads the image header and the loader, which lie behind it on the disk, in one go to the
; memory behind it, and jumps to the loader. It changes nothing else. Whatever goes wrong is said
; on the screen and on COM1, and then the machine stops.
;
; State at entry, as far as BIOSes agree: real mode, DL = drive, CS:IP = 0x7c00 (some use
; 07c0:0000). State at the jump to the loader: CS = DS = ES = SS = 0, SP = 0x7c00, interrupts
; on, DL = drive, EDI:ESI = time stamp of the first instructions here (noise without RDTSC).

%include "memory_map.inc"
%include "loader.inc"

	bits 16
%ifidn __?OUTPUT_FORMAT?__, bin
	org BOOT_SECTOR_PADDR		; as ELF, for the debugger, the linker places it
%endif

COM1 equ 0x3f8
TRIES equ 3
drive equ BOOT_SECTOR_PADDR	; two bytes of variables, over the jump that has been executed
status equ BOOT_SECTOR_PADDR + 1
TEXT_END equ 0
TEXT_STATUS equ 1		; in a message: put the BIOS status byte here, in hex

sector:
	jmp short start			; a jump and a NOP: some BIOSes look for just this
	nop
	times 0x3e - ($ - $$) db 0	; some BIOSes fill in a "BIOS parameter block" of USB sticks

start:
	cli				; no interrupt while there is no stack
	cld				; string instructions go up, whatever the BIOS left
	xor ax, ax
	mov ds, ax			; all segments at 0: addresses are what they look like
	mov es, ax
	mov ss, ax			; (CS: jumps and calls are relative, until the last one)
	mov sp, BOOT_SECTOR_PADDR	; the stack grows down from this code
	mov [drive], dl			; BIOS calls may change DL

; The time stamp. RDTSC faults on a CPU that lacks it; CPUID tells, and EFLAGS.ID tells of CPUID.
	pushfd				; EFLAGS ...
	pop eax
	mov ecx, eax			; ... as it was
	btc eax, 21			; turn ID over
	push eax
	popfd				; (interrupts stay off)
	pushfd
	pop eax				; did it stay turned over?
	xor eax, ecx			; 0 if not: an 80486 or older
	jz .stamp			; no CPUID; the loader will refuse this CPU
	xor eax, eax
	inc ax				; leaf 1: EDX = features
	cpuid
	test dl, 1 << 4			; EDX.TSC
	jz .stamp
	rdtsc				; EDX:EAX
.stamp:
	push edx			; taken off just before the jump to the loader
	push eax
	sti				; BIOS disk code waits for interrupts

; COM1: 115200 baud, 8N1, for the messages. A machine without it loses nothing.
	mov si, serial_setup
.serial:
	lodsw				; AL = register, AH = value
	mov dx, COM1
	add dl, al			; 0x3f8 + register
	mov al, ah
	out dx, al
	cmp si, serial_setup.end
	jb .serial

; Are there the extended reads (Enhanced Disk Drive 3.0, AH = 41h)? A floppy has none.
	mov ah, 0x41
	mov bx, 0x55aa			; a request ...
	mov dl, [drive]
	int 0x13
	mov si, text_extensions
	jc fail
	cmp bx, 0xaa55			; ... and its answer
	jne fail
	shr cx, 1			; bit 0: reads by packet
	jnc fail

; Read header and loader. A drive may fail once and then do (a floppy motor, a waking USB stick).
read:
	mov byte [packet.count], 1 + LOADER_SECTORS ; the BIOS puts the number read here
	mov ah, 0x42			; extended read
	mov dl, [drive]
	mov si, packet
	int 0x13
	jnc loaded
	mov [status], ah		; for the message
	mov ah, 0			; reset the drive
	mov dl, [drive]
	int 0x13
	dec byte [tries]
	jnz read
	mov si, text_disk
	jmp fail

loaded:
	mov si, text_loader
	cmp dword [LOADER_PADDR], LOADER_MAGIC ; is it ours?
	jne fail
	mov dl, [drive]
	pop esi				; the time stamp
	pop edi
	jmp 0:LOADER_PADDR + 4		; behind the magic number; from here on CS = 0

; fail: prints the message at SI behind "Cor: ", then stops the machine. Does not return.
fail:
	push si
	mov si, text_start
	call print
	pop si
	call print
	mov si, text_stop
	call print
.stop:
	cli
	hlt				; an NMI wakes it: stop again
	jmp .stop

; print: prints the message at SI. Changes AX, BX, CX, DX, SI.
print:
	lodsb
	cmp al, TEXT_STATUS
	je .status
	jb .done			; TEXT_END
	call put
	jmp print
.status:
	mov al, [status]
	aam 16				; AH = high digit, AL = low digit
	push ax
	mov al, ah
	call put_digit
	pop ax
	call put_digit
	jmp print
.done:
	ret

; put_digit: prints AL (0 to 15) as a hexadecimal digit. Changes AX, BX, CX, DX.
put_digit:
	cmp al, 10			; the classic: turns 0..15 into '0'..'F'
	sbb al, 0x69
	das
	or al, 0x20			; small letters
					; goes on in put

; put: prints the character AL on the screen and on COM1. Changes AX, BX, CX, DX.
put:
	push ax
	push si				; some BIOSes change it, and BP, when they scroll
	push bp
	mov ah, 0x0e			; teletype output
	mov bx, 7			; page 0, grey
	int 0x10
	pop bp
	pop si
	xor cx, cx			; wait for COM1 at most 65536 times: there may be none
	mov dx, COM1 + 5
.wait:
	in al, dx			; line status
	test al, 1 << 5			; transmitter holding register empty
	loopz .wait
	pop ax
	mov dx, COM1
	out dx, al
	ret

serial_setup:				; register, value
	db 3, 0x80			; divisor latch on
	db 0, 1				; 115200 / 1, low byte
	db 1, 0				; high byte
	db 3, 3				; divisor latch off, 8 bits, no parity, 1 stop bit
	db 2, 0xc7			; FIFOs on and empty
	db 4, 3				; DTR, RTS
.end:

text_start	db 13, 10, "Cor: ", TEXT_END
text_extensions	db "no INT 13h extensions", TEXT_END
text_disk	db "disk error: sector 0x1 status 0x", TEXT_STATUS, TEXT_END
text_loader	db "no loader on the disk", TEXT_END
text_stop	db 13, 10, TEXT_END

tries	db TRIES
	align 4				; some BIOSes want it so
packet:					; "disk address packet" of the extended read
	db 16, 0			; its size
.count	dw 0
	dw IMAGE_HEADER_PADDR, 0	; to offset, segment
	dq 1				; from sector 1 on

	times 0x1b8 - ($ - $$) db 0	; fails to assemble when the code is too long
	dd 0				; disk signature: written by the image builder
	dw 0
	times 4 * 16 db 0		; partition table: written by the image builder
	dw 0xaa55			; without it no BIOS starts this
