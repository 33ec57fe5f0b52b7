/*
 * A plugin of QEMU's emulator that counts the instructions a machine of one CPU executes, exactly:
 * one counter an address, added to by the translated code itself.
 *
 *	-plugin count.so,out=FILE[,mark=on][,at=NAME:ADDRESS:BYTES ...]
 *
 *	mark=on   count between the two no-ops that test/bench/bench.c has around what it measures;
 *		  FILE is then "marks N", and a line "ADDRESS COUNT" for each instruction
 *	at=...    when the instruction at ADDRESS, which must begin these BYTES (hexadecimal), is
 *		  executed for the first time: a line "NAME COUNT" of all that was before it
 *
 * A string instruction counts as often as it is repeated, as it does for -icount.
 *
 * Debian's QEMU comes without the header of its plugins' interface (version 1, QEMU 4.2 and later):
 * what is used of it is declared here.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the interface --------------------------------------------------------------------------- */

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { CALLBACK_NO_REGISTERS = 0, INLINE_ADD_U64 = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(
	plugin_id id, void (*translated)(plugin_id id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
	void (*executed)(unsigned cpu, void *data), int registers, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(
	struct qemu_plugin_insn *insn, int operation, void *counter, uint64_t amount);
void qemu_plugin_register_atexit_cb(
	plugin_id id, void (*at_exit)(plugin_id id, void *data), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

EXPORT int qemu_plugin_version = 1;
EXPORT int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv);

/* ---- counters: a table by address ------------------------------------------------------------ */

#define TABLE_BITS 22 /* four million: Linux's boot has half a million addresses */
#define TABLE_SIZE ((size_t)1 << TABLE_BITS)

struct counter {
	uint64_t address; /* 0: unused. Nothing is executed there */
	uint64_t count;   /* since the machine was started */
	uint64_t at_mark; /* when counting began */
	uint64_t counted; /* between marks, all in all */
};

static struct counter *counters;
static size_t used;
static uint64_t marks;
static bool marking;
static FILE *out;

static struct counter *counter_of(uint64_t address)
{
	size_t i = (address * 0x9e3779b97f4a7c15u) >> (64 - TABLE_BITS);

	while (counters[i].address && counters[i].address != address)
		i = (i + 1) % TABLE_SIZE;
	if (!counters[i].address && ++used > TABLE_SIZE / 2) {
		fprintf(stderr, "count.so: more instructions than there is room for\n");
		exit(1);
	}
	counters[i].address = address;
	return &counters[i];
}

static void begin(unsigned cpu, void *data)
{
	for (size_t i = 0; i < TABLE_SIZE; i++)
		counters[i].at_mark = counters[i].count;
	marks++;
}

static void end(unsigned cpu, void *data)
{
	for (size_t i = 0; i < TABLE_SIZE; i++)
		counters[i].counted += counters[i].count - counters[i].at_mark;
}

/* ---- places ---------------------------------------------------------------------------------- */

#define PLACES_MAX 8
#define BYTES_MAX  16

static struct place {
	char *name;
	uint64_t address;
	uint8_t bytes[BYTES_MAX];
	size_t length;
	bool reached;
} places[PLACES_MAX];
static size_t place_count;

static void reach(unsigned cpu, void *data)
{
	struct place *place = data;
	uint64_t sum = 0;

	if (place->reached)
		return;
	place->reached = true;
	for (size_t i = 0; i < TABLE_SIZE; i++)
		sum += counters[i].count;
	fprintf(out, "%s %llu\n", place->name, (unsigned long long)sum);
}

/* NAME:ADDRESS:BYTES */
static bool place_parse(char *text)
{
	struct place *place = &places[place_count];
	char *address = strchr(text, ':'), *bytes = address ? strchr(address + 1, ':') : NULL;

	if (!bytes || place_count == PLACES_MAX)
		return false;
	place->name = strndup(text, address - text);
	place->address = strtoull(address + 1, NULL, 16);
	for (bytes++; bytes[0] && bytes[1] && place->length < BYTES_MAX; bytes += 2) {
		char digits[] = { bytes[0], bytes[1], 0 };

		place->bytes[place->length++] = strtoul(digits, NULL, 16);
	}
	place_count++;
	return true;
}

/* ---- translation ----------------------------------------------------------------------------- */

static const uint8_t mark_bytes[] = { 0x0f, 0x1f, 0x80, 0, 'r', 'o', 'C' };

static void watch_mark(struct qemu_plugin_insn *insn)
{
	const uint8_t *bytes = qemu_plugin_insn_data(insn);

	if (qemu_plugin_insn_size(insn) != sizeof(mark_bytes) || memcmp(bytes, mark_bytes, 3) ||
		memcmp(bytes + 4, mark_bytes + 4, 3))
		return;
	qemu_plugin_register_vcpu_insn_exec_cb(
		insn, bytes[3] == 1 ? begin : end, CALLBACK_NO_REGISTERS, NULL);
}

static void watch_places(struct qemu_plugin_insn *insn, uint64_t address)
{
	size_t size = qemu_plugin_insn_size(insn);

	for (struct place *place = places; place < places + place_count; place++)
		if (place->address == address &&
			!memcmp(qemu_plugin_insn_data(insn), place->bytes,
				size < place->length ? size : place->length))
			qemu_plugin_register_vcpu_insn_exec_cb(
				insn, reach, CALLBACK_NO_REGISTERS, place);
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);

		if (marking)
			watch_mark(insn);
		watch_places(insn, address);
		qemu_plugin_register_vcpu_insn_exec_inline(
			insn, INLINE_ADD_U64, &counter_of(address)->count, 1);
	}
}

static void at_exit(plugin_id id, void *data)
{
	if (marking)
		fprintf(out, "marks %llu\n", (unsigned long long)marks);
	for (size_t i = 0; marking && i < TABLE_SIZE; i++)
		if (counters[i].counted)
			fprintf(out, "%llx %llu\n", (unsigned long long)counters[i].address,
				(unsigned long long)counters[i].counted);
	fclose(out);
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out = fopen(argv[i] + 4, "w");
		else if (!strcmp(argv[i], "mark=on"))
			marking = true;
		else if (strncmp(argv[i], "at=", 3) || !place_parse(argv[i] + 3))
			return 1;
	}
	counters = calloc(TABLE_SIZE, sizeof(*counters));
	if (!out || !counters)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, at_exit, NULL);
	return 0;
}
