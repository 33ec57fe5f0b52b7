/*
 * vsnprintf. Each conversion is first read into a struct spec (flags, width, precision, length),
 * then printed by one function for numbers and one for text; all output goes through out_char,
 * which alone knows where the buffer ends. No locale, no floating point.
 */
#include "lib/format.h"
#include "lib/string.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct out {
	char *buffer;
	size_t bytes;  /* of the buffer */
	size_t length; /* of the text so far, had there been room */
};

struct spec {
	bool left, zero, plus, space, alternate;
	int width;
	int precision; /* -1: none given */
	int size;      /* of the argument in bytes */
	char conversion;
};

static void out_char(struct out *out, char c)
{
	if (out->length + 1 < out->bytes)
		out->buffer[out->length] = c;
	out->length++;
}

static void out_pad(struct out *out, char c, int count)
{
	while (count-- > 0)
		out_char(out, c);
}

static void out_bytes(struct out *out, const char *text, int count)
{
	while (count-- > 0)
		out_char(out, *text++);
}

static void put_text(struct out *out, const struct spec *spec, const char *text, int count)
{
	int pad = spec->width - count;

	if (!spec->left)
		out_pad(out, ' ', pad);
	out_bytes(out, text, count);
	if (spec->left)
		out_pad(out, ' ', pad);
}

/* The digits of value, backwards, to the end of a buffer; returns how many. 0 has none. */
static int digits_make(char *end, uint64_t value, unsigned base, bool capitals)
{
	const char *letters = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
	int count = 0;

	for (; value; value /= base, count++)
		*--end = letters[value % base];
	return count;
}

static const char *number_prefix(const struct spec *spec, uint64_t value, bool negative)
{
	switch (spec->conversion) {
	case 'p':
		return "0x";
	case 'x':
		return spec->alternate && value ? "0x" : "";
	case 'X':
		return spec->alternate && value ? "0X" : "";
	case 'd':
		return negative ? "-" : spec->plus ? "+" : spec->space ? " " : "";
	default:
		return "";
	}
}

static unsigned number_base(char conversion)
{
	switch (conversion) {
	case 'o':
		return 8;
	case 'x':
	case 'X':
	case 'p':
		return 16;
	default:
		return 10;
	}
}

/* [blanks] [prefix] [zeros] digits [blanks], as C says for each flag. */
static void put_number(struct out *out, const struct spec *spec, uint64_t value, bool negative)
{
	char buffer[24]; /* 2^64 has 22 octal digits */
	char *end = buffer + sizeof(buffer);
	const char *prefix = number_prefix(spec, value, negative);
	int prefix_length = (int)strlen(prefix);
	int count = digits_make(end, value, number_base(spec->conversion), spec->conversion == 'X');
	int zeros = (spec->precision < 0 ? 1 : spec->precision) - count;
	int pad;

	if (spec->conversion == 'o' && spec->alternate && zeros < 1)
		zeros = 1;
	if (zeros < 0)
		zeros = 0;
	pad = spec->width - prefix_length - zeros - count;
	if (spec->zero && !spec->left && spec->precision < 0 && pad > 0) {
		zeros += pad;
		pad = 0;
	}
	if (!spec->left)
		out_pad(out, ' ', pad);
	out_bytes(out, prefix, prefix_length);
	out_pad(out, '0', zeros);
	out_bytes(out, end - count, count);
	if (spec->left)
		out_pad(out, ' ', pad);
}

static const char *read_flags(const char *at, struct spec *spec)
{
	for (;; at++) {
		switch (*at) {
		case '-':
			spec->left = true;
			break;
		case '0':
			spec->zero = true;
			break;
		case '+':
			spec->plus = true;
			break;
		case ' ':
			spec->space = true;
			break;
		case '#':
			spec->alternate = true;
			break;
		default:
			return at;
		}
	}
}

static const char *read_count(const char *at, int *count)
{
	int value = 0;

	for (; *at >= '0' && *at <= '9'; at++)
		if (value < INT_MAX / 10 - 10)
			value = value * 10 + (*at - '0');
	*count = value;
	return at;
}

