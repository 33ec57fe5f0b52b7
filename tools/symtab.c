/*
 * symtab: `nm -n` of the kernel on stdin, a C file with the table of core/symbols.h on stdout.
 *
 * Functions alone, one name an address. Labels inside assembly functions ("memmove.words") are left
 * out; parts of functions that the compiler made ("foo.cold") stay. Nothing on stdin gives an empty
 * table, for the kernel's first link.
 */
#include "arch/memory_map.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct symbol {
	uint32_t offset;
	char *name;
};

static struct {
	struct symbol *symbol;
	size_t count, room;
	uint32_t text_end;
} table = { .text_end = UINT32_MAX };

static void fail(const char *what)
{
	fprintf(stderr, "symtab: %s\n", what);
	exit(1);
}

/* Is the part of a name behind its first dot one of the compiler's? */
static bool is_function_part(const char *suffix)
{
	static const char *const known[] = { ".part.", ".constprop.", ".isra.", ".cold", ".llvm." };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(suffix, known[i], strlen(known[i])) == 0)
			return true;
	return false;
}

static bool is_wanted(char type, const char *name)
{
	const char *dot = strchr(name, '.');

	return strchr("tTwW", type) && (!dot || (dot != name && is_function_part(dot)));
}

static void add(uint32_t offset, const char *name)
{
	struct symbol *last = table.count ? &table.symbol[table.count - 1] : NULL;

	/* Of several names prefer one that is not the linker script's (__text_start). */
	if (last && last->offset == offset) {
		if (strncmp(last->name, "__", 2) != 0)
			return;
		free(last->name);
		table.count--;
	}
	if (table.count == table.room) {
		table.room = table.room ? 2 * table.room : 1024;
		table.symbol = realloc(table.symbol, table.room * sizeof(table.symbol[0]));
		if (!table.symbol)
			fail("out of memory");
	}
	table.symbol[table.count].name = strdup(name);
	if (!table.symbol[table.count].name)
		fail("out of memory");
	table.symbol[table.count++].offset = offset;
}

static void read_line(const char *line)
{
	char type, name[512];
	uint64_t address;

	if (line[0] == ' ') /* undefined, hence weak: no address */
		return;
	if (sscanf(line, "%" SCNx64 " %c %511s", &address, &type, name) != 3)
		fail("not the output of nm -n");
	if (address < KERNEL_BASE)
		return;
	if (strcmp(name, "__text_end") == 0)
		table.text_end = (uint32_t)(address - KERNEL_BASE);
	else if (is_wanted(type, name))
		add((uint32_t)(address - KERNEL_BASE), name);
}

static void print_table(void)
{
	uint32_t at = 0;

	printf("/* Made by tools/symtab. */\n#include \"core/symbols.h\"\n\n"
	       "#define TABLE __attribute__((section(\".symbols\")))\n\n"
	       "const uint32_t symbol_count TABLE = %zu;\n"
	       "const uint32_t symbol_text_end TABLE = 0x%" PRIx32 "u;\n\n"
	       "const uint32_t symbol_offsets[] TABLE = {\n",
		table.count, table.text_end);
	for (size_t i = 0; i < table.count; i++)
		printf("\t0x%" PRIx32 ",\n", table.symbol[i].offset);
	printf("\t0,\n};\n\nconst uint32_t symbol_name_offsets[] TABLE = {\n");
	for (size_t i = 0; i < table.count; i++) {
		printf("\t%" PRIu32 ",\n", at);
		at += (uint32_t)strlen(table.symbol[i].name) + 1;
	}
	printf("\t0,\n};\n\nconst char symbol_names[] TABLE =\n");
	for (size_t i = 0; i < table.count; i++)
		printf("\t\"%s\\0\"\n", table.symbol[i].name);
	printf("\t\"\";\n");
}

int main(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin))
		read_line(line);
	print_table();
	if (fflush(stdout) || ferror(stdout))
		fail("cannot write");
	return 0;
}
