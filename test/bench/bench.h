/*
 * What the files of this program share: the form of a row, and bare system calls.
 *
 * A row is an operation of the kernel's that is worth knowing the price of. Most are asked for
 * many times in a loop; where an operation uses something up (a page that is touched is there from
 * then on), `before` and `after`, which are not counted, bring in a new supply for each go.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>

#define PAGE 4096

struct row {
	const char *name, *text;
	void (*run)(unsigned times);
	unsigned times, goes;       /* operations in a go, goes in a round */
	bool (*begin)(unsigned of); /* once; false: the kernel does not have what it takes */
	unsigned of;                /* how many, how long ... */
	void (*before)(unsigned times), (*after)(unsigned times);
	void (*end)(void);
};

extern const struct row rows[];
extern const unsigned row_count;
extern const char *self; /* this program's path; with the argument "exit" it does just that */
extern char buffer[16 * PAGE];

/* Says what failed, and errno, and ends the program. */
void fail(const char *what) __attribute__((noreturn));

static inline long call3(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long call0(long number)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number) : "rcx", "r11", "memory");
	return result;
}

static inline long call6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

/* calls.c */
void null_call(unsigned times);
bool zero_open(unsigned of);
void read_1(unsigned times);
bool null_open(unsigned of);
void write_1(unsigned times);
void fd_close(void);
void yield_alone(unsigned times);
bool signal_catch(unsigned of);
void signal_self(unsigned times);
bool many_open(unsigned of);
bool many_open_last(unsigned of);
void many_close(void);
void poll_many(unsigned times);
void select_many(unsigned times);
bool epoll_open(unsigned of);
void epoll_close(void);
void epoll_many(unsigned times);

/* talk.c */
bool yielder_start(unsigned of);
void yielder_stop(void);
void yield_both(unsigned times);
bool pipe_start(unsigned of);
bool unix_start(unsigned of);
void echo_stop(void);
void echo_byte(unsigned times);
bool futex_start(unsigned of);
void futex_stop(void);
void futex_turn(unsigned times);
bool ring_start(unsigned of);
void ring_stop(void);
void ring_hop(unsigned times);

/* processes.c */
bool sleepers_start(unsigned of);
void sleepers_stop(void);
void fork_exit(unsigned times);
void fork_exec(unsigned times);
void vfork_exec(unsigned times);
void thread_join(unsigned times);

/* memory.c */
void pages_map(unsigned times);
void pages_fill(unsigned times);
void pages_unmap(unsigned times);
void touch(unsigned times);
void cow_prepare(unsigned times);
void cow_end(unsigned times);
bool mapped_file_open(unsigned of);
void file_map_shared(unsigned times);
void file_map_private(unsigned times);
void read_pages(unsigned times);
bool neighbour_map(unsigned of);
void neighbour_unmap(void);
void map_unmap(unsigned times);
void map_touch_unmap(unsigned times);
void unmap_each(unsigned times);
bool brk_prepare(unsigned of);
void brk_grow_shrink(unsigned times);

/* files.c */
bool file_open(unsigned of);
void file_close(void);
void open_close(unsigned times);
bool path_make(unsigned of);
void path_remove(void);
void stat_path(unsigned times);
void create_unlink(unsigned times);
void pread_1(unsigned times);
void pread_page(unsigned times);
void pwrite_page(unsigned times);
void pipe_make(unsigned times);

#endif
