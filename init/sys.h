#ifndef INIT_SYS_H
#define INIT_SYS_H
/*
 * init's whole library: system calls as functions, and a few words about strings. Each sys_
 * function returns what the kernel returns: a value, or -errno.
 */
#include <stddef.h>
#include <stdint.h>

enum {
#define SYSCALL(number, name)         SYS_##name = number,
#define SYSCALL_MISSING(number, name) SYS_##name = number,
#include "abi/syscalls.def"
};

/* The system call instruction; up to six arguments, the rest is 0. In start.asm. */
long syscall_raw(long number, long a, long b, long c, long d, long e, long f);

/*
 * Calls run(argument) in a child that shares our memory and runs on the stack that ends at
 * `stack_end`; we go on when it has called execve or exit. Returns its process number or -errno.
 * `run` does not return. In start.asm, since the child comes back from clone() on an empty stack.
 */
long spawn(void (*run)(void *), void *argument, void *stack_end);

/* A handler that does nothing, and what it returns to (SA_RESTORER). In start.asm. */
void signal_nothing(int signal);
void signal_return(void);

#define sys1(name, a)       syscall_raw(SYS_##name, (long)(a), 0, 0, 0, 0, 0)
#define sys2(name, a, b)    syscall_raw(SYS_##name, (long)(a), (long)(b), 0, 0, 0, 0)
#define sys3(name, a, b, c) syscall_raw(SYS_##name, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define sys4(name, a, b, c, d)                                                                     \
	syscall_raw(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define sys6(name, a, b, c, d, e, f)                                                               \
	syscall_raw(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

size_t text_length(const char *text);
int text_equal(const char *a, const char *b);

/* Appends `more`, or a number in decimal, to the string in `text`; what does not fit is cut. */
void text_add(char *text, size_t size, const char *more);
void text_add_number(char *text, size_t size, long number);

/* Writes all of it; gives up at the first error. */
void write_all(int fd, const void *data, size_t bytes);

/* A line on the console: "init: MESSAGE", with the number behind it unless it is 0. */
void say(const char *message, long number);

/* Sleeps a millisecond. */
void pause_1ms(void);

/* Turns the machine off; does not return. */
__attribute__((noreturn)) void power_off(void);

#endif
