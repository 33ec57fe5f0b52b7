/*
 * What the compiler calls where a DEBUG=1 kernel does something undefined (-fsanitize=undefined):
 * each kind has a function of its own, and each gets a record that begins with the place in the
 * source.
 */
#include "core/panic.h"
#include "lib/compiler.h"

#include <stdint.h>

struct source_location {
	const char *file;
	uint32_t line, column;
};

__noreturn static void report(const char *what, const struct source_location *at)
{
	panic("undefined behaviour: %s at %s:%u:%u", what, at->file, at->line, at->column);
}

#define HANDLER(name, what)                                                                        \
	void __ubsan_handle_##name(const struct source_location *at);                              \
	void __ubsan_handle_##name(const struct source_location *at)                               \
	{                                                                                          \
		report(what, at);                                                                  \
	}

/* The other arguments of a handler (values, in registers) are not looked at. */
HANDLER(type_mismatch_v1, "null or misfit pointer")
HANDLER(pointer_overflow, "pointer arithmetic beyond the object")
HANDLER(out_of_bounds, "array index out of bounds")
HANDLER(shift_out_of_bounds, "shift count out of bounds")
HANDLER(add_overflow, "addition overflow")
HANDLER(sub_overflow, "subtraction overflow")
HANDLER(mul_overflow, "multiplication overflow")
HANDLER(negate_overflow, "negation overflow")
HANDLER(divrem_overflow, "division overflow or by zero")
HANDLER(load_invalid_value, "value that its type does not have")
HANDLER(nonnull_arg, "null argument where none is allowed")
HANDLER(builtin_unreachable, "unreachable code reached")
HANDLER(missing_return, "end of a function that returns a value")
HANDLER(invalid_builtin, "argument that a builtin does not allow")
HANDLER(vla_bound_not_positive, "array of no or negative length")
HANDLER(function_type_mismatch, "call through a pointer of another type")
