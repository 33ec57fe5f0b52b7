; Switching between kernel stacks.

%include "offsets.inc"

bits 64
default rel

global switch_stacks, thread_trampoline

section .text

; void switch_stacks(struct arch_thread *prev [rdi], struct arch_thread *next [rsi])
; Saves what the C calling convention lets a function keep, changes stacks, and returns on next's.
; A new thread's stack looks as if it had called this from thread_trampoline:
;
;	rsp ->	r15 = 0, r14 = 0, r13 = arg, r12 = entry, rbx = 0, rbp = 0, thread_trampoline
switch_stacks:
	push rbp
	push rbx
	push r12
	push r13
	push r14
	push r15
	mov [rdi + ARCH_THREAD_RSP], rsp
	mov rsp, [rsi + ARCH_THREAD_RSP]
	pop r15
	pop r14
	pop r13
	pop r12
	pop rbx
	pop rbp
	ret

; First code of a new thread: entry(arg) from r12 and r13; entry never returns.
thread_trampoline:
	xor ebp, ebp
	mov rdi, r13
	call r12
	ud2
