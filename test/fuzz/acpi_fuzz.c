/*
 * arch/x86/acpi.h on any memory: the input is physical memory from PADDR on, its root pointer
 * first. Checksums would stop nearly every input at the door, so each table is given a right one on
 * the way in, where its length lets it have one.
 *
 * links: stage2/arch/x86/acpi_tables.c
 */
#include "arch/x86/acpi.h"

#include <stdlib.h>
#include <string.h>

#define PADDR 0x1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

struct memory {
	uint8_t *bytes;
	size_t size;
};

static void mend(uint8_t *area, size_t bytes, uint8_t *checksum)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + area[i]);
	*checksum = (uint8_t)(*checksum - sum);
}

/* Only the very bytes asked for are given, in memory of their own, so that ASan sees any step too
 * far. Freed when the tables have been read. */
struct window {
	struct window *next;
	uint8_t bytes[];
};

static struct window *windows;

static const uint8_t *window_open(const uint8_t *bytes, size_t count)
{
	struct window *window = malloc(sizeof(*window) + count);

	memcpy(window->bytes, bytes, count);
	window->next = windows;
	windows = window;
	return window->bytes;
}

static void windows_close(void)
{
	while (windows) {
		struct window *next = windows->next;

		free(windows);
		windows = next;
	}
}

static const uint8_t *map(void *data, paddr_t paddr, size_t bytes)
{
	struct memory *memory = data;

	if (paddr < PADDR || paddr - PADDR > memory->size || bytes > memory->size - (paddr - PADDR))
		return NULL;
	if (bytes >= 36 && paddr != PADDR)
		mend(memory->bytes + (paddr - PADDR), bytes, memory->bytes + (paddr - PADDR) + 9);
	return window_open(memory->bytes + (paddr - PADDR), bytes);
}

static void check(bool condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct memory memory = { malloc(bytes + 36), bytes + 36 };
	struct acpi_info info;
	const char *bad;

	memset(memory.bytes, 0, memory.size);
	memcpy(memory.bytes, data, bytes);
	memcpy(memory.bytes, "RSD PTR ", 8);
	mend(memory.bytes, 20, memory.bytes + 8);
	mend(memory.bytes, 36, memory.bytes + 32);
	(void)!acpi_read_tables(map, &memory, PADDR, &info, &bad);
	check(info.cpu_count <= CPU_MAX);
	check(info.ioapic_count <= ACPI_IOAPIC_MAX);
	check(info.override_count <= ACPI_OVERRIDE_MAX);
	for (unsigned i = 0; i < info.override_count; i++)
		check(info.overrides[i].irq < 16);
	check(!info.has_s5 || (info.s5_type_a <= 7 && info.s5_type_b <= 7));
	windows_close();
	free(memory.bytes);
	return 0;
}
