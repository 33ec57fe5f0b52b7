; start: what init cannot say in C. System V ABI; 64-bit; no libc.

%include "init_numbers.inc"		; SYS_clone, SYS_exit, CLONE_FLAGS

bits 64
section .text

extern init_main
global _start:function
global syscall_raw:function
global spawn:function
global signal_nothing:function
global signal_return:function
global memcpy:function
global memset:function

; noreturn void _start(void)
; At entry, as the kernel leaves it: [rsp] argc, argv..., NULL, envp..., NULL, auxv.
_start:
	xor	ebp, ebp		; the outermost frame
	mov	rdi, rsp		; init_main(stack)
	and	rsp, -16
	call	init_main
	hlt				; it does not return; a fault if it does

; long syscall_raw(long number, long a, long b, long c, long d, long e, long f)
; C:      rdi number, rsi a, rdx b, rcx c, r8 d, r9 e, [rsp+8] f
; kernel: rax number, rdi a, rsi b, rdx c, r10 d, r8 e, r9 f; it clobbers rcx and r11
syscall_raw:
	mov	rax, rdi
	mov	rdi, rsi
	mov	rsi, rdx
	mov	rdx, rcx
	mov	r10, r8
	mov	r8, r9
	mov	r9, [rsp + 8]
	syscall
	ret

; long spawn(void (*run)(void *), void *argument, void *stack_end)
; The child starts with all registers as they are here and rsp = stack_end.
spawn:
	push	r12
	push	r13
	mov	r12, rdi		; run
	mov	r13, rsi		; argument
	mov	rsi, rdx		; stack
	mov	edi, CLONE_FLAGS
	xor	edx, edx		; no parent_tid, child_tid, tls
	xor	r10d, r10d
	xor	r8d, r8d
	mov	eax, SYS_clone
	syscall
	test	rax, rax
	jz	.child
	pop	r13
	pop	r12
	ret
.child:
	xor	ebp, ebp
	and	rsp, -16
	mov	rdi, r13
	call	r12
	mov	edi, 127		; run() does not return; if it does, that is the end
	mov	eax, SYS_exit
	syscall
	hlt

; void signal_nothing(int signal): a handler, for a signal that is only to end a wait
; void signal_return(void): where handlers return to; rsp as the kernel has left it
signal_nothing:
	ret
signal_return:
	mov	eax, SYS_rt_sigreturn
	syscall
	hlt

; void *memcpy(void *to, const void *from, size_t bytes)
; void *memset(void *to, int value, size_t bytes)
; Compilers call these two by themselves.
memcpy:
	mov	rax, rdi
	mov	rcx, rdx
	rep movsb
	ret

memset:
	mov	r8, rdi
	mov	eax, esi
	mov	rcx, rdx
	rep stosb
	mov	rax, r8
	ret

section .note.GNU-stack noalloc noexec nowrite progbits
