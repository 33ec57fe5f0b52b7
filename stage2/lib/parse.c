/*
 * Numbers and options out of text. Strict: a number is the whole text or it is none.
 */
#include "lib/parse.h"
#include "abi/errno.h"
#include "lib/string.h"

/* The value of a digit in any base up to 16; 16 for what is no digit. */
static unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 16;
}

/* Reads digits up to the first character that is none; at least one has to be there. */
static int read_digits(const char **at, unsigned base, uint64_t *value)
{
	uint64_t sum = 0;
	bool fits = true;

	if (digit_value(**at) >= base)
		return -EINVAL;
	for (; digit_value(**at) < base; (*at)++)
		if (__builtin_mul_overflow(sum, base, &sum) ||
			__builtin_add_overflow(sum, digit_value(**at), &sum))
			fits = false;
	if (!fits)
		return -ERANGE;
	*value = sum;
	return 0;
}

static int read_number(const char **at, uint64_t *value)
{
	if ((*at)[0] == '0' && ((*at)[1] == 'x' || (*at)[1] == 'X')) {
		*at += 2;
		return read_digits(at, 16, value);
	}
	return read_digits(at, **at == '0' ? 8 : 10, value);
}

int parse_u64(const char *text, uint64_t *value)
{
	uint64_t number;
	int error = read_number(&text, &number);

	if (*text)
		return -EINVAL;
	if (error)
		return error;
	*value = number;
	return 0;
}

/* How far a suffix shifts; -1 for no suffix of ours. */
static int suffix_shift(const char *suffix)
{
	static const char letters[] = "KMGTPEkmgtpe";
	const char *letter;

	if (!*suffix)
		return 0;
	letter = strchr(letters, *suffix);
	return letter && !suffix[1] ? 10 * (int)((letter - letters) % 6 + 1) : -1;
}

int parse_size(const char *text, uint64_t *bytes)
{
	uint64_t number = 0;
	int error = read_number(&text, &number);
	int shift = suffix_shift(text);

	if (shift < 0)
		return -EINVAL;
	if (error)
		return error;
	if (number << shift >> shift != number)
		return -ERANGE;
	*bytes = number << shift;
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static size_t word_length(const char *at)
{
	size_t length = 0;

	while (at[length] && !is_blank(at[length]))
		length++;
	return length;
}

/* Where the value of the option begins if this word is it, otherwise NULL. */
static const char *word_value(const char *word, size_t length, const char *name)
{
	size_t name_length = strlen(name);

	if (length < name_length || memcmp(word, name, name_length) != 0)
		return NULL;
	if (length == name_length)
		return word + length;
	return word[name_length] == '=' ? word + name_length + 1 : NULL;
}

int parse_option(const char *cmdline, const char *name, char *value, size_t value_bytes)
{
	const char *found = NULL;
	size_t found_length = 0;

	while (*cmdline) {
		size_t length = word_length(cmdline);
		const char *at = word_value(cmdline, length, name);

		if (at) {
			found = at;
			found_length = (size_t)(cmdline + length - at);
		}
		cmdline += length;
		while (is_blank(*cmdline))
			cmdline++;
	}
	if (!found)
		return -ENOENT;
	if (found_length >= value_bytes)
		return -ERANGE;
	memcpy(value, found, found_length);
	value[found_length] = 0;
	return 0;
}

bool parse_next_option(char **text, char **name, char **value)
{
	char *comma, *equals;

	while (**text == ',')
		(*text)++;
	if (!**text)
		return false;
	*name = *text;
	comma = strchr(*text, ',');
	*text = comma ? comma + 1 : *text + strlen(*text);
	if (comma)
		*comma = '\0';
	equals = strchr(*name, '=');
	*value = equals ? equals + 1 : NULL;
	if (equals)
		*equals = '\0';
	return true;
}