static const char *read_size(const char *at, struct spec *spec)
{
	switch (*at) {
	case 'h':
		spec->size = at[1] == 'h' ? sizeof(char) : sizeof(short);
		return at + (at[1] == 'h' ? 2 : 1);
	case 'l':
		spec->size = sizeof(long);
		return at + (at[1] == 'l' ? 2 : 1);
	case 'z':
	case 't':
	case 'j':
		spec->size = sizeof(long);
		return at + 1;
	default:
		spec->size = sizeof(int);
		return at;
	}
}

/* va_list is an array where it is a parameter: wrapped, it can be passed on by address. */
struct args {
	va_list list;
};

static const char *read_spec(const char *at, struct spec *spec, struct args *args)
{
	*spec = (struct spec){ .precision = -1 };
	at = read_flags(at, spec);
	if (*at == '*') {
		spec->width = va_arg(args->list, int);
		at++;
	} else {
		at = read_count(at, &spec->width);
	}
	if (spec->width < 0) {
		spec->left = true;
		spec->width = spec->width == INT_MIN ? 0 : -spec->width;
	}
	if (at[0] == '.' && at[1] == '*') {
		spec->precision = va_arg(args->list, int);
		at += 2;
	} else if (*at == '.') {
		at = read_count(at + 1, &spec->precision);
	}
	at = read_size(at, spec);
	spec->conversion = *at == 'i' ? 'd' : *at;
	return *at ? at + 1 : at;
}

static int64_t arg_signed(const struct spec *spec, struct args *args)
{
	int64_t value =
		spec->size == sizeof(long) ? va_arg(args->list, long) : va_arg(args->list, int);

	return spec->size == sizeof(char)    ? (signed char)value
	       : spec->size == sizeof(short) ? (short)value
	                                     : value;
}

static uint64_t arg_unsigned(const struct spec *spec, struct args *args)
{
	uint64_t value = spec->size == sizeof(long) ? va_arg(args->list, unsigned long)
	                                            : va_arg(args->list, unsigned);

	return spec->size == sizeof(char)    ? (unsigned char)value
	       : spec->size == sizeof(short) ? (unsigned short)value
	                                     : value;
}

static void put_string(struct out *out, const struct spec *spec, const char *text)
{
	size_t max = spec->precision < 0 ? INT_MAX : (size_t)spec->precision;

	if (!text)
		text = "(null)";
	put_text(out, spec, text, (int)strnlen(text, max));
}

/* One conversion; false where there is none such. */
static bool put_conversion(struct out *out, struct spec *spec, struct args *args)
{
	int64_t number;
	char c;

	switch (spec->conversion) {
	case 'd':
		number = arg_signed(spec, args);
		put_number(
			out, spec, number < 0 ? -(uint64_t)number : (uint64_t)number, number < 0);
		return true;
	case 'p':
		spec->size = sizeof(void *);
		/* fallthrough */
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_number(out, spec, arg_unsigned(spec, args), false);
		return true;
	case 's':
		put_string(out, spec, va_arg(args->list, const char *));
		return true;
	case 'c':
		c = (char)va_arg(args->list, int);
		put_text(out, spec, &c, 1);
		return true;
	case '%':
		out_char(out, '%');
		return true;
	default:
		return false;
	}
}

int vsnprintf(char *buffer, size_t bytes, const char *format, va_list list)
{
	struct out out = { .buffer = buffer, .bytes = bytes };
	struct args args;

	va_copy(args.list, list);
	while (*format) {
		const char *start = format;
		struct spec spec;

		if (*format != '%') {
			out_char(&out, *format++);
			continue;
		}
		format = read_spec(format + 1, &spec, &args);
		if (!put_conversion(&out, &spec, &args))
			out_bytes(&out, start, (int)(format - start));
	}
	va_end(args.list);
	if (bytes > 0)
		buffer[out.length < bytes ? out.length : bytes - 1] = 0;
	return out.length < INT_MAX ? (int)out.length : INT_MAX;
}

int snprintf(char *buffer, size_t bytes, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(buffer, bytes, format, args);
	va_end(args);
	return length;
}

size_t scnprintf(char *buffer, size_t bytes, const char *format, ...)
{
	va_list args;
	size_t length;

	va_start(args, format);
	length = (size_t)vsnprintf(buffer, bytes, format, args);
	va_end(args);
	return length < bytes ? length : bytes - (bytes > 0);
}
