/*
 * Panic: say what is broken, as completely as can be done without trusting anything, and stop.
 *
 * A second panic on another CPU stops that one at once; one from inside the first says so and ends
 * as the first would have.
 */
#include "core/panic.h"
#include "arch/cpu.h"
#include "arch/interrupt.h"
#include "arch/machine.h"
#include "arch/memory_map.h"
#include "core/log.h"
#include "core/symbols.h"
#include "lib/assert.h"
#include "lib/format.h"

#include <stdarg.h>

#define TRACE_DEPTH 32

static struct {
	uint32_t started; /* [a] id + 1 of the CPU that was first */
	bool nested;      /* that CPU's: a panic came inside the panic */
	bool off;         /* [I] after boot */
} panics;

void panic_set_off(bool off)
{
	panics.off = off;
}

typedef void trace_line(const char *text, size_t bytes);

__printf(2, 3) static void print(trace_line *out, const char *format, ...)
{
	char line[LOG_LINE_BYTES];
	va_list args;
	va_start(args, format);
	int wanted = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	size_t bytes = min((size_t)wanted, sizeof(line) - 2);
	out(line, bytes);
}

static void print_address(trace_line *out, uint64_t address)
{
	uint64_t offset;
	const char *name = symbol_find(address, &offset);
	if (name)
		print(out, "  %016lx %s+0x%lx\n", address, name, offset);
	else
		print(out, "  %016lx\n", address);
}

/* Follow frame pointers: [rbp] is the caller's, [rbp + 8] the return address. They only ever go up,
 * and stay in kernel memory; anything else ends the walk. */
static void walk(trace_line *out, uint64_t rbp)
{
	for (unsigned i = 0; i < TRACE_DEPTH; i++) {
		if (rbp < DIRECT_MAP_BASE || (rbp & 7))
			return;
		const uint64_t *frame = (const uint64_t *)rbp;
		if (frame[1] < KERNEL_BASE)
			return;
		print_address(out, frame[1]);
		if (frame[0] <= rbp)
			return;
		rbp = frame[0];
	}
}

static void to_log(const char *text, size_t bytes)
{
	log_info("%.*s", (int)bytes - 1, text);
}

void stack_trace(const struct trap_frame *frame)
{
	if (frame)
		print_address(to_log, frame->rip);
	walk(to_log, frame ? frame->rbp : (uint64_t)__builtin_frame_address(0));
}

static void print_frame(const struct trap_frame *f)
{
	print(log_panic_text, "%s, error %lx, cr2 %016lx\n", trap_name((unsigned)f->vector),
		f->error, trap_fault_address());
	print(log_panic_text, "rip %016lx cs %04lx rflags %08lx rsp %016lx ss %04lx\n", f->rip,
		f->cs, f->rflags, f->rsp, f->ss);
	print(log_panic_text, "rax %016lx rbx %016lx rcx %016lx rdx %016lx\n", f->rax, f->rbx,
		f->rcx, f->rdx);
	print(log_panic_text, "rsi %016lx rdi %016lx rbp %016lx r8  %016lx\n", f->rsi, f->rdi,
		f->rbp, f->r8);
	print(log_panic_text, "r9  %016lx r10 %016lx r11 %016lx r12 %016lx\n", f->r9, f->r10,
		f->r11, f->r12);
	print(log_panic_text, "r13 %016lx r14 %016lx r15 %016lx\n", f->r13, f->r14, f->r15);
}

__noreturn static void finish(void)
{
	print(log_panic_text, "%s\n", panics.off ? "Powering off." : "System halted.");
	if (panics.off)
		machine_off();
	cpu_stop();
}

/* The first comes through; nobody else does. */
static void panic_enter(void)
{
	uint32_t own = this_cpu()->id + 1, first = 0;
	if (__atomic_compare_exchange_n(
		    &panics.started, &first, own, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return;
	if (first != own || panics.nested)
		cpu_stop();
	panics.nested = true;
	print(log_panic_text, "and another panic inside it.\n");
	finish();
}

__noreturn __printf(3, 0) static void panic_with(
	const struct trap_frame *frame, uint64_t rbp, const char *format, va_list args)
{
	char message[LOG_LINE_BYTES];

	irq_disable();
	panic_enter();
	if (cpu_count() > 1)
		nmi_send_others();

	log_panic_history();
	vsnprintf(message, sizeof(message), format, args);
	print(log_panic_text, "\nKernel panic: %.200s\n", message);
	print(log_panic_text, "CPU %u\n", this_cpu()->id);
	if (frame) {
		print_frame(frame);
		print(log_panic_text, "Stack trace:\n");
		print_address(log_panic_text, frame->rip);
		walk(log_panic_text, frame->rbp);
	} else {
		print(log_panic_text, "Stack trace:\n");
		walk(log_panic_text, rbp);
	}
	finish();
}

void panic(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	panic_with(NULL, (uint64_t)__builtin_frame_address(0), format, args);
}

void panic_frame(const struct trap_frame *frame, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	panic_with(frame, 0, format, args);
}

void assert_fail(const char *expression, const char *file, int line)
{
	panic("assertion failed: %s, %s:%d", expression, file, line);
}

/* The compiler calls this where a function finds its canary overwritten. */
__noreturn void __stack_chk_fail(void);
void __stack_chk_fail(void)
{
	panic("stack smashed in %p", __builtin_return_address(0));
}

void on_fatal_trap(struct trap_frame *frame)
{
	uint32_t first = __atomic_load_n(&panics.started, __ATOMIC_ACQUIRE);
	if (frame->vector == TRAP_NMI && first == this_cpu()->id + 1)
		return; /* let it finish */
	if (frame->vector == TRAP_NMI && first)
		cpu_stop(); /* another CPU has panicked and wants quiet */
	panic_frame(frame, "%s", trap_name((unsigned)frame->vector));
}
