; Entries to the kernel and ways out of it.
;
; Every way in builds a struct trap_frame (arch/trap.h), at the top of the thread's kernel stack
; when it came from user mode:
;
;	stack_top ->	ss
;			rsp
;			rflags
;			cs
;			rip		<- the CPU pushes down to here, and an error code for some
;			error		   (0 otherwise; a system call's number)
;			vector
;			rdi rsi rdx rcx rax r8 r9 r10 r11 rbx rbp r12 r13 r14
;	frame ->	r15
;
; The frame is 22 words long and stack_top is 16-aligned, so rsp is aligned for C at the call.
;
; GS: user mode has its own base; SWAPGS exchanges it with the CPU record's at the boundary. A trap
; on an IST stack may come before or after that SWAPGS, so it looks at the base itself: a kernel
; address is negative.

%include "offsets.inc"

bits 64
default rel

extern trap_dispatch, trap_user_return
extern syscall_table, syscall_count, syscall_missing, frame_low, frame_keep_reserve
global trap_stubs, syscall_entry, trap_resume, arch_enter_user, smap_sites_trap

VECTOR_DEBUG	equ 1
VECTOR_NMI	equ 2
VECTOR_DOUBLE	equ 8
VECTOR_CHECK	equ 18
VECTOR_SYSCALL	equ 20
MSR_GS_BASE	equ 0xc0000101

USER_DATA	equ 0x2b
USER_CODE	equ 0x33
RFLAGS_TF_RF	equ 0x10100

; A no-op of three bytes that cpu_init turns into CLAC where there is SMAP (x86 cpu.c: patch_smap).
%macro CLAC_SITE 1
%1:	db 0x0f, 0x1f, 0x00
%endmacro

%macro PUSH_REGISTERS 0
	push rdi
	push rsi
	push rdx
	push rcx
	push rax
	push r8
	push r9
	push r10
	push r11
	push rbx
	push rbp
	push r12
	push r13
	push r14
	push r15
%endmacro

; Ends with rsp at the frame's rip.
%macro POP_REGISTERS 0
	pop r15
	pop r14
	pop r13
	pop r12
	pop rbp
	pop rbx
	pop r11
	pop r10
	pop r9
	pop r8
	pop rax
	pop rcx
	pop rdx
	pop rsi
	pop rdi
	add rsp, 16
%endmacro

section .text

; One stub for each vector: complete the CPU's part of the frame, then the common part.
%assign vector 0
%rep 256
stub_%+vector:
  %if vector != 8 && (vector < 10 || vector > 14) && vector != 17 && vector != 21 && \
	vector != 29 && vector != 30
	push 0				; no error code from the CPU: ours
  %endif
	push vector
  %if vector == VECTOR_DEBUG || vector == VECTOR_NMI || vector == VECTOR_DOUBLE || \
	vector == VECTOR_CHECK
	jmp entry_ist
  %else
	jmp entry
  %endif
%assign vector vector + 1
%endrep

; A trap on the thread's kernel stack. Interrupts are off.
entry:
	cld
CLAC_SITE .clac
	PUSH_REGISTERS
	test byte [rsp + FRAME_CS], 3
	jz .in_kernel
	swapgs
	mov rdi, rsp
	xor ebp, ebp			; the end of the frame-pointer chain
	call trap_dispatch
	jmp trap_resume
.in_kernel:
	mov rdi, rsp
	lea rbp, [rsp + FRAME_RBP]	; [rbp] = interrupted rbp: traces go on through a trap
	call trap_dispatch
	POP_REGISTERS
	iretq

; void trap_resume: back to user mode with the frame at rsp. trap_user_return has run; interrupts
; are off. Never returns.
trap_resume:
	swapgs
	POP_REGISTERS
	iretq

; A trap on an IST stack. From user mode it moves to the thread's own stack and is like any other;
; from the kernel it stays here, and puts GS right if the trap came on the wrong side of a SWAPGS.
entry_ist:
	cld
CLAC_SITE .clac
	PUSH_REGISTERS
	test byte [rsp + FRAME_CS], 3
	jnz .from_user
	mov ecx, MSR_GS_BASE
	rdmsr
	xor ebx, ebx
	test edx, edx
	js .gs_is_ours
	swapgs
	inc ebx				; swap back on the way out
.gs_is_ours:
	mov rdi, rsp
	lea rbp, [rsp + FRAME_RBP]
	call trap_dispatch
	test ebx, ebx
	jz .leave
	swapgs
.leave:
	POP_REGISTERS
	iretq
.from_user:
	swapgs
	mov rsi, rsp
	mov rdi, [gs:CPU_KERNEL_RSP]
	sub rdi, FRAME_BYTES
	mov rsp, rdi
	mov ecx, FRAME_BYTES / 8
	rep movsq
	mov rdi, rsp
	xor ebp, ebp
	call trap_dispatch
	jmp trap_resume

; SYSCALL: rcx = user rip, r11 = user rflags; rsp is still the user's. SFMASK has cleared IF, TF,
; DF, AC and NT.
;
; A call's arguments are where a C function has them, but for the fourth; so the handler is called
; as it is. Behind it, where no work waits, only what C may have changed comes back from the frame;
; a handler that changes the frame itself leaves work (ARCH_WORK_FRAME).
syscall_entry:
	swapgs
	mov [gs:CPU_USER_RSP], rsp
	mov rsp, [gs:CPU_KERNEL_RSP]
	push USER_DATA
	push qword [gs:CPU_USER_RSP]
	push r11
	push USER_CODE
	push rcx
	push rax			; the number, where exceptions have their error code
	push VECTOR_SYSCALL
	PUSH_REGISTERS
	sti
	xor ebp, ebp			; the end of the frame-pointer chain
	cmp dword [frame_low], 0
	jne .low
.call:	mov eax, eax
	cmp eax, [syscall_count]
	jae .missing
	mov rax, [abs syscall_table + rax * 8]
	test rax, rax
	jz .missing
	mov rcx, r10			; the fourth argument: SYSCALL itself has used rcx
	call rax
.done:	cli
	cmp dword [gs:CPU_NEED_RESCHED], 0
	jne .work
	mov rcx, [gs:CPU_CURRENT]
	cmp dword [rcx + ARCH_THREAD_WORK], 0
	jne .work
	mov r11, [rsp + FRAME_RFLAGS]
	test r11d, RFLAGS_TF_RF		; these need IRET
	jnz .work
	mov rcx, [rsp + FRAME_RIP]	; below USER_END, so canonical: SYSRET cannot fault
	mov rdi, [rsp + FRAME_RDI]
	mov rsi, [rsp + FRAME_RSI]
	mov rdx, [rsp + FRAME_RDX]
	mov r8, [rsp + FRAME_R8]
	mov r9, [rsp + FRAME_R9]
	mov r10, [rsp + FRAME_R10]
	mov rbp, [rsp + FRAME_RBP]
	mov rsp, [rsp + FRAME_RSP]
	swapgs
	o64 sysret
.work:	mov [rsp + FRAME_RAX], rax
	mov rdi, rsp
	call trap_user_return
	jmp trap_resume
.low:	call frame_keep_reserve
	mov rdi, [rsp + FRAME_RDI]
	mov rsi, [rsp + FRAME_RSI]
	mov rdx, [rsp + FRAME_RDX]
	mov r10, [rsp + FRAME_R10]
	mov r8, [rsp + FRAME_R8]
	mov r9, [rsp + FRAME_R9]
	mov rax, [rsp + FRAME_RAX]
	jmp .call
.missing:
	mov edi, [rsp + FRAME_ERROR]
	call syscall_missing
	jmp .done

; __noreturn void arch_enter_user(struct trap_frame *frame)
arch_enter_user:
	cli
	mov rsp, rdi
	xor ebp, ebp
	call trap_user_return
	jmp trap_resume

section .rodata
align 8
trap_stubs:
%assign vector 0
%rep 256
	dq stub_%+vector
%assign vector vector + 1
%endrep

smap_sites_trap:
	dq entry.clac, entry_ist.clac, 0
